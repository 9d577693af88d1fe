//! A DaemonSet does not run on nodes where it should.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "daemonset-partial",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| {
            it.is(&["FailedDaemonPod", "FailedPlacement"])
                || it.is_about(&["DaemonSet"])
                    && it.says(&["not running on", "misscheduled", "cannot be scheduled", "nodes do not"])
        },
        |_| "the DaemonSet does not run on nodes where it should".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
Fewer pods of a DaemonSet run than there are nodes for it, or fail as soon as they are placed: a taint,
a selector, room, or a pod of an earlier version in the way.

Looked at: events of the DaemonSet.

What to do: see which nodes lack one, and why:
  kubectl describe daemonset NAME -n NAMESPACE";
