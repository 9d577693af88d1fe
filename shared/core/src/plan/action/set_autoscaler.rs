//! Making a HorizontalPodAutoscaler, or changing its bounds and targets.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::SetAutoscaler,
    id: "set-autoscaler",
    tier: Tier::Reversible,
    does: "makes a HorizontalPodAutoscaler, or changes its bounds and targets",
    undo: "the bounds and targets of before are set again; one that was made is deleted again",
    higher: "2 when the new maximum is lower than the number of replicas that are there",
    page: "\
Looked at: what it would decide by the metrics of now; whether the replicas between the bounds have room in quotas and
on the nodes; other autoscalers of the same object; who keeps the autoscaler.

Must hold afterwards: it has the bounds and targets. How soon the replicas follow, its own behaviour says.

Metrics and behaviour that were not named stay as they are.",
};
