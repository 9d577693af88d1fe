//! Room could be made by preemption, but the rules forbid it.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "preemption-blocked",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| {
            it.says(&["preempt"])
                && it.says(&[
                    "disruption budget",
                    "poddisruptionbudget",
                    "preemptionpolicy=never",
                    "not eligible due to preemptionpolicy",
                ])
        },
        |_| "room could be made by preemption, but the rules forbid it".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod of high priority waits, and the pods that would have to go for it stand under a
PodDisruptionBudget, or its class must not preempt.

Looked at: what the scheduler says of preemption.

What to do: make room, or loosen the budget:
  kubectl get pdb -A";
