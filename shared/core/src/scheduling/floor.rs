//! The nodes and what stands on them.

use super::ports::{Port, host_ports};
use super::resources::{Resources, pod_request};
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Node, Pod};
use crate::units::Amount;
use crate::view::View;
use std::collections::HashMap;
use std::rc::Rc;

/// Every node with what its pods take of it.
pub struct Floor<'a> {
    /// By name of the node.
    pub places: Vec<Place<'a>>,
    /// Position among the places, by name of the node.
    by_name: HashMap<&'a str, usize>,
    /// Pods that keep others away.
    pub(super) hermits: Vec<&'a Pod>,
}

/// One node with what its pods take of it.
pub struct Place<'a> {
    /// The node.
    pub node: &'a Node,
    /// What its pods asked for.
    pub used: Resources,
    /// How many pods it holds that have not ended.
    pub pods: i64,
    /// Host ports that are taken.
    pub(super) ports: Vec<Port>,
}

impl<'a> Floor<'a> {
    /// Adds up what is placed where; pods that have ended take nothing.
    pub fn new(view: &View<'a>) -> Self {
        let empty = |node| Place { node, used: Resources::default(), pods: 0, ports: Vec::new() };
        let places: Vec<Place<'a>> = view.all::<Node>().iter().map(empty).collect();
        let mut floor = Self { by_name: by_name(&places), places, hermits: Vec::new() };
        let mut requests = Requests::default();
        for pod in view.all::<Pod>().iter().filter(|pod| is_placed(pod)) {
            floor.put(pod, &requests.of(&pod.spec));
        }
        floor
    }

    /// The same without a node and what stands on it.
    pub fn without(mut self, node: &str) -> Self {
        self.places.retain(|place| place.node.metadata.name != node);
        self.by_name = by_name(&self.places);
        self
    }

    /// The same with a node more, on which so many pods take so much.
    pub fn add(&mut self, node: &'a Node, used: Resources, pods: i64) {
        self.by_name.insert(node.metadata.name.as_str(), self.places.len());
        self.places.push(Place { node, used, pods, ports: Vec::new() });
    }

    fn put(&mut self, pod: &'a Pod, request: &Resources) {
        let Some(place) = self.by_name.get(pod.node_name.as_str()).and_then(|&at| self.places.get_mut(at)) else {
            return;
        };
        place.used.add(request);
        place.pods += 1;
        place.ports.extend(host_ports(&pod.spec));
        if !super::neighbours::avoided(&pod.spec).is_empty() {
            self.hermits.push(pod);
        }
    }

    /// The node of a placed pod.
    pub(super) fn node_of(&self, pod: &Pod) -> Option<&'a Node> {
        self.by_name.get(pod.node_name.as_str()).map(|&at| self.places[at].node)
    }
}

fn by_name<'a>(places: &[Place<'a>]) -> HashMap<&'a str, usize> {
    places.iter().enumerate().map(|(at, place)| (place.node.metadata.name.as_str(), at)).collect()
}

impl Place<'_> {
    /// How much of a resource is left; negative when more was promised than there is.
    pub fn free(&self, resource: &str) -> Amount {
        self.offered(resource) - self.used.get(resource)
    }

    /// How much of a resource the node has for pods.
    pub fn offered(&self, resource: &str) -> Amount {
        crate::slim::amount_of(&self.node.status.allocatable, resource).unwrap_or_default()
    }
}

/// Whether a pod takes room on a node.
pub(super) fn is_placed(pod: &Pod) -> bool {
    !pod.node_name.is_empty() && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// Requests by spec: ten thousand pods share a few hundred specs.
#[derive(Default)]
struct Requests {
    known: HashMap<*const PodSpec, Rc<Resources>>,
}

impl Requests {
    fn of(&mut self, spec: &PodSpec) -> Rc<Resources> {
        Rc::clone(self.known.entry(spec).or_insert_with(|| Rc::new(pod_request(spec))))
    }
}
