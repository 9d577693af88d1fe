//! Setting labels of an object, and taking them away.

use super::cordon::whatever_else_moves;
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use serde_json::{Map, Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Label,
    id: "label",
    tier: Tier::Reversible,
    does: "sets labels of a node or another object, or takes them away",
    undo: "the labels of before are set again",
    higher: "2 for a pod, whose Services and controller may select it by them, and for a namespace, which rules may select",
    page: "\
Looked at, for a node: the pods there that ask for such a label, and who else sets it.

Must hold afterwards: the object has these labels. The pod template of a workload keeps its own.

Not done: to what Argo CD, Flux or an operator keep, for they would set it back.

  kubectl sre change label node/NODE KEY=VALUE --dry-run",
};

/// The step that sets labels, or takes away those without a value; `None` when they are already so.
pub fn label(object: &Value, values: &[(String, Option<String>)], why: String) -> Option<Step> {
    let mut after = object.clone();
    let metadata = after.get_mut("metadata")?.as_object_mut()?;
    let mut labels = metadata.get("labels").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    for (key, value) in values {
        match value {
            Some(value) => drop(labels.insert(key.clone(), json!(value))),
            None => drop(labels.remove(key)),
        }
    }
    // The server shows no empty map.
    if labels.is_empty() {
        drop(metadata.remove("labels"))
    } else {
        drop(metadata.insert("labels".to_owned(), labels.into()))
    }
    let step = edited(Action::Label, object, &after, why)?;
    let step = if object["kind"] == "Node" { whatever_else_moves(step) } else { step };
    let is_selected = object["kind"] == "Pod" || object["kind"] == "Namespace";
    Some(Step { tier: if is_selected { Tier::Disruptive } else { INFO.tier }, ..step })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, FieldChange, with_changes};

    fn object(kind: &str, labels: Value) -> Value {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "uid": "u"}});
        if !labels.is_null() {
            object["metadata"]["labels"] = labels;
        }
        object
    }

    fn done(object: &Value, values: &[(&str, Option<&str>)]) -> Option<Value> {
        let values: Vec<_> = values.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect();
        let step = label(object, &values, "asked for".to_owned())?;
        let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
        let after = with_changes(object, fields);
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(&with_changes(&after, &back), object, "undo after do is nothing done");
        Some(after.pointer("/metadata/labels").cloned().unwrap_or_default())
    }

    #[test]
    fn labels_are_set_and_taken_away() {
        let zone = "topology.kubernetes.io/zone";
        let node = object("Node", json!({"disk": "ssd"}));
        assert_eq!(done(&node, &[(zone, Some("a"))]), Some(json!({"disk": "ssd", zone: "a"})));
        assert_eq!(done(&node, &[("disk", None)]), Some(Value::Null), "no empty map");
        assert_eq!(done(&object("Node", Value::Null), &[(zone, Some(""))]), Some(json!({zone: ""})));
        assert_eq!(done(&node, &[("disk", Some("ssd")), ("gone", None)]), None);
    }

    #[test]
    fn what_others_select_by_labels_is_disruptive() {
        let tier = |kind: &str| {
            let step = label(&object(kind, Value::Null), &[("a".to_owned(), Some("b".to_owned()))], String::new());
            step.map(|step| step.tier)
        };
        assert_eq!([tier("Node"), tier("Pod")], [Some(Tier::Reversible), Some(Tier::Disruptive)]);
        assert_eq!(tier("Unheard"), None);
    }
}
