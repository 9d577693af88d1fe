//! Making an autoscaler, or changing what it does.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::SetAutoscaler,
    id: "set-autoscaler",
    tier: Tier::Reversible,
    does: "makes a HorizontalPodAutoscaler or VerticalPodAutoscaler, or changes what it does; pauses or resumes a ScaledObject",
    undo: "what was set before is set again; one that was made is deleted again",
    higher: "2 when the new maximum is lower than the number of replicas that are there, when a vertical one acts on pods \
             that run, and when KEDA scales again or to fewer replicas",
    page: "\
Looked at: what it would decide by the metrics of now; whether the replicas between the bounds have room in quotas and
on the nodes; other autoscalers of the same object; who keeps the autoscaler.

Of a vertical one: what it recommends now and what the bounds make of that, what its mode does to pods, a horizontal one
that measures use by the requests that it sets. Of a ScaledObject: the horizontal autoscaler that KEDA makes of it, which
a pause deletes.

Must hold afterwards: it has what was set. How soon replicas or pods follow, its own behaviour says.

Metrics and behaviour that were not named stay as they are.",
};
