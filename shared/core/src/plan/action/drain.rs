//! Asking the pods of a node to go, within their budgets.

use super::cordon::whatever_else_moves;
use super::delete_pod::no_undo;
use super::pod::{controller_of, has_ended, is_ending, is_mirror, scratch_volumes};
use super::{Action, ActionInfo};
use crate::disruption::{Budget, budgets_of};
use crate::plan::{Call, Checked, Expectation, Step, Target, Tier, Undo};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Drain,
    id: "drain",
    tier: Tier::Disruptive,
    does: "asks a pod to go from its node, within disruption budgets; change drain does so with all pods of a node",
    undo: "none: the pod that comes instead is another one; the node is uncordoned",
    higher: "3 when nothing makes the pod anew, which --force allows",
    page: "\
Looked at: what each disruption budget allows now, what makes each pod anew, volumes that end with it, how many other
nodes take pods.

The node is cordoned first. Then one pod after another is evicted, and the next only when it is gone; where a budget
does not allow it the eviction is asked for again, until --timeout.

Must hold afterwards: the pod is gone, or another one has its name.

Left where they are: pods of DaemonSets, and mirror pods. Not done without a flag, as with kubectl: a pod with emptyDir
volumes (--delete-emptydir-data), one that nothing makes anew (--force). Not done at all: a pod under several budgets,
for the server evicts none such.

  kubectl sre change drain NODE --dry-run",
};

/// What may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// What emptyDir volumes hold.
    pub scratch_volumes: bool,
    /// Pods that nothing makes anew.
    pub unmanaged: bool,
}

/// What a drain does to the pods of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draining {
    /// An eviction for each pod that goes; those that a budget does not let go now come last.
    pub steps: Vec<Step>,
    /// Pods that stay, and why.
    pub stay: Vec<(String, String)>,
    /// Pods that are in the way, and why.
    pub blocked: Vec<(String, String)>,
}

/// The evictions that empty a node, whose pods these are.
pub fn drain(pods: &[Value], budgets: &[Budget], may_lose: Losses, why: &str) -> Draining {
    let mut draining = Draining::default();
    let mut sorted: Vec<&Value> = pods.iter().filter(|pod| !is_ending(pod)).collect();
    sorted.sort_by_key(|pod| (is_held(pod, budgets), name_of(pod)));
    for pod in sorted {
        match fate(pod, budgets, may_lose) {
            Fate::Goes => draining.steps.extend(eviction(pod, why)),
            Fate::Stays(why) => draining.stay.push((name_of(pod), why)),
            Fate::Blocks(why) => draining.blocked.push((name_of(pod), why)),
        }
    }
    draining
}

enum Fate {
    Goes,
    Stays(String),
    Blocks(String),
}

fn fate(pod: &Value, budgets: &[Budget], may_lose: Losses) -> Fate {
    if is_mirror(pod) {
        return Fate::Stays("its kubelet runs it from a file".to_owned());
    }
    match controller_of(pod) {
        Some(("DaemonSet", name)) => return Fate::Stays(format!("DaemonSet {name} would put it there again")),
        // What has come to its end loses nothing.
        _ if has_ended(pod) => return Fate::Goes,
        None if !may_lose.unmanaged => return Fate::Blocks("nothing makes it anew (--force)".to_owned()),
        _ => {}
    }
    let volumes = scratch_volumes(pod).join(", ");
    if !volumes.is_empty() && !may_lose.scratch_volumes {
        return Fate::Blocks(format!("its emptyDir volumes end with it: {volumes} (--delete-emptydir-data)"));
    }
    let under = budgets_of(pod, budgets);
    if under.len() > 1 {
        let names = under.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
        return Fate::Blocks(format!(
            "it is under several disruption budgets, and the server evicts none such: {names}"
        ));
    }
    Fate::Goes
}

fn is_held(pod: &Value, budgets: &[Budget]) -> bool {
    budgets_of(pod, budgets).iter().any(|budget| budget.allowed < 1)
}

fn name_of(pod: &Value) -> String {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", text("/metadata/namespace"), text("/metadata/name"))
}

fn eviction(pod: &Value, why: &str) -> Option<Step> {
    let is_lost = controller_of(pod).is_none() && !has_ended(pod);
    let step = Step {
        action: Action::Drain,
        object: Target::of(pod, "pods")?,
        why: why.to_owned(),
        tier: if is_lost { Tier::Destructive } else { INFO.tier },
        call: Call::Evict {},
        expects: Expectation::Gone,
        undo: Undo::None { why: no_undo(!is_lost).to_owned() },
        health: None,
        checked: Checked::NotAsked,
    };
    Some(whatever_else_moves(step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(name: &str, owner: &str, more: &Value) -> Value {
        let mut pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "shop", "uid": name, "labels": {"app": name}},
            "spec": {}, "status": {"phase": "Running"},
        });
        if !owner.is_empty() {
            pod["metadata"]["ownerReferences"] = json!([{"kind": owner, "name": "o", "controller": true}]);
        }
        for (field, value) in more.as_object().into_iter().flatten() {
            pod[field] = value.clone();
        }
        pod
    }

    fn budget(name: &str, app: &str, allowed: u8) -> Budget {
        Budget::of(&json!({
            "metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": app}}},
            "status": {"disruptionsAllowed": allowed},
        }))
    }

    fn names(all: &[(String, String)]) -> Vec<&str> {
        all.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn goes(draining: &Draining) -> Vec<&str> {
        draining.steps.iter().map(|step| step.object.address.name.as_str()).collect()
    }

    #[test]
    fn what_a_daemon_set_or_a_kubelet_keeps_stays_and_losses_are_asked_for() {
        let scratch = json!({"spec": {"volumes": [{"name": "cache", "emptyDir": {}}]}});
        let mut mirror = pod("etcd", "Node", &json!({}));
        mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "9f"});
        let mut going = pod("old", "ReplicaSet", &json!({}));
        going["metadata"]["deletionTimestamp"] = json!("2026-01-15T08:00:00Z");
        let pods = [
            mirror,
            going,
            pod("agent", "DaemonSet", &scratch),
            pod("bare", "", &json!({})),
            pod("cached", "ReplicaSet", &scratch),
            pod("done", "", &json!({"status": {"phase": "Succeeded"}})),
            pod("web", "ReplicaSet", &json!({})),
        ];
        let careful = drain(&pods, &[], Losses::default(), "asked for");
        assert_eq!((goes(&careful), names(&careful.stay)), (vec!["done", "web"], vec!["shop/agent", "shop/etcd"]));
        assert_eq!(names(&careful.blocked), ["shop/bare", "shop/cached"]);
        let all = drain(&pods, &[], Losses { scratch_volumes: true, unmanaged: true }, "asked for");
        let tiers: Vec<(&str, Tier)> = goes(&all).into_iter().zip(all.steps.iter().map(|step| step.tier)).collect();
        use Tier::{Destructive, Disruptive};
        assert_eq!(tiers, [("bare", Destructive), ("cached", Disruptive), ("done", Disruptive), ("web", Disruptive)]);
        assert!(all.blocked.is_empty() && all.steps.iter().all(|step| step.call == Call::Evict {}));
    }

    #[test]
    fn what_a_budget_holds_comes_last_and_what_several_hold_never() {
        let pods = ["api", "db", "web"].map(|name| pod(name, "ReplicaSet", &json!({})));
        let budgets = [budget("one", "api", 0), budget("two", "db", 1), budget("three", "db", 1)];
        let draining = drain(&pods, &budgets, Losses::default(), "asked for");
        assert_eq!(goes(&draining), ["web", "api"]);
        assert_eq!(names(&draining.blocked), ["shop/db"]);
        assert!(draining.blocked[0].1.ends_with("two, three"), "{:?}", draining.blocked);
    }

    #[test]
    fn the_order_of_pods_makes_no_other_plan() {
        let mut pods = ["c", "a", "b"].map(|name| pod(name, "ReplicaSet", &json!({})));
        let plan = drain(&pods, &[], Losses::default(), "asked for");
        pods.reverse();
        assert_eq!(drain(&pods, &[], Losses::default(), "asked for"), plan);
    }
}
