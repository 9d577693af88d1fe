//! Persistent volumes.

use super::{
    Kind, Object,
    affinity::NodeSelector,
    metadata::ObjectMeta,
    quantity::{self, ResourceAmount},
    reference::ObjectReference,
    time::Time,
    volume::{HostPathVolumeSource, NFSVolumeSource},
};
use serde::Deserialize;

/// A persistent volume.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolume {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: PersistentVolumeSpec,
    #[prost(message, required, tag = "3")]
    pub status: PersistentVolumeStatus,
}

impl Object for PersistentVolume {
    const KIND: Kind = Kind::PersistentVolume;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a volume is.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(from = "FlatPersistentVolumeSpec")]
pub struct PersistentVolumeSpec {
    #[prost(message, repeated, tag = "1")]
    pub capacity: Vec<ResourceAmount>,
    #[prost(message, required, tag = "2")]
    pub source: PersistentVolumeSource,
    #[prost(string, repeated, tag = "3")]
    pub access_modes: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub claim_ref: Option<ObjectReference>,
    #[prost(string, tag = "5")]
    pub persistent_volume_reclaim_policy: String,
    #[prost(string, tag = "6")]
    pub storage_class_name: String,
    #[prost(string, optional, tag = "8")]
    pub volume_mode: Option<String>,
    #[prost(message, optional, tag = "9")]
    pub node_affinity: Option<VolumeNodeAffinity>,
}

/// The same as JSON has it, where the embedded message is not a level of its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatPersistentVolumeSpec {
    #[serde(deserialize_with = "quantity::amounts")]
    capacity: Vec<ResourceAmount>,
    host_path: Option<HostPathVolumeSource>,
    nfs: Option<NFSVolumeSource>,
    local: Option<LocalVolumeSource>,
    csi: Option<CSIPersistentVolumeSource>,
    access_modes: Vec<String>,
    claim_ref: Option<ObjectReference>,
    persistent_volume_reclaim_policy: String,
    storage_class_name: String,
    volume_mode: Option<String>,
    node_affinity: Option<VolumeNodeAffinity>,
}

impl From<FlatPersistentVolumeSpec> for PersistentVolumeSpec {
    fn from(flat: FlatPersistentVolumeSpec) -> Self {
        Self {
            capacity: flat.capacity,
            source: PersistentVolumeSource {
                host_path: flat.host_path,
                nfs: flat.nfs,
                local: flat.local,
                csi: flat.csi,
            },
            access_modes: flat.access_modes,
            claim_ref: flat.claim_ref,
            persistent_volume_reclaim_policy: flat.persistent_volume_reclaim_policy,
            storage_class_name: flat.storage_class_name,
            volume_mode: flat.volume_mode,
            node_affinity: flat.node_affinity,
        }
    }
}

/// Where a volume is; none for a source that is not kept.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeSource {
    #[prost(message, optional, tag = "3")]
    pub host_path: Option<HostPathVolumeSource>,
    #[prost(message, optional, tag = "5")]
    pub nfs: Option<NFSVolumeSource>,
    #[prost(message, optional, tag = "20")]
    pub local: Option<LocalVolumeSource>,
    #[prost(message, optional, tag = "22")]
    pub csi: Option<CSIPersistentVolumeSource>,
}

/// A disk of one node.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LocalVolumeSource {
    #[prost(string, tag = "1")]
    pub path: String,
}

/// A volume of a CSI driver.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSIPersistentVolumeSource {
    #[prost(string, tag = "1")]
    pub driver: String,
    #[prost(string, tag = "2")]
    pub volume_handle: String,
}

/// From which nodes a volume can be reached.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeNodeAffinity {
    #[prost(message, optional, tag = "1")]
    pub required: Option<NodeSelector>,
}

/// What a volume has come to.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeStatus {
    #[prost(string, tag = "1")]
    pub phase: String,
    #[prost(string, tag = "2")]
    pub message: String,
    #[prost(string, tag = "3")]
    pub reason: String,
    #[prost(message, optional, tag = "4")]
    pub last_phase_transition_time: Option<Time>,
}
