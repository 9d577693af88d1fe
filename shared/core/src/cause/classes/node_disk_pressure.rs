//! A node is short of disk space.

use super::pressure;
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-disk-pressure",
    page: PAGE,
    recognise: |view| pressure::causes(view, "DiskPressure", "disk space"),
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.says(&[
                    "no space left on device",
                    "low on resource: ephemeral-storage",
                    "low on resource: nodefs",
                    "low on resource: imagefs",
                    "disk pressure",
                    "nodeunderdiskpressure",
                    "nodehasdiskpressure",
                    "kubelethasdiskpressure",
                    "freediskspacefailed",
                    "failed to garbage collect required amount of images",
                    "node.kubernetes.io/disk-pressure",
                ]) && !it.says(&["/dev/shm"])
            },
            |_| "the node is short of disk space".to_owned(),
        )
        .blames(|it, view| pressure::pressed(it, view, "DiskPressure")),
    ),
    brings: &[
        "evicted-ephemeral-storage",
        "unschedulable-taint",
        "unschedulable-insufficient-resources",
        "container-runtime-error",
        "image-pull-failed",
    ],
    ..Class::SILENT
};

const PAGE: &str = "\
The kubelet of the node reports DiskPressure, or has evicted pods for it. It evicts those first that use more
than they request, and the scheduler keeps new pods away by a taint.

Looked at: the condition of the node, the pods that were evicted there, events that name the shortage.

Harmless: the kubelet keeps the condition for five minutes after the pressure is over.

What to do: see who uses most, and give pods requests and limits that fit:
  kubectl describe node NAME
  kubectl top pods -A --sort-by=memory";
