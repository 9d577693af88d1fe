//! Kinds that are no part of Kubernetes and that teams install: read where their API is served, and only as JSON.
//!
//! All have one form: metadata, the few parts of the spec that something reads, and the status, which by the
//! convention of the API has conditions.

pub mod application;
pub mod backup;
pub mod certificate;
pub mod external_secret;
pub mod gateway;
pub mod scaling;
pub mod service_monitor;
pub mod virtual_service;

use super::condition::Condition;
use super::{Kind, Object, ObjectMeta};
use serde::Deserialize;

/// An object of a kind that somebody installed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Custom<Spec, Status> {
    pub metadata: ObjectMeta,
    pub spec: Spec,
    pub status: Status,
}

/// Parts of a spec, each of one kind.
pub trait CustomSpec {
    /// The kind whose spec it is.
    const KIND: Kind;
}

/// A status of which only the conditions are read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Conditions {
    pub conditions: Vec<Condition>,
}

impl<Spec: CustomSpec, Status> Object for Custom<Spec, Status> {
    const KIND: Kind = Spec::KIND;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
