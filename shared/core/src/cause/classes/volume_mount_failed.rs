//! The node cannot mount a volume.

use crate::cause::stuck_creation::{Stuck, stuck};
use crate::cause::{Class, Heard, Stage, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-mount-failed",
    page: PAGE,
    recognise: |view| stuck(view, Stuck::Mount),
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.is(&["FailedMount", "FailedMapVolume"]),
        |_| "a volume cannot be mounted on the node".to_owned(),
    )),
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
The volume is attached, or needs no attaching, and the node cannot mount it: the server refuses, the
filesystem is damaged, a timeout. What is missing altogether (a ConfigMap, a claim, a driver) has
classes of its own.

Looked at: pods whose containers are being created, and the newest FailedMount event about each.

What to do: the message is the node's own:
  kubectl describe pod NAME -n NAMESPACE";
