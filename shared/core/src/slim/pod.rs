//! Pods: their status; what they ask for is in [`super::pod_spec`].

use super::{
    Kind, Object,
    condition::Condition,
    container_status::ContainerStatus,
    metadata::ObjectMeta,
    pod_spec::PodSpec,
    shared::{Pool, Shared},
    time::Time,
};
use serde::Deserialize;

/// A pod.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pod {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: Shared<PodSpec>,
    #[prost(message, required, tag = "3")]
    pub status: PodStatus,
    /// Node that the pod runs on, empty until it is scheduled.
    ///
    /// On the wire it is a field of the spec; here it is not, so that pods can share their specs. The number is free.
    #[serde(skip)]
    #[prost(string, tag = "1000")]
    pub node_name: String,
}

impl Object for Pod {
    const KIND: Kind = Kind::Pod;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.edits = Vec::new();
        self.metadata.trim();
        let spec = self.spec.make_mut();
        spec.trim();
        self.node_name.push_str(&std::mem::take(&mut spec.node_name));
        self.status.trim();
    }

    fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        pool.share_spec(&mut self.spec);
    }
}

/// What has become of a pod.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    #[prost(string, tag = "1")]
    pub phase: String,
    /// Steps that every pod takes are left out once taken (`Initialized`, `ContainersReady`, ... when `True`).
    #[prost(message, repeated, tag = "2")]
    pub conditions: Vec<Condition>,
    #[prost(string, tag = "3")]
    pub message: String,
    #[prost(string, tag = "4")]
    pub reason: String,
    #[prost(string, tag = "11")]
    pub nominated_node_name: String,
    #[serde(rename = "hostIP")]
    #[prost(string, tag = "5")]
    pub host_ip: String,
    #[serde(rename = "podIP")]
    #[prost(string, tag = "6")]
    pub pod_ip: String,
    #[prost(message, optional, tag = "7")]
    pub start_time: Option<Time>,
    #[prost(message, repeated, tag = "10")]
    pub init_container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "8")]
    pub container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "13")]
    pub ephemeral_container_statuses: Vec<ContainerStatus>,
    #[prost(string, tag = "9")]
    pub qos_class: String,
}

impl Pod {
    /// Every container status: init containers, then containers, then ephemeral containers.
    pub fn container_statuses(&self) -> impl Iterator<Item = &ContainerStatus> {
        let status = &self.status;
        let started = status.init_container_statuses.iter().chain(&status.container_statuses);
        started.chain(&status.ephemeral_container_statuses)
    }
}

impl PodStatus {
    fn trim(&mut self) {
        self.conditions.retain(is_telling);
        self.conditions.shrink_to_fit();
        let started = self.init_container_statuses.iter_mut().chain(&mut self.container_statuses);
        started.chain(&mut self.ephemeral_container_statuses).for_each(ContainerStatus::trim);
        self.init_container_statuses.shrink_to_fit();
        self.container_statuses.shrink_to_fit();
        self.ephemeral_container_statuses.shrink_to_fit();
    }
}

/// Whether a condition says more than that a step every pod takes was taken: four in five do not.
fn is_telling(condition: &Condition) -> bool {
    let step = matches!(condition.type_.as_str(), "PodReadyToStartContainers" | "Initialized" | "ContainersReady");
    !(step && condition.status == "True")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{condition_of, from_json};

    #[test]
    fn only_telling_conditions_stay() {
        let text = br#"{"status":{"conditions":[{"type":"PodReadyToStartContainers","status":"True"},
            {"type":"Initialized","status":"False","reason":"ContainersNotInitialized"},
            {"type":"Ready","status":"False"},{"type":"ContainersReady","status":"True"},
            {"type":"PodScheduled","status":"True"},{"type":"example.com/gate","status":"True"}]}}"#;
        let pod: Pod = from_json(text).unwrap();
        let kept: Vec<&str> = pod.status.conditions.iter().map(|condition| condition.type_.as_str()).collect();
        assert_eq!(kept, ["Initialized", "Ready", "PodScheduled", "example.com/gate"]);
        assert_eq!(condition_of(&pod.status.conditions, "Initialized").unwrap().reason, "ContainersNotInitialized");
        assert_eq!(condition_of(&pod.status.conditions, "DisruptionTarget"), None);
    }

    #[test]
    fn every_status_is_listed_and_names_its_digest() {
        let text = br#"{"status":{"ephemeralContainerStatuses":[{"name":"debug"}],
            "containerStatuses":[{"name":"web","imageID":"example.com/web@sha256:12ab"}],
            "initContainerStatuses":[{"name":"wait","imageID":"sha256:34cd"}]}}"#;
        let pod: Pod = from_json(text).unwrap();
        let all: Vec<_> = pod.container_statuses().map(|one| (one.name.as_str(), one.image_id.as_str())).collect();
        assert_eq!(all, [("wait", "sha256:34cd"), ("web", "sha256:12ab"), ("debug", "")]);
    }

    #[test]
    fn the_node_is_kept_beside_the_spec() {
        let pod: Pod = from_json(br#"{"spec":{"nodeName":"node-1"}}"#).unwrap();
        assert_eq!((pod.node_name.as_str(), pod.spec.node_name.as_str()), ("node-1", ""));
    }

    #[test]
    fn a_pod_stays_small() {
        assert!(size_of::<Pod>() <= 600, "{} bytes for each pod, besides its text", size_of::<Pod>());
    }
}
