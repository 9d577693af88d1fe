//! Deleting a pod whose controller makes it anew.

use super::pod::controller_of;
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
Looked at: what makes the pod anew, the disruption budgets that it is under, volumes that end with it, whether its
node can still end it.

Must hold afterwards: the pod is gone, or another one has its name.

A deletion heeds no disruption budget. Not done: of a mirror pod, for its kubelet runs it on.

  kubectl sre change delete-pod NAME -n NAMESPACE --dry-run",
};

/// The step that deletes a pod; `None` when the object has no name.
pub fn delete_pod(pod: &Value, why: String) -> Option<Step> {
    let is_made_anew = controller_of(pod).is_some();
    Some(Step {
        action: Action::DeletePod,
        object: Target::of(pod, "pods")?,
        why,
        tier: if is_made_anew { INFO.tier } else { Tier::Destructive },
        call: Call::Delete {},
        expects: Expectation::Gone,
        undo: Undo::None { why: no_undo(is_made_anew).to_owned() },
        health: None,
        checked: Checked::NotAsked,
    })
}

/// Why a pod that went does not come back.
pub(super) fn no_undo(is_made_anew: bool) -> &'static str {
    if is_made_anew { "the pod that comes instead is another one" } else { "nothing makes the pod anew" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pod_that_nothing_makes_anew_is_lost() {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}});
        let step = delete_pod(&pod, "asked for".to_owned()).expect("a step");
        assert_eq!((step.tier, step.expects), (Tier::Destructive, Expectation::Gone));
        pod["metadata"]["ownerReferences"] = json!([{"kind": "ReplicaSet", "name": "web-1", "controller": true}]);
        let step = delete_pod(&pod, "asked for".to_owned()).expect("a step");
        assert_eq!((step.tier, step.call), (Tier::Disruptive, Call::Delete {}));
        assert!(matches!(step.undo, Undo::None { .. }));
        assert_eq!(delete_pod(&json!({}), String::new()), None);
    }
}
