//! Asking from a pod that is made for one question.

use super::{Action, ActionInfo};
use crate::plan::{Call, Checked, Expectation, Step, Target, Tier, Undo};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Probe,
    id: "probe",
    tier: Tier::Reversible,
    does: "makes a pod that asks one question in the namespace of its client, and deletes it",
    undo: "the pod is deleted, by the same plan",
    higher: "never",
    page: "\
Looked at: whether a pod of the client can ask by itself, which comes first; LimitRanges and ResourceQuotas, for its
size. The server tries it beforehand: a quota that is used up or a Pod Security level refuses it then.

The pod passes the restricted level, has the client's service account without its token, resolves names as the client
does, and has none of its labels: no Service sends it anything, and rules that select the client do not hold for it.

Must hold afterwards: the pod runs; when it was asked, it is gone. It is deleted too when it does not start and when the
run is interrupted. After a kill: kubectl sre change resume ID. The kubelet ends its container after some minutes.

  kubectl sre incident probe tcp db.shop:5432 --client deployment/api -n shop --dry-run",
};

/// The steps that make a pod and delete it again; `None` when it has no name.
pub fn probe(pod: &Value, why: String) -> Option<[Step; 2]> {
    let address = Target::of(pod, "pods")?.address;
    let make = Step {
        action: Action::Probe,
        object: Target::to_be_made(address),
        why,
        tier: INFO.tier,
        call: Call::Create { body: pod.clone() },
        expects: Expectation::Running,
        undo: Undo::Delete,
        health: None,
        checked: Checked::NotAsked,
    };
    let delete = Step {
        why: "it was made for this question".to_owned(),
        call: Call::Delete {},
        expects: Expectation::Gone,
        undo: Undo::None { why: "it was made for one question".to_owned() },
        ..make.clone()
    };
    Some([make, delete])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_made_is_taken_away_by_the_same_plan() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sre-probe-1", "namespace": "shop"}});
        let steps = probe(&pod, "asked for".to_owned()).expect("steps");
        let plan = crate::plan::tests::plan(steps.to_vec());
        assert_eq!((plan.clears_up(0), plan.clears_up(1)), (false, true));
        assert_eq!((plan.tier(), plan.confirm()), (Tier::Reversible, "sre-probe-1"));
        let alone = crate::plan::tests::plan(steps[1..].to_vec());
        assert!(!alone.clears_up(0), "what it did not make is none of its business");
    }
}
