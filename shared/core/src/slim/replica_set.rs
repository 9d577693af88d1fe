//! ReplicaSets: the revisions of Deployments.

use super::{
    Kind, Object,
    condition::ControllerCondition,
    metadata::ObjectMeta,
    pod_spec::{PodSpec, PodTemplateSpec},
    selector::LabelSelector,
    shared::{Pool, Shared},
};
use serde::Deserialize;
use std::collections::HashMap;

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
    /// What its pods were made of, when no replica is wanted or there: of the newest such revision of a Deployment only,
    /// see [`forget_old_templates`]. It is no field of the API.
    #[serde(skip)]
    #[prost(message, optional, tag = "1000")]
    pub idle: Option<Shared<PodSpec>>,
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
        self.idle.iter_mut().for_each(|spec| pool.share_spec(spec));
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
    /// The number of the revision; zero when it has none.
    pub fn revision(&self) -> i64 {
        let number = self.metadata.annotation("deployment.kubernetes.io/revision");
        number.and_then(|number| number.parse().ok()).unwrap_or_default()
    }

    /// What its pods are or were made of, as far as that is kept.
    pub fn made_of(&self) -> Option<&PodSpec> {
        let spec = self.idle.as_deref().unwrap_or(&self.spec.template.spec);
        (!spec.containers.is_empty()).then_some(spec)
    }

    fn forget_idle_template(&mut self) {
        if self.spec.replicas == Some(0) && self.status.replicas == 0 {
            let spec = std::mem::take(&mut self.spec.template.spec);
            self.idle = Some(spec).filter(|spec| !spec.containers.is_empty());
        }
    }
}

/// Leaves of the idle revisions of each Deployment only what the newest was made of: a Deployment keeps ten, and all of
/// them would cost more memory than all that is read.
pub fn forget_old_templates(sets: &mut [ReplicaSet]) {
    let mut newest: HashMap<(String, String), i64> = HashMap::new();
    let owner = |set: &ReplicaSet| Some((set.metadata.namespace.clone(), set.metadata.controller()?.name.clone()));
    for set in sets.iter().filter(|set| set.idle.is_some()) {
        if let Some(owner) = owner(set) {
            let known = newest.entry(owner).or_default();
            *known = set.revision().max(*known);
        }
    }
    for set in sets.iter_mut().filter(|set| set.idle.is_some()) {
        if owner(set).is_none_or(|owner| newest.get(&owner) != Some(&set.revision())) {
            set.idle = None;
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

    #[test]
    fn of_idle_revisions_the_newest_is_known() {
        let idle = |revision: &str| -> ReplicaSet {
            let json = serde_json::json!({"metadata": {"name": revision, "namespace": "shop",
                "annotations": {"deployment.kubernetes.io/revision": revision},
                "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]},
                "spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "a"}]}}}});
            crate::slim::from_json(json.to_string().as_bytes()).unwrap()
        };
        let mut sets = [idle("9"), idle("10"), idle("8")];
        forget_old_templates(&mut sets);
        assert_eq!(sets.map(|set| set.made_of().is_some()), [false, true, false]);
    }
}
