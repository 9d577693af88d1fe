//! Jobs.

use super::{
    Kind, Object, condition::Condition, metadata::ObjectMeta, pod_spec::PodTemplateSpec, selector::LabelSelector,
    shared::Pool, time::Time,
};
use serde::Deserialize;

/// A Job.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: JobSpec,
    #[prost(message, required, tag = "3")]
    pub status: JobStatus,
}

impl Object for Job {
    const KIND: Kind = Kind::Job;

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

/// What a Job wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobSpec {
    #[prost(int32, optional, tag = "1")]
    pub parallelism: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub completions: Option<i32>,
    #[prost(int64, optional, tag = "3")]
    pub active_deadline_seconds: Option<i64>,
    #[prost(int32, optional, tag = "7")]
    pub backoff_limit: Option<i32>,
    #[prost(int32, optional, tag = "12")]
    pub backoff_limit_per_index: Option<i32>,
    #[prost(int32, optional, tag = "13")]
    pub max_failed_indexes: Option<i32>,
    #[prost(message, optional, tag = "4")]
    pub selector: Option<LabelSelector>,
    #[prost(message, required, tag = "6")]
    pub template: PodTemplateSpec,
    #[prost(int32, optional, tag = "8")]
    pub ttl_seconds_after_finished: Option<i32>,
    #[prost(string, optional, tag = "9")]
    pub completion_mode: Option<String>,
    #[prost(bool, optional, tag = "10")]
    pub suspend: Option<bool>,
}

/// What a Job has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobStatus {
    #[prost(message, repeated, tag = "1")]
    pub conditions: Vec<Condition>,
    #[prost(message, optional, tag = "2")]
    pub start_time: Option<Time>,
    #[prost(message, optional, tag = "3")]
    pub completion_time: Option<Time>,
    #[prost(int32, tag = "4")]
    pub active: i32,
    #[prost(int32, tag = "5")]
    pub succeeded: i32,
    #[prost(int32, tag = "6")]
    pub failed: i32,
    #[prost(int32, optional, tag = "9")]
    pub ready: Option<i32>,
    #[prost(string, optional, tag = "10")]
    pub failed_indexes: Option<String>,
}
