//! Resource quotas.

use super::{
    Kind, Object,
    metadata::ObjectMeta,
    quantity::{self, ResourceAmount},
};
use serde::Deserialize;

/// A ResourceQuota.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuota {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: ResourceQuotaSpec,
    #[prost(message, required, tag = "3")]
    pub status: ResourceQuotaStatus,
}

impl Object for ResourceQuota {
    const KIND: Kind = Kind::ResourceQuota;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a namespace may use.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuotaSpec {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub hard: Vec<ResourceAmount>,
    #[prost(string, repeated, tag = "2")]
    pub scopes: Vec<String>,
    #[prost(message, optional, tag = "3")]
    pub scope_selector: Option<ScopeSelector>,
}

/// Which pods count.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScopeSelector {
    #[prost(message, repeated, tag = "1")]
    pub match_expressions: Vec<ScopedResourceSelectorRequirement>,
}

/// One requirement on the pods that count.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScopedResourceSelectorRequirement {
    #[prost(string, tag = "1")]
    pub scope_name: String,
    #[prost(string, tag = "2")]
    pub operator: String,
    #[prost(string, repeated, tag = "3")]
    pub values: Vec<String>,
}

/// What a namespace uses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceQuotaStatus {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub hard: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub used: Vec<ResourceAmount>,
}
