//! What one pod demands of a node, worked out once for all nodes.

use super::floor::{Floor, Place};
use super::neighbours::{Neighbours, avoided, sought, unwelcoming};
use super::obstacle::{Filter, Obstacle};
use super::ports::{Port, host_ports};
use super::resources::{Resources, pod_request};
use super::spread::{Spread, spreads};
use crate::slim::affinity::NodeSelector;
use crate::slim::node::Taint;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Node, PersistentVolume, PersistentVolumeClaim, Pod, has_all};
use crate::units::Amount;
use crate::view::View;
use std::collections::HashSet;

/// What a pod demands of a node.
pub struct Demand<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// What it asks for in all.
    pub request: Resources,
    ports: Vec<Port>,
    near: Vec<Neighbours<'a>>,
    far: Vec<Neighbours<'a>>,
    unwelcoming: HashSet<(&'a str, &'a str)>,
    spreads: Vec<Spread<'a>>,
    /// The bound volumes that not every node reaches, by name.
    volumes: Vec<(&'a str, &'a NodeSelector)>,
}

impl<'a> Demand<'a> {
    /// Works out what a pod demands.
    pub fn of(pod: &'a Pod, view: &View<'a>, floor: &Floor<'a>) -> Self {
        let neighbours = |term| Neighbours::of(term, pod, view, floor);
        Self {
            pod,
            request: pod_request(&pod.spec),
            ports: host_ports(&pod.spec).collect(),
            near: sought(&pod.spec).iter().map(neighbours).collect(),
            far: avoided(&pod.spec).iter().map(neighbours).collect(),
            unwelcoming: unwelcoming(pod, view, floor),
            spreads: spreads(pod, view, floor),
            volumes: local_volumes(pod, view),
        }
    }

    /// Everything that is against a node; nothing when the pod would be placed there.
    pub fn obstacles(&self, place: &Place<'a>) -> Vec<Obstacle<'a>> {
        let node = place.node;
        let mut found = self.of_machine(node);
        let taken = self.ports.iter().filter(|port| place.ports.iter().any(|other| other.collides(port)));
        found.extend(taken.map(|port| Obstacle::new(Filter::HostPort, port.number.to_string())));
        found.extend(self.of_room(place));
        found.extend(self.beyond_reach(node));
        found.extend(self.spreads.iter().filter_map(|it| it.against(node)).map(|it| Obstacle::new(Filter::Spread, it)));
        found.extend(self.of_neighbours(node));
        found
    }

    /// Counts a pod like this one on a node, as if it had been placed there.
    pub(super) fn settle(&mut self, place: &mut Place<'a>) {
        place.used.add(&self.request);
        place.pods += 1;
        place.ports.extend(host_ports(&self.pod.spec));
        self.near.iter_mut().chain(&mut self.far).for_each(|it| it.settle(place.node));
        self.spreads.iter_mut().for_each(|it| it.settle(place.node));
    }

    /// What is against a node whatever stands on it: cordon, taints, labels and the reach of volumes.
    pub fn against_machine(&self, place: &Place<'a>) -> Vec<Obstacle<'a>> {
        let mut found = self.of_machine(place.node);
        found.extend(self.beyond_reach(place.node));
        found
    }

    /// The bound volumes that the node does not reach.
    fn beyond_reach(&self, node: &Node) -> impl Iterator<Item = Obstacle<'a>> {
        let beyond =
            self.volumes.iter().filter(|(_, reach)| !reach.matches(&node.metadata.labels, &node.metadata.name));
        beyond.map(|(name, _)| Obstacle::new(Filter::Volume, *name))
    }

    /// Cordon, taints and labels.
    fn of_machine(&self, node: &'a Node) -> Vec<Obstacle<'a>> {
        let mut found = Vec::new();
        let cordon = Taint { key: CORDON.into(), effect: "NoSchedule".into(), ..Taint::default() };
        if node.spec.unschedulable && !self.pod.spec.tolerations.iter().any(|one| one.tolerates(&cordon)) {
            found.push(Obstacle::new(Filter::Cordon, ""));
        }
        found.extend(untolerated(&self.pod.spec, node).filter(|taint| taint.key != CORDON).map(Obstacle::of_taint));
        if !fits_labels(&self.pod.spec, node) {
            found.push(Obstacle::new(Filter::NodeSelector, ""));
        }
        found
    }

    fn of_room(&self, place: &Place<'a>) -> Vec<Obstacle<'a>> {
        let may_hold = place.offered("pods");
        let full = may_hold > Amount::ZERO && Amount::whole(place.pods) >= may_hold;
        let full = full.then(|| Obstacle::new(Filter::MaxPods, place.pods.to_string()));
        let short = self.request.iter().filter(|(name, wanted)| *wanted > place.free(name));
        let short = short.map(|(name, _)| {
            let filter = if is_extended(name) { Filter::ExtendedResource } else { Filter::Resource };
            Obstacle { free: Some(place.free(name)), ..Obstacle::new(filter, name) }
        });
        full.into_iter().chain(short).collect()
    }

    fn of_neighbours(&self, node: &Node) -> Option<Obstacle<'a>> {
        let missing = self.near.iter().find(|one| !one.admit(node));
        let missing = missing.map(|one| format!("no pod to be near, by {}", one.key()));
        let unwanted = || self.far.iter().find(|one| one.are_near(node));
        let unwanted = || unwanted().map(|one| format!("a pod to be away from, by {}", one.key()));
        let label_of = |key: &str| node.metadata.label(key);
        let unwelcome = || self.unwelcoming.iter().find(|(key, value)| label_of(key) == Some(value));
        let unwelcome = || unwelcome().map(|(key, _)| format!("a pod that wants to be alone, by {key}"));
        let words = missing.or_else(unwanted).or_else(unwelcome)?;
        Some(Obstacle::new(Filter::PodAffinity, words))
    }
}

/// The taint that a cordon sets.
const CORDON: &str = "node.kubernetes.io/unschedulable";

/// Whether a resource is offered by device plugins and the like: named with a domain that is not Kubernetes' own.
pub(super) fn is_extended(name: &str) -> bool {
    name.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"))
}

/// The taints of a node that keep a pod away.
pub(super) fn untolerated<'a>(spec: &PodSpec, node: &'a Node) -> impl Iterator<Item = &'a Taint> {
    let repelling = node.spec.taints.iter().filter(|taint| taint.effect != "PreferNoSchedule");
    repelling.filter(|taint| !spec.tolerations.iter().any(|one| one.tolerates(taint)))
}

/// Whether a node has the labels that a pod requires.
pub(super) fn fits_labels(spec: &PodSpec, node: &Node) -> bool {
    let required = spec.affinity.as_ref().and_then(|it| it.node_affinity.as_ref()).and_then(|it| it.required.as_ref());
    let labels = &node.metadata.labels;
    has_all(&spec.node_selector, labels) && required.is_none_or(|terms| terms.matches(labels, &node.metadata.name))
}

/// The bound volumes of a pod that not every node reaches, by name.
pub(crate) fn local_volumes<'a>(pod: &'a Pod, view: &View<'a>) -> Vec<(&'a str, &'a NodeSelector)> {
    let claims = pod.spec.volumes.iter().filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
    let claims =
        claims.filter_map(|claim| view.get::<PersistentVolumeClaim>(&pod.metadata.namespace, &claim.claim_name));
    let volumes = claims.filter_map(|claim| view.get::<PersistentVolume>("", &claim.spec.volume_name));
    let reach = |volume: &'a PersistentVolume| volume.spec.node_affinity.as_ref()?.required.as_ref();
    volumes.filter_map(|volume| Some((volume.metadata.name.as_str(), reach(volume)?))).collect()
}
