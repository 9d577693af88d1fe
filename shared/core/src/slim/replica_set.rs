//! ReplicaSets: the revisions of Deployments.

use super::{
    Kind, Object,
    condition::ControllerCondition,
    metadata::ObjectMeta,
    pod_spec::PodTemplateSpec,
    selector::LabelSelector,
    shared::{Pool, Shared},
};
use serde::Deserialize;

/// A ReplicaSet.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSet {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: ReplicaSetSpec,
    #[prost(message, required, tag = "3")]
    pub status: ReplicaSetStatus,
}

impl Object for ReplicaSet {
    const KIND: Kind = Kind::ReplicaSet;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.trim();
        self.spec.template.trim();
        self.forget_idle_template();
    }

    fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        self.spec.template.share(pool);
    }
}

/// What a ReplicaSet wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSetSpec {
    #[prost(int32, optional, tag = "1")]
    pub replicas: Option<i32>,
    #[prost(int32, tag = "4")]
    pub min_ready_seconds: i32,
    #[prost(message, optional, tag = "2")]
    pub selector: Option<LabelSelector>,
    /// Its spec is empty after decoding when no replica is wanted or there.
    #[prost(message, required, tag = "3")]
    pub template: PodTemplateSpec,
}

/// What a ReplicaSet has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSetStatus {
    #[prost(int32, tag = "1")]
    pub replicas: i32,
    #[prost(int32, tag = "4")]
    pub ready_replicas: i32,
    #[prost(int32, tag = "5")]
    pub available_replicas: i32,
    #[prost(int64, tag = "3")]
    pub observed_generation: i64,
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<ControllerCondition>,
}

impl ReplicaSet {
    /// A Deployment keeps ten old revisions: their templates would cost more memory than all that is read.
    fn forget_idle_template(&mut self) {
        if self.spec.replicas == Some(0) && self.status.replicas == 0 {
            self.spec.template.spec = Shared::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(replicas: i32) -> ReplicaSet {
        let text =
            format!(r#"{{"spec":{{"replicas":{replicas},"template":{{"spec":{{"containers":[{{"name":"a"}}]}}}}}}}}"#);
        crate::slim::from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn only_revisions_in_use_keep_their_template() {
        assert_eq!(read(1).spec.template.spec.containers.len(), 1);
        assert_eq!(read(0).spec.template.spec.containers.len(), 0);
    }
}
