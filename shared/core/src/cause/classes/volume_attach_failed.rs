//! A volume cannot be attached to the node.

use crate::cause::stuck_creation::{Stuck, stuck};
use crate::cause::{Class, Heard, Stage, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-attach-failed",
    page: PAGE,
    recognise: |view| stuck(view, Stuck::Attach),
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.is(&["FailedAttachVolume"]),
        |_| "a volume cannot be attached".to_owned(),
    )),
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
Attaching a volume to the node of its pod fails or times out, for a reason that no other class names.

Looked at: pods whose containers are being created, and the newest FailedAttachVolume event about each.

What to do: look at the attachment, and at the driver's controller:
  kubectl get volumeattachments";
