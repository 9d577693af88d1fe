//! Workloads of many owners fail at once on what they share, and no single class explains it.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::Pod;
use crate::view::{View, is_ready};
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CLASS: Class = Class { id: "shared-failure-domain", page: PAGE, residual: Some(shared), ..Class::SILENT };

/// So many owners do not fail on one node by chance.
const OWNERS: usize = 3;

/// How many of the failing pods stand on the node, in percent.
const SHARE: usize = 80;

fn shared(view: &View<'_>) -> Vec<Finding> {
    let failing: Vec<&Pod> = view.all::<Pod>().iter().filter(|pod| fails(pod, view)).collect();
    let mut by_node: BTreeMap<&str, Vec<&Pod>> = BTreeMap::new();
    for pod in &failing {
        by_node.entry(&pod.node_name).or_default().push(pod);
    }
    let elsewhere = view.all::<Pod>().iter().any(|pod| is_ready(pod) && !by_node.contains_key(&*pod.node_name));
    let found = by_node.into_iter().filter(|(_, pods)| elsewhere && pods.len() * 100 >= failing.len() * SHARE);
    found.filter_map(|(node, pods)| judge(node, &pods, view)).collect()
}

fn fails(pod: &Pod, view: &View<'_>) -> bool {
    let is_meant = !pod.node_name.is_empty() && pod.status.phase == "Running" && !view.is_going(&pod.metadata);
    is_meant && !is_ready(pod) && view.is_overdue(pod) && !view.is_explained(pod)
}

fn judge(node: &str, pods: &[&Pod], view: &View<'_>) -> Option<Finding> {
    let owners: BTreeSet<ObjectRef> = pods.iter().map(|pod| view.owner_of(pod)).collect();
    if owners.len() < OWNERS {
        return None;
    }
    let title =
        format!("{} pods of {} owners fail on node {node}, and nearly none elsewhere", pods.len(), owners.len());
    let object = ObjectRef::cluster("Node", node);
    let names = owners.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .probable()
        .evidence(&object, "pods that are not ready", names)
        .look(format!("kubectl describe node {node}"));
    Some(pods.iter().fold(finding, |finding, pod| finding.shows_on(crate::slim::Object::reference(*pod))))
}

const PAGE: &str = "\
Pods of several owners on one node are not ready, while nearly all others are: what they share is at
fault, though nothing says what (its network, its disk, its kernel).

Looked at: pods that are not ready for no reason of their own, by node.

What to do: take the node out of use, and see whether its pods work elsewhere:
  kubectl sre change drain NAME --dry-run";
