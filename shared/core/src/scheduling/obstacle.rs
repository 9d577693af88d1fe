//! Why a node does not take a pod.

use crate::slim::Node;
use crate::slim::node::Taint;
use crate::units::Amount;

/// The scheduler's filters, in the order in which it asks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// The node is cordoned.
    Cordon,
    /// The node has a taint that its own condition set: not ready, unreachable, under pressure.
    Condition,
    /// The node has a taint that the pod does not tolerate.
    Taint,
    /// The node does not match the node selector or the required node affinity.
    NodeSelector,
    /// A host port is taken.
    HostPort,
    /// The node holds as many pods as it may.
    MaxPods,
    /// Too little of a resource is free.
    Resource,
    /// Too little of an extended resource is free, or it is not there.
    ExtendedResource,
    /// A bound volume cannot be reached from the node.
    Volume,
    /// A spread constraint that must hold would not.
    Spread,
    /// Required affinity or anti-affinity to other pods.
    PodAffinity,
}

/// One reason why one node does not take a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Obstacle<'a> {
    /// The filter that says no.
    pub filter: Filter,
    /// What it stumbles over, in few words: a resource, a taint, a label, a port.
    pub what: String,
    /// How much of a resource is free there.
    pub free: Option<Amount>,
    /// The taint.
    pub taint: Option<&'a Taint>,
}

impl<'a> Obstacle<'a> {
    pub(super) fn new(filter: Filter, what: impl Into<String>) -> Self {
        Self { filter, what: what.into(), free: None, taint: None }
    }

    pub(super) fn of_taint(taint: &'a Taint) -> Self {
        let filter = if is_condition(taint) { Filter::Condition } else { Filter::Taint };
        Self { taint: Some(taint), ..Self::new(filter, written(taint)) }
    }
}

/// Whether a condition of a node keeps new pods away from it.
pub fn closed_by_condition(node: &Node) -> bool {
    node.spec.taints.iter().any(is_condition)
}

/// The taints that the node lifecycle controller sets for conditions.
fn is_condition(taint: &Taint) -> bool {
    let condition = taint.key.strip_prefix("node.kubernetes.io/");
    condition.is_some_and(|name| {
        let pressures = ["memory-pressure", "disk-pressure", "pid-pressure"];
        matches!(name, "not-ready" | "unreachable" | "network-unavailable") || pressures.contains(&name)
    })
}

/// A taint as kubectl writes it: `KEY=VALUE:EFFECT`.
fn written(taint: &Taint) -> String {
    let Taint { key, value, effect, .. } = taint;
    if value.is_empty() { format!("{key}:{effect}") } else { format!("{key}={value}:{effect}") }
}
