//! Required affinity and anti-affinity to other pods.

use super::floor::{Floor, is_placed};
use crate::slim::affinity::PodAffinityTerm;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{LabelSelector, Namespace, Node, Pod};
use crate::view::View;
use std::collections::HashSet;

/// Where the pods of one term are, as values of its topology key.
pub(super) struct Neighbours<'a> {
    key: &'a str,
    values: HashSet<&'a str>,
    /// The first of a group may go anywhere.
    is_first: bool,
    /// Whether the term means pods like the pod itself.
    means_own: bool,
}

impl<'a> Neighbours<'a> {
    /// Where the pods are that a term of `pod` means.
    pub(super) fn of(term: &'a PodAffinityTerm, pod: &'a Pod, view: &View<'a>, floor: &Floor<'a>) -> Self {
        let meant = view.all::<Pod>().iter().filter(|other| is_placed(other) && means(term, pod, other, view));
        let values = meant.filter_map(|other| floor.node_of(other)?.metadata.label(&term.topology_key)).collect();
        let values: HashSet<&str> = values;
        let means_own = means(term, pod, pod, view);
        let is_first = values.is_empty() && means_own;
        Self { key: &term.topology_key, values, is_first, means_own }
    }

    /// Counts a pod like the one that the term is of, on this node.
    pub(super) fn settle(&mut self, node: &'a Node) {
        if self.means_own {
            self.values.extend(node.metadata.label(self.key));
            self.is_first = false;
        }
    }

    /// Whether a node is near one of them.
    pub(super) fn are_near(&self, node: &Node) -> bool {
        node.metadata.label(self.key).is_some_and(|value| self.values.contains(value))
    }

    /// Whether a pod that must be near them may go to a node.
    pub(super) fn admit(&self, node: &Node) -> bool {
        self.are_near(node) || (self.is_first && node.metadata.label(self.key).is_some())
    }

    /// The topology key.
    pub(super) fn key(&self) -> &str {
        self.key
    }
}

/// Placed pods that do not want `pod` near them, as places to avoid.
pub(super) fn unwelcoming<'a>(pod: &'a Pod, view: &View<'a>, floor: &Floor<'a>) -> HashSet<(&'a str, &'a str)> {
    let mut places = HashSet::new();
    for hermit in &floor.hermits {
        for term in avoided(&hermit.spec).iter().filter(|term| means(term, hermit, pod, view)) {
            let value = floor.node_of(hermit).and_then(|node| node.metadata.label(&term.topology_key));
            places.extend(value.map(|value| (term.topology_key.as_str(), value)));
        }
    }
    places
}

/// The terms of required affinity.
pub(super) fn sought(spec: &PodSpec) -> &[PodAffinityTerm] {
    let affinity = spec.affinity.as_ref().and_then(|it| it.pod_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

/// The terms of required anti-affinity.
pub(super) fn avoided(spec: &PodSpec) -> &[PodAffinityTerm] {
    let affinity = spec.affinity.as_ref().and_then(|it| it.pod_anti_affinity.as_ref());
    affinity.map_or(&[], |affinity| &affinity.required)
}

/// Whether a term of `pod` means `other`; a term without a selector means no pod.
fn means(term: &PodAffinityTerm, pod: &Pod, other: &Pod, view: &View<'_>) -> bool {
    let labels = &other.metadata.labels;
    let own = |key: &String| pod.metadata.label(key);
    let same = term.match_label_keys.iter().all(|key| own(key).is_none() || own(key) == other.metadata.label(key));
    let differs =
        term.mismatch_label_keys.iter().all(|key| own(key).is_none() || own(key) != other.metadata.label(key));
    let selected = term.label_selector.as_ref().is_some_and(|selector| selector.matches(labels));
    selected && same && differs && is_in_reach(term, pod, other, view)
}

/// Whether the namespace of `other` is among those of the term: the pod's own when it names none.
fn is_in_reach(term: &PodAffinityTerm, pod: &Pod, other: &Pod, view: &View<'_>) -> bool {
    let namespace = other.metadata.namespace.as_str();
    if term.namespaces.is_empty() && term.namespace_selector.is_none() {
        return namespace == pod.metadata.namespace;
    }
    let by_label = |selector: &LabelSelector| {
        let labels = view.get::<Namespace>("", namespace).map(|namespace| &namespace.metadata.labels);
        selector.is_empty() || labels.is_some_and(|labels| selector.matches(labels))
    };
    term.namespaces.iter().any(|name| name == namespace) || term.namespace_selector.as_ref().is_some_and(by_label)
}
