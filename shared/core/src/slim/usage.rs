//! What nodes and containers use now, as metrics.k8s.io tells it.

use super::{
    Kind, Object,
    metadata::ObjectMeta,
    quantity::{self, ResourceAmount},
    time::Time,
};
use serde::Deserialize;

/// What a node uses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeMetrics {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    /// When it was measured.
    #[prost(message, required, tag = "2")]
    pub timestamp: Time,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "4")]
    pub usage: Vec<ResourceAmount>,
}

impl Object for NodeMetrics {
    const KIND: Kind = Kind::NodeMetrics;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What the containers of a pod use.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMetrics {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    /// When it was measured.
    #[prost(message, required, tag = "2")]
    pub timestamp: Time,
    #[prost(message, repeated, tag = "4")]
    pub containers: Vec<ContainerMetrics>,
}

impl Object for PodMetrics {
    const KIND: Kind = Kind::PodMetrics;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a container uses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerMetrics {
    #[prost(string, tag = "1")]
    pub name: String,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub usage: Vec<ResourceAmount>,
}
