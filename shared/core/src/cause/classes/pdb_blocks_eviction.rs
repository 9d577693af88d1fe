//! A node is being emptied, and a disruption budget lets no pod go.

use super::pdb_overlap::covers;
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::{ConditionFacts, Node, Object, Pod, PodDisruptionBudget, condition_of};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class {
    id: "pdb-blocks-eviction",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.says(&["disruption budget", "poddisruptionbudget"])
                && it.says(&["cannot evict", "violate", "evict", "drain"])
        },
        |_| "a disruption budget leaves no room for an eviction".to_owned(),
    )),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let leaving: Vec<&Pod> = cordoned(view).flat_map(|node| view.pods_on(&node.metadata.name)).copied().collect();
    let full = view.all::<PodDisruptionBudget>().iter();
    let full = full.filter(|budget| budget.status.expected_pods > 0 && budget.status.disruptions_allowed <= 0);
    full.filter_map(|budget| held(view, budget, &leaving)).collect()
}

fn cordoned<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Node> + use<'a> {
    view.all::<Node>().iter().filter(|node| node.spec.unschedulable)
}

fn held(view: &View<'_>, budget: &PodDisruptionBudget, leaving: &[&Pod]) -> Option<Finding> {
    let of_budget = |pod: &&&Pod| pod.metadata.namespace == budget.metadata.namespace && covers(budget, pod);
    let held: Vec<&&Pod> = leaving.iter().filter(of_budget).collect();
    let first = held.first()?;
    let object = budget.reference();
    let (name, namespace) = (&budget.metadata.name, &budget.metadata.namespace);
    let node = &first.node_name;
    let status = &budget.status;
    let title = format!("node {node} is being emptied, and the budget lets none of its pods go: {}", room(budget));
    Some(
        Finding::new("", Severity::Warning, object.clone(), title)
            .risk()
            .evidence(&object, "status.disruptionsAllowed", status.disruptions_allowed.to_string())
            .evidence(&first.reference(), "spec.nodeName", format!("{node} (unschedulable)"))
            .since(since(view, budget, node))
            .look(format!("kubectl describe pdb {name} -n {namespace}")),
    )
}

/// Since the node is cordoned and the budget has no room, whichever came later; else since there is the budget.
fn since(view: &View<'_>, budget: &PodDisruptionBudget, node: &str) -> Option<Timestamp> {
    let taints = view.get::<Node>("", node).map(|node| node.spec.taints.as_slice()).unwrap_or_default();
    let cordon = taints.iter().find(|taint| taint.key == "node.kubernetes.io/unschedulable");
    let cordoned = cordon.and_then(|taint| taint.time_added?.at());
    let room = condition_of(&budget.status.conditions, "DisruptionAllowed");
    let full = room.filter(|it| it.status == "False").and_then(ConditionFacts::since);
    cordoned.max(full).or_else(|| budget.metadata.creation_timestamp.at())
}

/// How many pods must stay of how many, in words.
fn room(budget: &PodDisruptionBudget) -> String {
    let status = &budget.status;
    format!(
        "{} of {} pods are healthy, {} must be",
        status.current_healthy, status.expected_pods, status.desired_healthy
    )
}

const PAGE: &str = "\
A node is cordoned, and pods on it cannot be evicted, because their PodDisruptionBudget allows no
disruption at the moment: a drain waits, or tries again and again.

Looked at: spec.unschedulable of nodes, status.disruptionsAllowed of budgets, their pods' nodes.

What to do: make the other pods healthy, or scale up for the time of the drain:
  kubectl describe pdb NAME -n NAMESPACE";
