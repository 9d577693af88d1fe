//! DaemonSets.

use super::{
    Kind, Object, condition::ControllerCondition, int_or_string::IntOrString, metadata::ObjectMeta,
    pod_spec::PodTemplateSpec, selector::LabelSelector, shared::Pool,
};
use serde::Deserialize;

/// A DaemonSet.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSet {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: DaemonSetSpec,
    #[prost(message, required, tag = "3")]
    pub status: DaemonSetStatus,
}

impl Object for DaemonSet {
    const KIND: Kind = Kind::DaemonSet;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.trim();
        self.spec.template.trim();
    }

    fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        self.spec.template.share(pool);
    }
}

/// What a DaemonSet wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSetSpec {
    #[prost(message, optional, tag = "1")]
    pub selector: Option<LabelSelector>,
    #[prost(message, required, tag = "2")]
    pub template: PodTemplateSpec,
    #[prost(message, required, tag = "3")]
    pub update_strategy: DaemonSetUpdateStrategy,
    #[prost(int32, tag = "4")]
    pub min_ready_seconds: i32,
    #[prost(int32, optional, tag = "6")]
    pub revision_history_limit: Option<i32>,
}

/// How pods are replaced.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSetUpdateStrategy {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(message, optional, tag = "2")]
    pub rolling_update: Option<RollingUpdateDaemonSet>,
}

/// How many pods may be missing or extra meanwhile.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdateDaemonSet {
    #[prost(message, optional, tag = "1")]
    pub max_unavailable: Option<IntOrString>,
    #[prost(message, optional, tag = "2")]
    pub max_surge: Option<IntOrString>,
}

/// What a DaemonSet has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSetStatus {
    #[prost(int32, tag = "1")]
    pub current_number_scheduled: i32,
    #[prost(int32, tag = "2")]
    pub number_misscheduled: i32,
    #[prost(int32, tag = "3")]
    pub desired_number_scheduled: i32,
    #[prost(int32, tag = "4")]
    pub number_ready: i32,
    #[prost(int64, tag = "5")]
    pub observed_generation: i64,
    #[prost(int32, tag = "6")]
    pub updated_number_scheduled: i32,
    #[prost(int32, tag = "7")]
    pub number_available: i32,
    #[prost(int32, tag = "8")]
    pub number_unavailable: i32,
    #[prost(message, repeated, tag = "10")]
    pub conditions: Vec<ControllerCondition>,
}
