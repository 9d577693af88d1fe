//! Storage classes.

use super::{Kind, Object, metadata::ObjectMeta};
use serde::Deserialize;

/// A StorageClass.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageClass {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(string, tag = "2")]
    pub provisioner: String,
    #[prost(string, optional, tag = "4")]
    pub reclaim_policy: Option<String>,
    #[prost(bool, optional, tag = "6")]
    pub allow_volume_expansion: Option<bool>,
    #[prost(string, optional, tag = "7")]
    pub volume_binding_mode: Option<String>,
    #[prost(message, repeated, tag = "8")]
    pub allowed_topologies: Vec<TopologySelectorTerm>,
}

impl Object for StorageClass {
    const KIND: Kind = Kind::StorageClass;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Where volumes may be made.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopologySelectorTerm {
    #[prost(message, repeated, tag = "1")]
    pub match_label_expressions: Vec<TopologySelectorLabelRequirement>,
}

/// One requirement on the place.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopologySelectorLabelRequirement {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, repeated, tag = "2")]
    pub values: Vec<String>,
}
