//! Deployments.

use super::{
    Kind, Object, condition::DeploymentCondition, int_or_string::IntOrString, metadata::ObjectMeta,
    pod_spec::PodTemplateSpec, selector::LabelSelector, shared::Pool,
};
use serde::Deserialize;

/// A Deployment.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: DeploymentSpec,
    #[prost(message, required, tag = "3")]
    pub status: DeploymentStatus,
}

impl Object for Deployment {
    const KIND: Kind = Kind::Deployment;

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

/// What a Deployment wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentSpec {
    #[prost(int32, optional, tag = "1")]
    pub replicas: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub selector: Option<LabelSelector>,
    #[prost(message, required, tag = "3")]
    pub template: PodTemplateSpec,
    #[prost(message, required, tag = "4")]
    pub strategy: DeploymentStrategy,
    #[prost(int32, tag = "5")]
    pub min_ready_seconds: i32,
    #[prost(int32, optional, tag = "6")]
    pub revision_history_limit: Option<i32>,
    #[prost(bool, tag = "7")]
    pub paused: bool,
    #[prost(int32, optional, tag = "9")]
    pub progress_deadline_seconds: Option<i32>,
}

/// How pods are replaced.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentStrategy {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(message, optional, tag = "2")]
    pub rolling_update: Option<RollingUpdateDeployment>,
}

/// How many pods may be missing or extra meanwhile.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RollingUpdateDeployment {
    #[prost(message, optional, tag = "1")]
    pub max_unavailable: Option<IntOrString>,
    #[prost(message, optional, tag = "2")]
    pub max_surge: Option<IntOrString>,
}

/// What a Deployment has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentStatus {
    #[prost(int64, tag = "1")]
    pub observed_generation: i64,
    #[prost(int32, tag = "2")]
    pub replicas: i32,
    #[prost(int32, tag = "3")]
    pub updated_replicas: i32,
    #[prost(int32, tag = "7")]
    pub ready_replicas: i32,
    #[prost(int32, tag = "4")]
    pub available_replicas: i32,
    #[prost(int32, tag = "5")]
    pub unavailable_replicas: i32,
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<DeploymentCondition>,
}
