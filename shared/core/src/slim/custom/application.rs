//! Argo CD: applications.

use super::{Custom, CustomSpec};
use crate::slim::{Kind, Time};
use serde::Deserialize;

/// What Argo CD keeps as a repository has it.
pub type Application = Custom<ApplicationSpec, ApplicationStatus>;

/// Whether it is kept so without being asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApplicationSpec {
    pub sync_policy: SyncPolicy,
}

impl CustomSpec for ApplicationSpec {
    const KIND: Kind = Kind::Application;
}

/// Whether it is kept so without being asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SyncPolicy {
    pub automated: Option<Automated>,
}

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Automated {}

/// How the application is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApplicationStatus {
    pub health: Health,
    pub sync: SyncStatus,
    pub operation_state: Option<OperationState>,
}

/// `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Health {
    pub status: String,
    pub message: String,
    pub last_transition_time: Option<Time>,
}

/// `Synced`, `OutOfSync` or `Unknown`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SyncStatus {
    pub status: String,
}

/// What became of the last synchronisation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OperationState {
    pub phase: String,
    pub message: String,
    pub finished_at: Option<Time>,
}
