//! Letting pods on a node again.

use super::cordon::{is_cordoned, whatever_else_moves};
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Uncordon,
    id: "uncordon",
    tier: Tier::Reversible,
    does: "lets new pods on a node again",
    undo: "the node is cordoned again",
    higher: "never",
    page: "\
Looked at: whether the node is ready, and the taints that still keep pods away.

Must hold afterwards: the node is not marked unschedulable.

  kubectl sre change uncordon NODE --dry-run",
};

/// The step that uncordons a node; `None` when it is not cordoned.
pub fn uncordon(node: &Value, why: String) -> Option<Step> {
    if !is_cordoned(node) {
        return None;
    }
    let mut after = node.clone();
    // The server shows no false.
    after.get_mut("spec")?.as_object_mut()?.remove("unschedulable");
    edited(Action::Uncordon, node, &after, why).map(whatever_else_moves)
}
