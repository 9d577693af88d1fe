//! Setting how many replicas are wanted.

use super::{Action, ActionInfo};
use crate::plan::{Address, Call, Checked, Expectation, FieldChange, Step, Target, Tier, Undo};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Scale,
    id: "scale",
    tier: Tier::Reversible,
    does: "sets how many replicas are wanted",
    undo: "the number of before is set again",
    higher: "2 when fewer than before are wanted; 3 when claims are deleted with the replicas",
    page: "\
Looked at: autoscalers and whoever keeps the object, for they would set the number back; quotas and limit ranges;
the room on the nodes, also with one node less; claims that several replicas would share or that go with the replicas;
disruption budgets, and Services that lose all that is behind them.

Must hold afterwards: as many replicas are ready as are wanted, and no more are there; of a resource that does not
tell which are ready, as many are there as are wanted.

A StatefulSet whose pods start in order is scaled one pod at a time: each must be ready before the next begins,
and say that it is well where the profile has its members asked.",
};

/// The step that sets the replicas of an object of this resource from one number to another through its subresource
/// `scale`; `None` when the object lacks what every object has.
pub fn scale(object: &Value, resource: &str, (before, after): (i64, i64), why: String) -> Option<Step> {
    let object = Target::of(object, resource)?;
    let field = FieldChange {
        pointer: "/spec/replicas".to_owned(),
        field: "spec.replicas".to_owned(),
        before: Some(json!(before)),
        after: Some(json!(after)),
    };
    Some(Step {
        action: Action::Scale,
        why,
        tier: if after < before { Tier::Disruptive } else { INFO.tier },
        call: Call::Edit { subresource: Some("scale".to_owned()), fields: vec![field] },
        expects: if tells_ready(&object.address) { Expectation::Ready } else { Expectation::Scaled },
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
        object,
    })
}

/// Whether the status of an object says how many of its replicas are ready, in the way that Kubernetes' own kinds do.
fn tells_ready(address: &Address) -> bool {
    matches!(
        (address.api_version.as_str(), address.resource.as_str()),
        ("apps/v1", "deployments" | "statefulsets" | "replicasets") | ("v1", "replicationcontrollers")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_replicas_are_disruptive_and_custom_kinds_are_counted() {
        let object =
            |version: &str| json!({"apiVersion": version, "kind": "X", "metadata": {"name": "web", "uid": "u"}});
        let up = scale(&object("apps/v1"), "deployments", (2, 3), "asked for".to_owned()).expect("a step");
        assert_eq!((up.tier, up.expects, up.call.subresource()), (Tier::Reversible, Expectation::Ready, Some("scale")));
        let down = scale(&object("example.com/v1"), "queues", (3, 2), String::new()).expect("a step");
        assert_eq!((down.tier, down.expects), (Tier::Disruptive, Expectation::Scaled));
        assert_eq!(scale(&json!({}), "deployments", (2, 3), String::new()), None);
    }
}
