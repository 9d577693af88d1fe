//! A pod was evicted for its own use of ephemeral storage.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "evicted-ephemeral-storage",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.says(&[
                "ephemeral local storage usage exceeds",
                "exceeded its local ephemeral storage limit",
                "usage of emptydir volume",
                "ephemeral-storage limit",
                "exceeds the limit of ephemeral",
                "local ephemeral storage usage",
            ])
        },
        |_| "the pod used more ephemeral storage than it may, and was evicted".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod wrote more to its emptyDir volumes, its logs and its writable layers than its limit allows, and
the kubelet evicted it. A node that was full itself is another matter.

Looked at: the status and the events of pods that were evicted.

What to do: find what it writes, mount a volume for it, or raise the limit:
  kubectl describe pod NAME -n NAMESPACE";
