//! What is in the way of nodes that go, and what is lost with them.

use serde_json::Value;
use sre_core::disruption::{Budget, budgets_of};
use sre_core::plan::{Note, Tier, controller_of, has_ended, is_ending, is_mirror, scratch_volumes};

/// How the cluster autoscaler is told of pods and nodes, see
/// <https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md>.
const SAFE: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const SAFE_VOLUMES: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
const KEPT: &str = "cluster-autoscaler.kubernetes.io/scale-down-disabled";

/// Names that are told one by one.
const NAMED: usize = 5;

/// What is in the way on the nodes of a group, of which some go; whichever the provider takes. The tier is what may be
/// lost at most.
pub fn of_nodes(nodes: &[Value], pods: &[Value], budgets: Option<&[Budget]>) -> (Vec<Note>, Tier) {
    let pods: Vec<&Value> =
        pods.iter().filter(|pod| !stays_with_node(pod) && !has_ended(pod) && !is_ending(pod)).collect();
    let named =
        |is: &dyn Fn(&Value) -> bool| pods.iter().filter(|pod| is(pod)).map(|pod| name_of(pod)).collect::<Vec<_>>();
    let unmanaged = named(&|pod| controller_of(pod).is_none());
    let local = named(&|pod| !local_volumes(pod).is_empty() && annotation(pod, SAFE) != Some("true"));
    let unsafe_pods = named(&|pod| annotation(pod, SAFE) == Some("false"));
    let held = named(&|pod| budgets_of(pod, budgets.unwrap_or_default()).iter().any(|budget| budget.allowed < 1));
    let kept: Vec<String> = nodes.iter().filter(|it| annotation(it, KEPT) == Some("true")).map(name_of).collect();
    let tier = if unmanaged.is_empty() && local.is_empty() { Tier::Disruptive } else { Tier::Destructive };
    let mut notes: Vec<Note> = [
        (unmanaged, "nothing makes these pods anew"),
        (local, "these pods have local volumes (emptyDir, hostPath), whose data end with the node"),
        (held, "disruption budgets let none of these pods go now, which not every provider heeds"),
        (unsafe_pods, "these pods are annotated as not to be evicted (safe-to-evict: false)"),
        (kept, "these nodes are annotated as not to be taken away (scale-down-disabled)"),
    ]
    .into_iter()
    .filter(|(names, _)| !names.is_empty())
    .map(|(names, why)| Note::warning(format!("{why}: {}", listed(names))))
    .collect();
    if budgets.is_none() {
        notes
            .push(Note::warning("the disruption budgets could not be read: whether they let the pods go is not known"));
    }
    (notes, tier)
}

/// Names of the volumes that end with the node, but for those that are said to be safe.
fn local_volumes(pod: &Value) -> Vec<&str> {
    let safe: Vec<&str> =
        annotation(pod, SAFE_VOLUMES).into_iter().flat_map(|it| it.split(',')).map(str::trim).collect();
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array).into_iter().flatten();
    let paths = volumes.filter(|it| it.get("hostPath").is_some()).filter_map(|it| it["name"].as_str());
    scratch_volumes(pod).into_iter().chain(paths).filter(|name| !safe.contains(name)).collect()
}

fn stays_with_node(pod: &Value) -> bool {
    is_mirror(pod) || controller_of(pod).is_some_and(|(kind, _)| kind == "DaemonSet")
}

fn annotation<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object.pointer("/metadata/annotations")?.get(key)?.as_str()
}

fn name_of(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let name = text("/metadata/name").unwrap_or_default();
    text("/metadata/namespace").map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

fn listed(mut names: Vec<String>) -> String {
    names.sort();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", names.join(", "))
}
