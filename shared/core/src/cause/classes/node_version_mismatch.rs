//! Versions of kubelet, runtime or kernel do not fit each other.

use super::pressure;
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-version-mismatch",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.says(&[
                    "unknown service runtime.v1",
                    "code = unimplemented",
                    "version mismatch",
                    "incompatible version",
                    "incompatible runtime",
                    "unsupported runtime",
                    "not supported by this kubelet",
                    "cgroup v1 is not supported",
                    "requires kernel",
                    "after upgrade to",
                ])
            },
            |_| "versions on the node do not fit each other".to_owned(),
        )
        .blames(pressure::node_of),
    ),
    brings: &["node-not-ready", "node-runtime-down", "container-runtime-error"],
    ..Class::SILENT
};

const PAGE: &str = "\
After an upgrade of a node its kubelet and its container runtime do not understand each other, or the
kernel lacks what they need. Pods on it do not start, while others run on.

Looked at: what the node and events about its pods say.

What to do: cordon the node, and bring its versions in line with those of nodes that work:
  kubectl get nodes -o wide";
