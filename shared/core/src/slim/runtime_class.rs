//! Runtime classes.

use super::{
    Kind, Object,
    affinity::Toleration,
    metadata::ObjectMeta,
    pair::{self, Pair},
    quantity::{self, ResourceAmount},
};
use serde::Deserialize;

/// A RuntimeClass.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RuntimeClass {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(string, tag = "2")]
    pub handler: String,
    #[prost(message, optional, tag = "3")]
    pub overhead: Option<Overhead>,
    #[prost(message, optional, tag = "4")]
    pub scheduling: Option<Scheduling>,
}

impl Object for RuntimeClass {
    const KIND: Kind = Kind::RuntimeClass;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What the runtime itself takes for each pod.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Overhead {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub pod_fixed: Vec<ResourceAmount>,
}

/// Which nodes have the handler.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Scheduling {
    #[serde(deserialize_with = "pair::pairs")]
    #[prost(message, repeated, tag = "1")]
    pub node_selector: Vec<Pair>,
    #[prost(message, repeated, tag = "2")]
    pub tolerations: Vec<Toleration>,
}
