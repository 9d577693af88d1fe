//! A pod was removed for one of higher priority.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "pod-preempted",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.is(&["Preempted", "PreemptionByScheduler", "Preempting"])
                || it.says(&["preempted by", "preempted in order", "was preempted"])
        },
        |_| "the pod was removed for one of higher priority".to_owned(),
    )),
    brings: &["unschedulable-insufficient-resources"],
    ..Class::SILENT
};

const PAGE: &str = "\
The scheduler removed a pod to make room for one of higher priority. It is made again and waits for
room itself.

Looked at: events and the status of pods.

What to do: make room, or change the priorities:
  kubectl get priorityclasses
  kubectl get pods -n NAMESPACE -o custom-columns=NAME:.metadata.name,PRIORITY:.spec.priority";
