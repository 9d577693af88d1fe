//! The clock of a node is off.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-clock-skew",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is(&["NTPProblem", "NTPIsDown", "ClockSkew"])
                || it.says(&[
                    "clock skew",
                    "clock drift",
                    "clock is out of sync",
                    "time is out of sync",
                    "certificate is not yet valid",
                    "is not synchroni",
                    "clock offset",
                ])
        },
        |_| "the clock of the node is off".to_owned(),
    )),
    brings: &["node-not-ready", "kubelet-certificate-expired"],
    ..Class::SILENT
};

const PAGE: &str = "\
The clock of a node differs from that of the others: certificates are not yet valid or expired for it,
leases are lost, logs and metrics stand at the wrong times.

Looked at: the conditions of the node (NTPProblem), and events that speak of times.

What to do: see to the time service of the machine:
  kubectl describe node NAME";
