//! Going back to an earlier revision; which one, and what stays behind, the command of that name decides.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Rollback,
    id: "rollback",
    tier: Tier::Reversible,
    does: "sets the pod template of a Deployment, StatefulSet or DaemonSet to that of an earlier revision",
    undo: "the pod template of before is set again",
    higher: "2 when nothing shows that the revision was healthy, or when all pods end before others start",
    page: "\
Looked at: the revisions and how each fared, what the template names and whether it is there, what was written
or ran since and does not go back, autoscalers, who keeps the object.

Must hold afterwards: the rollout is complete, as kubectl rollout status says it. Where a StatefulSet waits for a
pod that never gets ready, or replaces pods only when somebody deletes them, those deletions are steps of the plan.

Not done: of what Argo CD or Flux keep, for they would set it back.",
};

/// Why a step goes back to a revision, as its record and the Event say it.
pub fn goes_back_to(revision: i64) -> String {
    format!("goes back to revision {revision}")
}
