//! Volume attachments.

use super::{Kind, Object, metadata::ObjectMeta, time::Time};
use serde::Deserialize;

/// A volume attached to a node, or to be attached.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeAttachment {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: VolumeAttachmentSpec,
    #[prost(message, required, tag = "3")]
    pub status: VolumeAttachmentStatus,
}

impl Object for VolumeAttachment {
    const KIND: Kind = Kind::VolumeAttachment;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Which volume, which node, by whom.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeAttachmentSpec {
    #[prost(string, tag = "1")]
    pub attacher: String,
    #[prost(message, required, tag = "2")]
    pub source: VolumeAttachmentSource,
    #[prost(string, tag = "3")]
    pub node_name: String,
}

/// The volume.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeAttachmentSource {
    #[prost(string, optional, tag = "1")]
    pub persistent_volume_name: Option<String>,
}

/// Whether it worked.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeAttachmentStatus {
    #[prost(bool, tag = "1")]
    pub attached: bool,
    #[prost(message, optional, tag = "3")]
    pub attach_error: Option<VolumeError>,
    #[prost(message, optional, tag = "4")]
    pub detach_error: Option<VolumeError>,
}

/// What went wrong, and when.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeError {
    #[prost(message, required, tag = "1")]
    pub time: Time,
    #[prost(string, tag = "2")]
    pub message: String,
}
