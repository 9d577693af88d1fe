//! Leases: leaders and heartbeats.

use super::{Kind, Object, metadata::ObjectMeta, time::MicroTime};
use serde::Deserialize;

/// A Lease.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lease {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: LeaseSpec,
}

impl Object for Lease {
    const KIND: Kind = Kind::Lease;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Who holds a Lease, since when, for how long.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LeaseSpec {
    #[prost(string, optional, tag = "1")]
    pub holder_identity: Option<String>,
    #[prost(int32, optional, tag = "2")]
    pub lease_duration_seconds: Option<i32>,
    #[prost(message, optional, tag = "3")]
    pub acquire_time: Option<MicroTime>,
    #[prost(message, optional, tag = "4")]
    pub renew_time: Option<MicroTime>,
    #[prost(int32, optional, tag = "5")]
    pub lease_transitions: Option<i32>,
}
