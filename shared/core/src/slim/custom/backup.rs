//! Backups: snapshots of volumes, and Velero's backups with their schedules.

use super::{Custom, CustomSpec};
use crate::slim::{Kind, Time};
use serde::Deserialize;

/// A snapshot of a volume.
pub type VolumeSnapshot = Custom<VolumeSnapshotSpec, VolumeSnapshotStatus>;

/// What the snapshot is of.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeSnapshotSpec {
    pub source: VolumeSnapshotSource,
}

impl CustomSpec for VolumeSnapshotSpec {
    const KIND: Kind = Kind::VolumeSnapshot;
}

/// A claim, or a snapshot that exists outside.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSnapshotSource {
    pub persistent_volume_claim_name: Option<String>,
}

/// How far the snapshot is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSnapshotStatus {
    pub ready_to_use: Option<bool>,
    pub error: Option<VolumeSnapshotError>,
}

/// What went wrong.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeSnapshotError {
    pub time: Option<Time>,
    pub message: Option<String>,
}

/// A backup of Velero.
pub type Backup = Custom<BackupSpec, BackupStatus>;

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BackupSpec {}

impl CustomSpec for BackupSpec {
    const KIND: Kind = Kind::Backup;
}

/// How a backup ended.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BackupStatus {
    pub phase: String,
    pub start_timestamp: Option<Time>,
    pub failure_reason: String,
    pub errors: i64,
}

/// When Velero makes backups.
pub type Schedule = Custom<ScheduleSpec, ScheduleStatus>;

/// When, and whether at the moment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ScheduleSpec {
    pub schedule: String,
    pub paused: bool,
}

impl CustomSpec for ScheduleSpec {
    const KIND: Kind = Kind::Schedule;
}

/// What Velero made of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ScheduleStatus {
    pub phase: String,
}
