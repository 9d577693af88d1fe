//! Volumes of a pod: only the sources that something must exist for.

use super::{
    name::Name, persistent_volume_claim::PersistentVolumeClaimSpec, quantity::Quantity, reference::LocalObjectReference,
};
use serde::Deserialize;

/// A volume of a pod.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(from = "FlatVolume")]
pub struct Volume {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub source: VolumeSource,
}

/// The same as JSON has it, where the embedded message is not a level of its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatVolume {
    name: String,
    host_path: Option<Box<HostPathVolumeSource>>,
    empty_dir: Option<Box<EmptyDirVolumeSource>>,
    secret: Option<Box<SecretVolumeSource>>,
    nfs: Option<Box<NFSVolumeSource>>,
    persistent_volume_claim: Option<Box<PersistentVolumeClaimVolumeSource>>,
    config_map: Option<Box<ConfigMapVolumeSource>>,
    projected: Option<Box<ProjectedVolumeSource>>,
    csi: Option<Box<CSIVolumeSource>>,
    ephemeral: Option<Box<EphemeralVolumeSource>>,
    image: Option<Box<ImageVolumeSource>>,
}

impl From<FlatVolume> for Volume {
    fn from(flat: FlatVolume) -> Self {
        Self {
            name: flat.name,
            source: VolumeSource {
                host_path: flat.host_path,
                empty_dir: flat.empty_dir,
                secret: flat.secret,
                nfs: flat.nfs,
                persistent_volume_claim: flat.persistent_volume_claim,
                config_map: flat.config_map,
                projected: flat.projected,
                csi: flat.csi,
                ephemeral: flat.ephemeral,
                image: flat.image,
            },
        }
    }
}

/// Where a volume comes from; at most one is set, none for a source that is not kept.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSource {
    #[prost(message, optional, boxed, tag = "1")]
    pub host_path: Option<Box<HostPathVolumeSource>>,
    #[prost(message, optional, boxed, tag = "2")]
    pub empty_dir: Option<Box<EmptyDirVolumeSource>>,
    #[prost(message, optional, boxed, tag = "6")]
    pub secret: Option<Box<SecretVolumeSource>>,
    #[prost(message, optional, boxed, tag = "7")]
    pub nfs: Option<Box<NFSVolumeSource>>,
    #[prost(message, optional, boxed, tag = "10")]
    pub persistent_volume_claim: Option<Box<PersistentVolumeClaimVolumeSource>>,
    #[prost(message, optional, boxed, tag = "19")]
    pub config_map: Option<Box<ConfigMapVolumeSource>>,
    #[prost(message, optional, boxed, tag = "26")]
    pub projected: Option<Box<ProjectedVolumeSource>>,
    #[prost(message, optional, boxed, tag = "28")]
    pub csi: Option<Box<CSIVolumeSource>>,
    #[prost(message, optional, boxed, tag = "29")]
    pub ephemeral: Option<Box<EphemeralVolumeSource>>,
    #[prost(message, optional, boxed, tag = "30")]
    pub image: Option<Box<ImageVolumeSource>>,
}

/// A directory of the node.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HostPathVolumeSource {
    #[prost(string, tag = "1")]
    pub path: String,
    #[prost(string, optional, tag = "2")]
    pub type_: Option<String>,
}

/// Scratch space of the pod.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDirVolumeSource {
    #[prost(string, tag = "1")]
    pub medium: String,
    #[prost(message, optional, tag = "2")]
    pub size_limit: Option<Quantity>,
}

/// A Secret as files.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretVolumeSource {
    #[prost(string, tag = "1")]
    pub secret_name: String,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<KeyToPath>,
    #[prost(bool, optional, tag = "4")]
    pub optional: Option<bool>,
}

/// An NFS export.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NFSVolumeSource {
    #[prost(string, tag = "1")]
    pub server: String,
    #[prost(string, tag = "2")]
    pub path: String,
}

/// A claim of the namespace.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaimVolumeSource {
    #[prost(string, tag = "1")]
    pub claim_name: String,
    #[prost(bool, tag = "2")]
    pub read_only: bool,
}

/// A ConfigMap as files.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapVolumeSource {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<KeyToPath>,
    #[prost(bool, optional, tag = "4")]
    pub optional: Option<bool>,
}

/// One key as a file.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyToPath {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub path: String,
}

/// Several sources in one directory.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectedVolumeSource {
    #[prost(message, repeated, tag = "1")]
    pub sources: Vec<VolumeProjection>,
}

/// One source of a projected volume.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeProjection {
    #[prost(message, optional, tag = "1")]
    pub secret: Option<SecretProjection>,
    #[prost(message, optional, tag = "3")]
    pub config_map: Option<ConfigMapProjection>,
    #[prost(message, optional, tag = "4")]
    pub service_account_token: Option<ServiceAccountTokenProjection>,
}

/// Keys of a Secret.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretProjection {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<KeyToPath>,
    #[prost(bool, optional, tag = "4")]
    pub optional: Option<bool>,
}

/// Keys of a ConfigMap.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapProjection {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<KeyToPath>,
    #[prost(bool, optional, tag = "4")]
    pub optional: Option<bool>,
}

/// A token of the pod's ServiceAccount.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceAccountTokenProjection {
    #[prost(string, tag = "1")]
    pub audience: String,
    #[prost(int64, optional, tag = "2")]
    pub expiration_seconds: Option<i64>,
}

/// A volume that a CSI driver makes for this pod.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CSIVolumeSource {
    #[prost(string, tag = "1")]
    pub driver: String,
    #[prost(message, optional, tag = "5")]
    pub node_publish_secret_ref: Option<LocalObjectReference>,
}

/// A claim that lives and dies with the pod.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EphemeralVolumeSource {
    #[prost(message, optional, tag = "1")]
    pub volume_claim_template: Option<PersistentVolumeClaimTemplate>,
}

/// The claim to create.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaimTemplate {
    #[prost(message, required, tag = "2")]
    pub spec: PersistentVolumeClaimSpec,
}

/// An image as files.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageVolumeSource {
    #[prost(string, tag = "1")]
    pub reference: String,
    #[prost(string, tag = "2")]
    pub pull_policy: String,
}

impl Volume {
    pub(super) fn trim(&mut self) {
        forget_random_part(&mut self.name);
        if let Some(projected) = &mut self.source.projected {
            projected.sources.shrink_to_fit();
        }
    }
}

/// The API server gives the volume of its token a name of its own in each pod, which would make all specs differ.
pub(super) fn forget_random_part(name: &mut String) {
    const TOKEN: &str = "kube-api-access";
    if name.strip_prefix(TOKEN).is_some_and(|rest| rest.starts_with('-')) {
        TOKEN.clone_into(name);
    }
}
