//! Setting taints of a node, and taking them away.

use super::cordon::whatever_else_moves;
use super::pod::list;
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use crate::slim::{affinity::Toleration, node::Taint};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Taint,
    id: "taint",
    tier: Tier::Reversible,
    does: "sets taints of a node or takes them away: which pods it takes, and which it keeps",
    undo: "the taints of before are set again; pods that went do not come back by that",
    higher: "2 when a taint has the effect NoExecute: pods that do not tolerate it are ended, whatever budgets allow",
    page: "\
Looked at: the pods of the node that do not tolerate the taint, and who else sets taints of that name.

Must hold afterwards: the node has these taints.

  kubectl sre change taint NODE KEY=VALUE:NoSchedule --dry-run",
};

/// What a taint does to pods that do not tolerate it.
pub const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// A taint that is set or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaintChange {
    /// It is set; one with the same key and effect gets the value.
    Set {
        /// Its key.
        key: String,
        /// Its value, which may be empty.
        value: String,
        /// One of [`EFFECTS`].
        effect: String,
    },
    /// It goes, with this effect or with any.
    Remove {
        /// Its key.
        key: String,
        /// Its effect.
        effect: Option<String>,
    },
}

/// The step that changes taints; `None` when they are already so.
pub fn taint(node: &Value, changes: &[TaintChange], why: String) -> Option<Step> {
    let mut taints = list(node, "/spec/taints").to_vec();
    for change in changes {
        match change {
            TaintChange::Set { key, value, effect } => set(&mut taints, key, value, effect),
            TaintChange::Remove { key, effect } => {
                let is_meant = |it: &Value| effect.as_ref().is_none_or(|effect| it["effect"] == effect.as_str());
                taints.retain(|it| it["key"] != key.as_str() || !is_meant(it));
            }
        }
    }
    let mut after = node.clone();
    let spec = after.get_mut("spec")?.as_object_mut()?;
    // The server shows no empty list.
    if taints.is_empty() {
        drop(spec.remove("taints"))
    } else {
        drop(spec.insert("taints".to_owned(), taints.into()))
    }
    let step = edited(Action::Taint, node, &after, why).map(whatever_else_moves)?;
    let ends_pods = changes.iter().any(|it| matches!(it, TaintChange::Set { effect, .. } if effect == "NoExecute"));
    Some(Step { tier: if ends_pods { Tier::Disruptive } else { INFO.tier }, ..step })
}

fn set(taints: &mut Vec<Value>, key: &str, value: &str, effect: &str) {
    let mut wanted = json!({"key": key, "value": value, "effect": effect});
    if value.is_empty() {
        wanted.as_object_mut().map(|fields| fields.remove("value"));
    }
    match taints.iter_mut().find(|it| it["key"] == key && it["effect"] == effect) {
        Some(there) if there.get("value") == wanted.get("value") => {}
        Some(there) => *there = wanted,
        None => taints.push(wanted),
    }
}

/// Whether a pod puts up with the taints that are set, as far as they end pods.
pub fn tolerates_execution(pod: &Value, changes: &[TaintChange]) -> bool {
    let all = list(pod, "/spec/tolerations").iter().cloned();
    let tolerations: Vec<Toleration> = all.filter_map(|it| serde_json::from_value(it).ok()).collect();
    let is_tolerated = |taint: &Taint| tolerations.iter().any(|it| it.tolerates(taint));
    changes.iter().filter_map(ending).all(|taint| is_tolerated(&taint))
}

fn ending(change: &TaintChange) -> Option<Taint> {
    match change {
        TaintChange::Set { key, value, effect } if effect == "NoExecute" => {
            Some(Taint { key: key.clone(), value: value.clone(), effect: effect.clone(), ..Taint::default() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, FieldChange, with_changes};

    fn node(taints: Value) -> Value {
        let spec = if taints.is_null() { json!({}) } else { json!({"taints": taints}) };
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "uid": "u"}, "spec": spec})
    }

    fn set(key: &str, value: &str, effect: &str) -> TaintChange {
        TaintChange::Set { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
    }

    fn remove(key: &str, effect: Option<&str>) -> TaintChange {
        TaintChange::Remove { key: key.to_owned(), effect: effect.map(str::to_owned) }
    }

    fn done(node: &Value, changes: &[TaintChange]) -> Option<Value> {
        let step = taint(node, changes, "asked for".to_owned())?;
        let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
        let after = with_changes(node, fields);
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(&with_changes(&after, &back), node, "undo after do is nothing done");
        Some(after.pointer("/spec/taints").cloned().unwrap_or_default())
    }

    #[test]
    fn a_taint_is_its_key_and_its_effect() {
        let gpu = json!({"key": "gpu", "value": "a", "effect": "NoSchedule"});
        assert_eq!(done(&node(Value::Null), &[set("gpu", "a", "NoSchedule")]), Some(json!([gpu])));
        assert_eq!(done(&node(json!([gpu])), &[set("gpu", "a", "NoSchedule")]), None);
        let other = json!({"key": "gpu", "value": "b", "effect": "NoSchedule"});
        assert_eq!(done(&node(json!([gpu])), &[set("gpu", "b", "NoSchedule")]), Some(json!([other])));
        let bare = json!({"key": "gpu", "effect": "NoExecute"});
        assert_eq!(done(&node(json!([gpu])), &[set("gpu", "", "NoExecute")]), Some(json!([gpu, bare])));
        assert_eq!(done(&node(json!([gpu, bare])), &[remove("gpu", Some("NoExecute"))]), Some(json!([gpu])));
        assert_eq!(done(&node(json!([gpu, bare])), &[remove("gpu", None)]), Some(Value::Null), "no empty list");
        assert_eq!(done(&node(json!([gpu])), &[remove("disk", None)]), None);
    }

    #[test]
    fn what_ends_pods_is_disruptive() {
        let tier = |effect| taint(&node(Value::Null), &[set("a", "", effect)], String::new()).map(|step| step.tier);
        let tiers = EFFECTS.map(|effect| tier(effect).expect("a step"));
        assert_eq!(tiers, [Tier::Reversible, Tier::Reversible, Tier::Disruptive]);
        let gone = taint(&node(json!([{"key": "a", "effect": "NoExecute"}])), &[remove("a", None)], String::new());
        assert_eq!(gone.map(|step| step.tier), Some(Tier::Reversible));
    }

    #[test]
    fn pods_that_tolerate_it_stay() {
        let pod = |toleration: Value| json!({"spec": {"tolerations": [toleration]}});
        let ends = [set("gpu", "a", "NoExecute"), set("disk", "b", "NoSchedule")];
        assert!(tolerates_execution(&pod(json!({"operator": "Exists"})), &ends));
        assert!(tolerates_execution(&pod(json!({"key": "gpu", "value": "a", "effect": "NoExecute"})), &ends));
        assert!(!tolerates_execution(&pod(json!({"key": "gpu", "value": "b"})), &ends));
        assert!(!tolerates_execution(&json!({}), &ends) && tolerates_execution(&json!({}), &ends[1..]));
    }
}
