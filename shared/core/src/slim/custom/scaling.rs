//! Autoscalers besides the one of Kubernetes: KEDA, and the vertical one.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::Kind;
use crate::slim::condition::Condition;
use serde::Deserialize;

/// What KEDA scales.
pub type ScaledObject = Custom<ScaledObjectSpec, Conditions>;

/// What is scaled.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaledObjectSpec {
    pub scale_target_ref: ScaleTarget,
}

impl CustomSpec for ScaledObjectSpec {
    const KIND: Kind = Kind::ScaledObject;
}

/// A workload; a Deployment, unless another kind is named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ScaleTarget {
    pub kind: String,
    pub name: String,
}

/// What resizes the pods of a workload.
pub type VerticalPodAutoscaler = Custom<VerticalPodAutoscalerSpec, VerticalPodAutoscalerStatus>;

/// What is resized, and whether.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerticalPodAutoscalerSpec {
    pub target_ref: ScaleTarget,
    pub update_policy: UpdatePolicy,
    pub resource_policy: ResourcePolicy,
}

impl CustomSpec for VerticalPodAutoscalerSpec {
    const KIND: Kind = Kind::VerticalPodAutoscaler;
}

/// Whether what is recommended is done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdatePolicy {
    pub update_mode: Option<String>,
}

/// What is resized of which container.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourcePolicy {
    pub container_policies: Vec<ContainerPolicy>,
}

/// What is resized of one container; both CPU and memory, unless some are named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPolicy {
    pub mode: Option<String>,
    pub controlled_resources: Option<Vec<String>>,
}

/// What was recommended.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerticalPodAutoscalerStatus {
    pub conditions: Vec<Condition>,
    pub recommendation: Option<Recommendation>,
}

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Recommendation {}
