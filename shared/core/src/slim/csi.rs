//! CSI drivers, and what they offer on each node.

use super::{Kind, Object, metadata::ObjectMeta};
use serde::Deserialize;

/// A CSI driver of the cluster.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSIDriver {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: CSIDriverSpec,
}

/// What a driver needs.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSIDriverSpec {
    #[prost(bool, optional, tag = "1")]
    pub attach_required: Option<bool>,
    #[prost(string, repeated, tag = "3")]
    pub volume_lifecycle_modes: Vec<String>,
    #[prost(bool, optional, tag = "4")]
    pub storage_capacity: Option<bool>,
}

/// The drivers of one node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSINode {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: CSINodeSpec,
}

/// The drivers of one node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSINodeSpec {
    #[prost(message, repeated, tag = "1")]
    pub drivers: Vec<CSINodeDriver>,
}

/// A driver registered on a node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSINodeDriver {
    #[prost(string, tag = "1")]
    pub name: String,
    #[serde(rename = "nodeID")]
    #[prost(string, tag = "2")]
    pub node_id: String,
    #[prost(string, repeated, tag = "3")]
    pub topology_keys: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub allocatable: Option<VolumeNodeResources>,
}

/// How many volumes a driver can attach there.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeNodeResources {
    #[prost(int32, optional, tag = "1")]
    pub count: Option<i32>,
}

impl Object for CSIDriver {
    const KIND: Kind = Kind::CSIDriver;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Object for CSINode {
    const KIND: Kind = Kind::CSINode;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
