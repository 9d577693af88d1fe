//! Keeping new pods from a node.

use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Cordon,
    id: "cordon",
    tier: Tier::Reversible,
    does: "lets no new pods on a node; those that run stay",
    undo: "the node takes pods again, if it did before",
    higher: "never",
    page: "\
Looked at: how many other nodes take pods.

Must hold afterwards: the node is marked unschedulable.

  kubectl sre change cordon NODE --dry-run",
};

/// The step that cordons a node; `None` when it is cordoned.
pub fn cordon(node: &Value, why: String) -> Option<Step> {
    if is_cordoned(node) {
        return None;
    }
    let mut after = node.clone();
    after.get_mut("spec")?.as_object_mut()?.insert("unschedulable".to_owned(), json!(true));
    edited(Action::Cordon, node, &after, why).map(whatever_else_moves)
}

/// A step that heeds only the fields that it changes: agents write labels and annotations of nodes and of their pods all
/// the time, and a plan that takes long would always be stale.
pub(super) fn whatever_else_moves(mut step: Step) -> Step {
    step.object.content = None;
    step
}

/// Whether no new pods are let on a node.
pub fn is_cordoned(node: &Value) -> bool {
    node.pointer("/spec/unschedulable") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::super::uncordon;
    use super::*;
    use crate::plan::{Call, FieldChange, with_changes};

    fn changes(step: Option<Step>) -> Vec<FieldChange> {
        let Some(Step { call: Call::Edit { fields, .. }, .. }) = step else { panic!("an edit") };
        fields
    }

    #[test]
    fn uncordoning_and_taking_back_are_the_same() {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "uid": "u"}, "spec": {}});
        let fields = changes(cordon(&node, "asked for".to_owned()));
        assert_eq!(cordon(&node, String::new()).and_then(|step| step.object.content), None, "whatever else moves");
        let cordoned = with_changes(&node, &fields);
        assert!(is_cordoned(&cordoned) && !is_cordoned(&node));
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(with_changes(&cordoned, &back), node);
        let uncordoned = changes(uncordon(&cordoned, "asked for".to_owned()));
        assert_eq!(with_changes(&cordoned, &uncordoned), node);
        let again: Vec<FieldChange> = uncordoned.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(with_changes(&node, &again), cordoned);
        assert_eq!((cordon(&cordoned, String::new()), uncordon(&node, String::new())), (None, None));
        assert_eq!(cordon(&node, String::new()).map(|step| step.tier), Some(Tier::Reversible));
    }
}
