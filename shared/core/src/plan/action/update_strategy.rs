//! Changing how a workload replaces its pods.

use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use crate::workload_status::ends_all_at_once;
use serde_json::{Map, Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::UpdateStrategy,
    id: "update-strategy",
    tier: Tier::Reversible,
    does: "changes how a Deployment, StatefulSet or DaemonSet replaces its pods",
    undo: "the strategy of before is set again; pods that were replaced meanwhile stay as they are",
    higher: "2 when pods roll by it at once, or when all of them end before others start from now on",
    page: "\
Looked at: which pods are of an older revision and will roll by it at once, who keeps the object.

Must hold afterwards: the strategy is the one that was wanted. What rolls by it is not waited for.

Not done: to what Argo CD, Flux or an operator keep, for they would set it back.

  kubectl sre change update-strategy statefulset/NAME -n NAMESPACE --partition 2 --dry-run",
};

/// What is wanted of a strategy; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strategy {
    /// `RollingUpdate`, `Recreate` or `OnDelete`.
    pub kind: Option<String>,
    /// How many pods more than wanted there may be, a number or a percentage.
    pub max_surge: Option<String>,
    /// How many pods fewer than wanted there may be, a number or a percentage.
    pub max_unavailable: Option<String>,
    /// The ordinal from which on the pods of a StatefulSet roll.
    pub partition: Option<u32>,
}

/// Why a workload cannot have a strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrategyFault {
    /// It is no workload with one.
    #[error("a {0} has no strategy of replacing its pods")]
    NoStrategy(String),
    /// Its kind has no such strategy.
    #[error("a {kind} has no strategy {wanted}: {known} is known")]
    Unknown {
        /// The kind.
        kind: String,
        /// What was wanted.
        wanted: String,
        /// What it may be.
        known: String,
    },
    /// Only a rolling update has the field.
    #[error("{field} belongs to RollingUpdate, and the strategy is {kind}")]
    NotRolling {
        /// The field.
        field: &'static str,
        /// The strategy.
        kind: String,
    },
    /// Its kind has no such field.
    #[error("a {kind} has no {field}")]
    NoField {
        /// The kind.
        kind: String,
        /// The field.
        field: &'static str,
    },
}

/// Where the strategy of a kind stands, and which there are.
fn known(kind: &str) -> Option<(&'static str, &'static [&'static str])> {
    match kind {
        "Deployment" => Some(("strategy", &["RollingUpdate", "Recreate"])),
        "StatefulSet" | "DaemonSet" => Some(("updateStrategy", &["RollingUpdate", "OnDelete"])),
        _ => None,
    }
}

/// The step that changes the strategy; `None` when it is already so.
///
/// # Errors
/// Says what the workload cannot have.
pub fn update_strategy(workload: &Value, wanted: &Strategy, why: String) -> Result<Option<Step>, StrategyFault> {
    let kind = workload["kind"].as_str().unwrap_or_default();
    let (field, kinds) = known(kind).ok_or_else(|| StrategyFault::NoStrategy(kind.to_owned()))?;
    let now = workload.pointer(&format!("/spec/{field}/type")).and_then(Value::as_str).unwrap_or("RollingUpdate");
    let strategy = wanted.kind.as_deref().unwrap_or(now);
    if !kinds.contains(&strategy) {
        let (kind, wanted) = (kind.to_owned(), strategy.to_owned());
        return Err(StrategyFault::Unknown { kind, wanted, known: kinds.join(", ") });
    }
    let mut after = workload.clone();
    let fields = after["spec"][field].as_object_mut();
    let mut fields = fields.map(std::mem::take).unwrap_or_default();
    fields.insert("type".to_owned(), json!(strategy));
    rolling(&mut fields, kind, strategy, wanted)?;
    after["spec"][field] = Value::Object(fields);
    Ok(step(workload, &after, why))
}

/// The step that makes a workload's strategy the one of another state of it.
pub fn update_strategy_to(workload: &Value, state: &Value, why: String) -> Option<Step> {
    let (field, _) = known(workload["kind"].as_str().unwrap_or_default())?;
    let mut after = workload.clone();
    after["spec"][field] = state.pointer(&format!("/spec/{field}"))?.clone();
    step(workload, &after, why)
}

fn step(workload: &Value, after: &Value, why: String) -> Option<Step> {
    let step = edited(Action::UpdateStrategy, workload, after, why)?;
    let is_disruptive = will_roll(workload, after) > 0 || ends_all_at_once(after) && !ends_all_at_once(workload);
    Some(Step { tier: if is_disruptive { Tier::Disruptive } else { INFO.tier }, ..step })
}

fn rolling(
    fields: &mut Map<String, Value>,
    kind: &str,
    strategy: &str,
    wanted: &Strategy,
) -> Result<(), StrategyFault> {
    let number = |text: &String| text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    let values = [
        ("maxSurge", wanted.max_surge.as_ref().map(number)),
        ("maxUnavailable", wanted.max_unavailable.as_ref().map(number)),
        ("partition", wanted.partition.map(|it| json!(it))),
    ];
    if strategy != "RollingUpdate" {
        // The server takes it with no other strategy.
        fields.remove("rollingUpdate");
        return match values.iter().find(|(_, value)| value.is_some()) {
            Some((field, _)) => Err(StrategyFault::NotRolling { field, kind: strategy.to_owned() }),
            None => Ok(()),
        };
    }
    let rolling = fields.entry("rollingUpdate").or_insert_with(|| defaults(kind));
    for (field, value) in values.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        let is_missing = match field {
            "maxSurge" => kind == "StatefulSet",
            "partition" => kind != "StatefulSet",
            _ => false,
        };
        if is_missing {
            return Err(StrategyFault::NoField { kind: kind.to_owned(), field });
        }
        rolling[field] = value;
    }
    Ok(())
}

/// What the server fills in: what is not named would not be taken back
/// (<https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>).
fn defaults(kind: &str) -> Value {
    match kind {
        "Deployment" => json!({"maxSurge": "25%", "maxUnavailable": "25%"}),
        "DaemonSet" => json!({"maxSurge": 0, "maxUnavailable": 1}),
        _ => json!({"partition": 0}),
    }
}

/// How many pods of an older revision are replaced as soon as the strategy is the other one.
pub fn will_roll(workload: &Value, after: &Value) -> i64 {
    let outdated = |object: &Value| {
        let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
        let is_rolling = object.pointer("/spec/updateStrategy/type").is_none_or(|it| it == "RollingUpdate");
        let (all, new) = match object["kind"].as_str() {
            Some("DaemonSet") => ("/status/desiredNumberScheduled", "/status/updatedNumberScheduled"),
            Some("StatefulSet") => ("/status/replicas", "/status/updatedReplicas"),
            _ => return 0,
        };
        // Pods below the partition stay of the older revision.
        let due = number(all) - number("/spec/updateStrategy/rollingUpdate/partition");
        if is_rolling { (due - number(new)).max(0) } else { 0 }
    };
    (outdated(after) - outdated(workload)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, FieldChange, with_changes};

    fn workload(kind: &str, strategy: Value, new: u8) -> Value {
        let field = known(kind).expect("a workload").0;
        json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "db", "namespace": "shop", "uid": "u"},
            "spec": {"replicas": 3, field: strategy},
            "status": {
                "replicas": 3, "updatedReplicas": new, "desiredNumberScheduled": 3, "updatedNumberScheduled": new,
            },
        })
    }

    fn done(before: &Value, wanted: &Strategy) -> (Value, Tier) {
        let step = update_strategy(before, wanted, "asked for".to_owned()).expect("no fault").expect("a step");
        let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
        let after = with_changes(before, fields);
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(&with_changes(&after, &back), before, "undo after do is nothing done");
        (after["spec"][known(before["kind"].as_str().expect("a kind")).expect("a workload").0].clone(), step.tier)
    }

    fn kind(word: &str) -> Strategy {
        Strategy { kind: Some(word.to_owned()), ..Strategy::default() }
    }

    fn partition(from: u32) -> Strategy {
        Strategy { partition: Some(from), ..Strategy::default() }
    }

    #[test]
    fn what_rolls_by_it_is_counted() {
        let parted = |from: u8, new: u8| {
            workload("StatefulSet", json!({"type": "RollingUpdate", "rollingUpdate": {"partition": from}}), new)
        };
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
        assert_eq!(done(&parted(3, 0), &partition(1)), (strategy, Tier::Disruptive));
        assert_eq!(will_roll(&parted(3, 0), &parted(1, 0)), 2);
        assert_eq!(will_roll(&parted(1, 2), &parted(3, 2)), 0);
        assert_eq!(done(&parted(3, 3), &partition(0)).1, Tier::Reversible, "all are new");
        let by_hand = workload("DaemonSet", json!({"type": "OnDelete"}), 1);
        let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}});
        assert_eq!(done(&by_hand, &kind("RollingUpdate")), (rolling.clone(), Tier::Disruptive));
        assert_eq!(will_roll(&by_hand, &workload("DaemonSet", rolling, 1)), 2);
    }

    #[test]
    fn the_server_takes_only_what_belongs_together() {
        let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
        let deployment = workload("Deployment", rolling, 3);
        assert_eq!(done(&deployment, &kind("Recreate")), (json!({"type": "Recreate"}), Tier::Disruptive));
        let wider = Strategy { max_unavailable: Some("2".to_owned()), ..Strategy::default() };
        let expected = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 2}});
        assert_eq!(done(&deployment, &wider), (expected, Tier::Reversible));
        let fault =
            |wanted: &Strategy| update_strategy(&deployment, wanted, String::new()).expect_err("a fault").to_string();
        assert_eq!(fault(&kind("OnDelete")), "a Deployment has no strategy OnDelete: RollingUpdate, Recreate is known");
        assert_eq!(fault(&partition(1)), "a Deployment has no partition");
        let both = Strategy { kind: Some("Recreate".to_owned()), ..wider };
        assert_eq!(fault(&both), "maxUnavailable belongs to RollingUpdate, and the strategy is Recreate");
        assert!(update_strategy(&json!({"kind": "Pod"}), &partition(1), String::new()).is_err());
        assert_eq!(update_strategy(&deployment, &kind("RollingUpdate"), String::new()), Ok(None));
    }

    #[test]
    fn what_the_server_fills_in_is_taken_back_too() {
        let by_hand = workload("StatefulSet", json!({"type": "OnDelete"}), 3);
        let filled = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0, "maxUnavailable": 1}});
        let step = update_strategy_to(&by_hand, &workload("StatefulSet", filled.clone(), 3), String::new());
        let Some(Step { call: Call::Edit { fields, .. }, .. }) = step else { panic!("an edit") };
        assert_eq!(with_changes(&by_hand, &fields)["spec"]["updateStrategy"], filled);
    }
}
