//! Limit ranges.

use super::{
    Kind, Object,
    metadata::ObjectMeta,
    quantity::{self, ResourceAmount},
};
use serde::Deserialize;

/// A LimitRange.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRange {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: LimitRangeSpec,
}

impl Object for LimitRange {
    const KIND: Kind = Kind::LimitRange;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Bounds and defaults.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRangeSpec {
    #[prost(message, repeated, tag = "1")]
    pub limits: Vec<LimitRangeItem>,
}

/// Bounds and defaults of one kind of thing.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitRangeItem {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub max: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "3")]
    pub min: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "4")]
    pub default: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "5")]
    pub default_request: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "6")]
    pub max_limit_request_ratio: Vec<ResourceAmount>,
}
