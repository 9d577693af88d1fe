//! StatefulSets.

use super::{
    Kind, Object, condition::ControllerCondition, int_or_string::IntOrString, metadata::ObjectMeta,
    persistent_volume_claim::PersistentVolumeClaim, pod_spec::PodTemplateSpec, selector::LabelSelector, shared::Pool,
};
use serde::Deserialize;

/// A StatefulSet.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSet {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: StatefulSetSpec,
    #[prost(message, required, tag = "3")]
    pub status: StatefulSetStatus,
}

impl Object for StatefulSet {
    const KIND: Kind = Kind::StatefulSet;

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

/// What a StatefulSet wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSetSpec {
    #[prost(int32, optional, tag = "1")]
    pub replicas: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub selector: Option<LabelSelector>,
    #[prost(message, required, tag = "3")]
    pub template: PodTemplateSpec,
    #[prost(message, repeated, tag = "4")]
    pub volume_claim_templates: Vec<PersistentVolumeClaim>,
    #[prost(string, tag = "5")]
    pub service_name: String,
    #[prost(string, tag = "6")]
    pub pod_management_policy: String,
    #[prost(message, required, tag = "7")]
    pub update_strategy: StatefulSetUpdateStrategy,
    #[prost(int32, optional, tag = "8")]
    pub revision_history_limit: Option<i32>,
    #[prost(int32, tag = "9")]
    pub min_ready_seconds: i32,
    #[prost(message, optional, tag = "10")]
    pub persistent_volume_claim_retention_policy: Option<ClaimRetentionPolicy>,
    #[prost(message, optional, tag = "11")]
    pub ordinals: Option<StatefulSetOrdinals>,
}

/// How pods are replaced.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSetUpdateStrategy {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(message, optional, tag = "2")]
    pub rolling_update: Option<RollingUpdateStatefulSetStrategy>,
}

/// From which ordinal on, and how many at a time.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdateStatefulSetStrategy {
    #[prost(int32, optional, tag = "1")]
    pub partition: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub max_unavailable: Option<IntOrString>,
}

/// What happens to the claims afterwards.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimRetentionPolicy {
    #[prost(string, tag = "1")]
    pub when_deleted: String,
    #[prost(string, tag = "2")]
    pub when_scaled: String,
}

/// Where counting starts.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSetOrdinals {
    #[prost(int32, tag = "1")]
    pub start: i32,
}

/// What a StatefulSet has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSetStatus {
    #[prost(int64, tag = "1")]
    pub observed_generation: i64,
    #[prost(int32, tag = "2")]
    pub replicas: i32,
    #[prost(int32, tag = "3")]
    pub ready_replicas: i32,
    #[prost(int32, tag = "4")]
    pub current_replicas: i32,
    #[prost(int32, tag = "5")]
    pub updated_replicas: i32,
    #[prost(string, tag = "6")]
    pub current_revision: String,
    #[prost(string, tag = "7")]
    pub update_revision: String,
    #[prost(message, repeated, tag = "10")]
    pub conditions: Vec<ControllerCondition>,
    #[prost(int32, tag = "11")]
    pub available_replicas: i32,
}
