//! Horizontal pod autoscalers.

use super::{Kind, Object, condition::ControllerCondition, metadata::ObjectMeta, quantity::Quantity, time::Time};
use serde::Deserialize;

/// A horizontal pod autoscaler.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HorizontalPodAutoscaler {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: HorizontalPodAutoscalerSpec,
    #[prost(message, required, tag = "3")]
    pub status: HorizontalPodAutoscalerStatus,
}

impl Object for HorizontalPodAutoscaler {
    const KIND: Kind = Kind::HorizontalPodAutoscaler;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What is scaled, by what, between which bounds.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HorizontalPodAutoscalerSpec {
    #[prost(message, required, tag = "1")]
    pub scale_target_ref: CrossVersionObjectReference,
    #[prost(int32, optional, tag = "2")]
    pub min_replicas: Option<i32>,
    #[prost(int32, tag = "3")]
    pub max_replicas: i32,
    #[prost(message, repeated, tag = "4")]
    pub metrics: Vec<MetricSpec>,
}

/// Names the object that is scaled or measured.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CrossVersionObjectReference {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(string, tag = "3")]
    pub api_version: String,
}

/// One metric; the member that `type_` names is set.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetricSpec {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(message, optional, tag = "2")]
    pub object: Option<ObjectMetricSource>,
    #[prost(message, optional, tag = "3")]
    pub pods: Option<PodsMetricSource>,
    #[prost(message, optional, tag = "4")]
    pub resource: Option<ResourceMetricSource>,
    #[prost(message, optional, tag = "7")]
    pub container_resource: Option<ContainerResourceMetricSource>,
    #[prost(message, optional, tag = "5")]
    pub external: Option<ExternalMetricSource>,
}

/// A metric of one object.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMetricSource {
    #[prost(message, required, tag = "1")]
    pub described_object: CrossVersionObjectReference,
    #[prost(message, required, tag = "3")]
    pub metric: MetricIdentifier,
}

/// A metric of each pod.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodsMetricSource {
    #[prost(message, required, tag = "1")]
    pub metric: MetricIdentifier,
}

/// A metric from outside the cluster.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalMetricSource {
    #[prost(message, required, tag = "1")]
    pub metric: MetricIdentifier,
}

/// Name of a metric.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetricIdentifier {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// CPU or memory of all containers.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceMetricSource {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub target: MetricTarget,
}

/// CPU or memory of one container.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerResourceMetricSource {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub target: MetricTarget,
    #[prost(string, tag = "3")]
    pub container: String,
}

/// The value aimed at.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetricTarget {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(message, optional, tag = "2")]
    pub value: Option<Quantity>,
    #[prost(message, optional, tag = "3")]
    pub average_value: Option<Quantity>,
    #[prost(int32, optional, tag = "4")]
    pub average_utilization: Option<i32>,
}

/// What the autoscaler decided.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HorizontalPodAutoscalerStatus {
    #[prost(int64, optional, tag = "1")]
    pub observed_generation: Option<i64>,
    #[prost(message, optional, tag = "2")]
    pub last_scale_time: Option<Time>,
    #[prost(int32, tag = "3")]
    pub current_replicas: i32,
    #[prost(int32, tag = "4")]
    pub desired_replicas: i32,
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<ControllerCondition>,
}
