//! Deleting a pod whose controller makes it anew.

use super::{Action, ActionInfo};
use crate::plan::{Call, Checked, Expectation, Step, Target, Tier, Undo};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::DeletePod,
    id: "delete-pod",
    tier: Tier::Disruptive,
    does: "deletes a pod, which its controller makes anew",
    undo: "none: the pod that comes instead is another one",
    higher: "3 when nothing makes the pod anew",
    page: "\
Must hold afterwards: the pod is gone, or another one has its name.

A deletion heeds no disruption budget.",
};

/// The step that deletes a pod; `None` when the object has no name.
pub fn delete_pod(pod: &Value, why: String) -> Option<Step> {
    Some(Step {
        action: Action::DeletePod,
        object: Target::of(pod, "pods")?,
        why,
        tier: INFO.tier,
        call: Call::Delete {},
        expects: Expectation::Gone,
        undo: Undo::None { why: "the pod that comes instead is another one".to_owned() },
        checked: Checked::NotAsked,
    })
}
