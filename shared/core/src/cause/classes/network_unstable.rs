//! Failures come and go between the same points, with no configuration to blame.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "network-unstable",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.says(&[
                "packet loss",
                "intermittent",
                "network flap",
                "link flap",
                "network partition",
                "connection reset by peer; retransmit",
            ])
        },
        |_| "the network comes and goes".to_owned(),
    )),
    brings: &["readiness-probe-failed", "dependency-unavailable", "liveness-probe-kill"],
    ..Class::SILENT
};

const PAGE: &str = "\
The same connection fails and works in turn, in several ways (refused, reset, timeout), or many
workloads lose packets at once. No object explains it: a link, a switch, a full connection table.

Looked at: probes and events that alternate between failure and success.

What to do: find what the failing pods share (node, zone), and look at the network of that:
  kubectl get pods -A -o wide --field-selector status.phase=Running";
