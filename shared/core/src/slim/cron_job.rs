//! CronJobs.

use super::{Kind, Object, job::JobSpec, metadata::ObjectMeta, reference::ObjectReference, shared::Pool, time::Time};
use serde::Deserialize;

/// A CronJob.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJob {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: CronJobSpec,
    #[prost(message, required, tag = "3")]
    pub status: CronJobStatus,
}

impl Object for CronJob {
    const KIND: Kind = Kind::CronJob;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.trim();
        self.spec.job_template.spec.template.trim();
    }

    fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        self.spec.job_template.spec.template.share(pool);
    }
}

/// What a CronJob wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJobSpec {
    #[prost(string, tag = "1")]
    pub schedule: String,
    #[prost(string, optional, tag = "8")]
    pub time_zone: Option<String>,
    #[prost(int64, optional, tag = "2")]
    pub starting_deadline_seconds: Option<i64>,
    #[prost(string, tag = "3")]
    pub concurrency_policy: String,
    #[prost(bool, optional, tag = "4")]
    pub suspend: Option<bool>,
    #[prost(message, required, tag = "5")]
    pub job_template: JobTemplateSpec,
    #[prost(int32, optional, tag = "6")]
    pub successful_jobs_history_limit: Option<i32>,
    #[prost(int32, optional, tag = "7")]
    pub failed_jobs_history_limit: Option<i32>,
}

/// The Job that each run creates.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobTemplateSpec {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: JobSpec,
}

/// When a CronJob ran.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJobStatus {
    #[prost(message, repeated, tag = "1")]
    pub active: Vec<ObjectReference>,
    #[prost(message, optional, tag = "4")]
    pub last_schedule_time: Option<Time>,
    #[prost(message, optional, tag = "5")]
    pub last_successful_time: Option<Time>,
}
