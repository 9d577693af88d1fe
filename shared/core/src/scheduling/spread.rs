//! Spread constraints that must hold.

use super::demand::fits_labels;
use super::floor::{Floor, is_placed};
use crate::slim::affinity::TopologySpreadConstraint;
use crate::slim::{Node, Pod};
use crate::view::View;
use std::collections::HashMap;

/// How many pods of a constraint each domain holds.
pub(super) struct Spread<'a> {
    key: &'a str,
    max_skew: i64,
    own: i64,
    fewest: i64,
    needed: usize,
    domains: HashMap<&'a str, i64>,
}

/// The constraints of a pod that must hold.
pub(super) fn spreads<'a>(pod: &'a Pod, view: &View<'a>, floor: &Floor<'a>) -> Vec<Spread<'a>> {
    let constraints = pod.spec.topology_spread_constraints.iter();
    let strict = constraints.filter(|constraint| constraint.when_unsatisfiable != "ScheduleAnyway");
    strict.map(|constraint| Spread::new(constraint, pod, view, floor)).collect()
}

impl<'a> Spread<'a> {
    fn new(constraint: &'a TopologySpreadConstraint, pod: &'a Pod, view: &View<'a>, floor: &Floor<'a>) -> Self {
        let key = constraint.topology_key.as_str();
        let counted = floor.places.iter().map(|place| place.node).filter(|node| is_counted(constraint, pod, node));
        let mut domains: HashMap<&str, i64> = counted.filter_map(|node| Some((node.metadata.label(key)?, 0))).collect();
        let alike = view.pods_in(&pod.metadata.namespace).iter().filter(|other| is_placed(other));
        for other in alike.filter(|other| is_alike(constraint, pod, other)) {
            let value = floor.node_of(other).and_then(|node| node.metadata.label(key));
            if let Some(count) = value.and_then(|value| domains.get_mut(value)) {
                *count += 1;
            }
        }
        let needed = usize::try_from(constraint.min_domains.unwrap_or(1)).unwrap_or(1);
        let own = i64::from(is_alike(constraint, pod, pod));
        let mut spread = Self { key, max_skew: i64::from(constraint.max_skew), own, fewest: 0, needed, domains };
        spread.count();
        spread
    }

    fn count(&mut self) {
        let is_enough = self.domains.len() >= self.needed;
        self.fewest = if is_enough { self.domains.values().copied().min().unwrap_or(0) } else { 0 };
    }

    /// Counts a pod like the one that the constraint is of, on this node.
    pub(super) fn settle(&mut self, node: &Node) {
        if let Some(count) = node.metadata.label(self.key).and_then(|value| self.domains.get_mut(value)) {
            *count += self.own;
        }
        self.count();
    }

    /// What is against a node, in few words.
    pub(super) fn against(&self, node: &Node) -> Option<String> {
        let Some(value) = node.metadata.label(self.key) else {
            return Some(format!("no label {}", self.key));
        };
        let there = self.domains.get(value).copied().unwrap_or(0);
        let skew = there + self.own - self.fewest;
        (skew > self.max_skew).then(|| format!("{}: skew {skew} over {}", self.key, self.max_skew))
    }
}

/// Whether a node counts as a domain: by default those that the pod's node affinity admits, whatever their taints.
fn is_counted(constraint: &TopologySpreadConstraint, pod: &Pod, node: &Node) -> bool {
    let is_admitted = constraint.node_affinity_policy.as_deref() == Some("Ignore") || fits_labels(&pod.spec, node);
    let honours_taints = constraint.node_taints_policy.as_deref() == Some("Honor");
    is_admitted && (!honours_taints || super::demand::untolerated(&pod.spec, node).next().is_none())
}

fn is_alike(constraint: &TopologySpreadConstraint, pod: &Pod, other: &Pod) -> bool {
    let selected = constraint.label_selector.as_ref().is_some_and(|one| one.matches(&other.metadata.labels));
    let same = |key: &String| pod.metadata.label(key) == other.metadata.label(key);
    let is_leaving = other.metadata.deletion_timestamp.is_some();
    selected && !is_leaving && constraint.match_label_keys.iter().all(same)
}
