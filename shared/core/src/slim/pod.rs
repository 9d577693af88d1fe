//! Pods: their status; what they ask for is in [`super::pod_spec`].

use super::{
    Kind, Object, condition::Condition, container_status::ContainerStatus, metadata::ObjectMeta, pod_spec::PodSpec,
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
    pub spec: PodSpec,
    #[prost(message, required, tag = "3")]
    pub status: PodStatus,
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
        self.metadata.trim();
        self.spec.trim();
        self.status.shrink();
    }
}

/// What has become of a pod.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    #[prost(string, tag = "1")]
    pub phase: String,
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
    fn shrink(&mut self) {
        self.conditions.shrink_to_fit();
        self.init_container_statuses.shrink_to_fit();
        self.container_statuses.shrink_to_fit();
        self.ephemeral_container_statuses.shrink_to_fit();
    }
}
