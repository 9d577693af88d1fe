//! Where pods may run.

use super::View;
use crate::scheduling::local_volumes;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Node, Pod, condition_of, has_all};

/// Label of a node that names its zone.
const ZONE: &str = "topology.kubernetes.io/zone";

impl<'a> View<'a> {
    /// The nodes that would take a pod now, as far as readiness, cordons, taints, its selector, its required
    /// affinity and the name that it gives say; room for its requests is not looked at.
    pub fn nodes_for(&self, spec: &PodSpec) -> Vec<&'a Node> {
        self.all::<Node>().iter().filter(|node| takes(node, spec)).collect()
    }

    /// Whether a node reaches every bound volume of a pod.
    pub fn reaches_volumes(&self, node: &Node, pod: &Pod) -> bool {
        local_volumes(pod, self).iter().all(|(_, reach)| reach.matches(&node.metadata.labels, &node.metadata.name))
    }
}

/// The zone of a node, when it says one.
pub fn zone_of(node: &Node) -> Option<&str> {
    node.metadata.label(ZONE).filter(|zone| !zone.is_empty())
}

fn takes(node: &Node, spec: &PodSpec) -> bool {
    let is_ready = condition_of(&node.status.conditions, "Ready").is_some_and(|it| it.status == "True");
    let repelling = node.spec.taints.iter().filter(|taint| taint.effect != "PreferNoSchedule");
    let tolerates = repelling.into_iter().all(|taint| spec.tolerations.iter().any(|one| one.tolerates(taint)));
    let labels = &node.metadata.labels;
    let required = spec.affinity.as_ref().and_then(|it| it.node_affinity.as_ref()).and_then(|it| it.required.as_ref());
    let is_wanted = required.is_none_or(|required| required.matches(labels, &node.metadata.name));
    let is_named = spec.node_name.is_empty() || spec.node_name == node.metadata.name;
    is_ready && is_named && !node.spec.unschedulable && tolerates && has_all(&spec.node_selector, labels) && is_wanted
}
