//! A claim waits for its pod by design, and the two wait for each other.

use crate::cause::{Class, Heard, Stage, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-wait-for-first-consumer",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Scheduling,
            |it| it.is(&["WaitForFirstConsumer"]) || it.says(&["waiting for first consumer"]),
            |_| "the claim waits for a pod that uses it".to_owned(),
        )
        .by_design(),
    ),
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
The class of a claim binds volumes only when a pod that uses the claim is placed. That is no fault by
itself; when the pod waits as well, and nothing else holds it up, the two wait for each other.

Looked at: events of the claim.

What to do: see why the pod is not placed:
  kubectl sre incident triage pvc/NAME -n NAMESPACE";
