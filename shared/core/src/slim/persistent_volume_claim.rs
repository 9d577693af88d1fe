//! Persistent volume claims.

use super::{
    Kind, Object,
    condition::Condition,
    metadata::ObjectMeta,
    pair::{self, Pair},
    quantity::{self, ResourceAmount},
    reference::{TypedLocalObjectReference, TypedObjectReference},
    selector::LabelSelector,
};
use serde::Deserialize;

/// A claim.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaim {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: PersistentVolumeClaimSpec,
    #[prost(message, required, tag = "3")]
    pub status: PersistentVolumeClaimStatus,
}

impl Object for PersistentVolumeClaim {
    const KIND: Kind = Kind::PersistentVolumeClaim;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a claim wants.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaimSpec {
    #[prost(string, repeated, tag = "1")]
    pub access_modes: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub selector: Option<LabelSelector>,
    #[prost(message, required, tag = "2")]
    pub resources: VolumeResourceRequirements,
    #[prost(string, tag = "3")]
    pub volume_name: String,
    #[prost(string, optional, tag = "5")]
    pub storage_class_name: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub volume_mode: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub data_source: Option<TypedLocalObjectReference>,
    #[prost(message, optional, boxed, tag = "8")]
    pub data_source_ref: Option<Box<TypedObjectReference>>,
}

/// The size that a claim wants.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeResourceRequirements {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub limits: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub requests: Vec<ResourceAmount>,
}

/// What a claim has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaimStatus {
    #[prost(string, tag = "1")]
    pub phase: String,
    #[prost(string, repeated, tag = "2")]
    pub access_modes: Vec<String>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "3")]
    pub capacity: Vec<ResourceAmount>,
    #[prost(message, repeated, tag = "4")]
    pub conditions: Vec<Condition>,
    #[serde(deserialize_with = "pair::pairs")]
    #[prost(message, repeated, tag = "7")]
    pub allocated_resource_statuses: Vec<Pair>,
}
