//! Setting what the containers of a workload ask for.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::SetResources,
    id: "set-resources",
    tier: Tier::Reversible,
    does: "sets requests and limits of a container: in a pod template, which replaces the pods, or of running pods in place",
    undo: "the requests and limits of before are set again, in the same way",
    higher: "2 when all pods end before others start, or a container restarts",
    page: "\
Looked at: limit ranges and quotas, the room on the nodes for pods of the new size, the class of service, what a
VerticalPodAutoscaler recommends, who keeps the workload.

Must hold afterwards: the rollout is complete, as kubectl rollout status says it; of a pod that is resized in place, its
node has given its containers what they ask for.",
};
