//! Nodes: what they offer, what is wrong with them.

use super::{
    Kind, Object,
    condition::NodeCondition,
    metadata::ObjectMeta,
    quantity::{self, ResourceAmount},
    time::Time,
};
use serde::Deserialize;

/// A node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Node {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: NodeSpec,
    #[prost(message, required, tag = "3")]
    pub status: NodeStatus,
}

impl Object for Node {
    const KIND: Kind = Kind::Node;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a node is told.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSpec {
    #[serde(rename = "podCIDR")]
    #[prost(string, tag = "1")]
    pub pod_cidr: String,
    #[serde(rename = "providerID")]
    #[prost(string, tag = "3")]
    pub provider_id: String,
    #[prost(bool, tag = "4")]
    pub unschedulable: bool,
    #[prost(message, repeated, tag = "5")]
    pub taints: Vec<Taint>,
}

/// Keeps pods away that do not tolerate it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Taint {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
    #[prost(string, tag = "3")]
    pub effect: String,
    #[prost(message, optional, tag = "4")]
    pub time_added: Option<Time>,
}

/// What the kubelet reports.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeStatus {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub capacity: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub allocatable: Vec<ResourceAmount>,
    #[prost(message, repeated, tag = "4")]
    pub conditions: Vec<NodeCondition>,
    #[prost(message, repeated, tag = "5")]
    pub addresses: Vec<NodeAddress>,
    #[prost(message, required, tag = "7")]
    pub node_info: NodeSystemInfo,
    #[prost(message, repeated, tag = "12")]
    pub runtime_handlers: Vec<NodeRuntimeHandler>,
}

/// An address of a node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeAddress {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub address: String,
}

/// Versions and platform of a node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSystemInfo {
    #[prost(string, tag = "4")]
    pub kernel_version: String,
    #[prost(string, tag = "5")]
    pub os_image: String,
    #[prost(string, tag = "6")]
    pub container_runtime_version: String,
    #[prost(string, tag = "7")]
    pub kubelet_version: String,
    #[prost(string, tag = "9")]
    pub operating_system: String,
    #[prost(string, tag = "10")]
    pub architecture: String,
}

/// A runtime handler that a node offers.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeRuntimeHandler {
    #[prost(string, tag = "1")]
    pub name: String,
}
