//! Whether the nodes hold the pods that would come, and how many more nodes like those of the largest group would.

use sre_core::node_group::{Provider, group_of};
use sre_core::scheduling::{Fit, Floor, Resources, pod_request, written};
use sre_core::slim::{Node, Pod, amount_of};
use sre_core::view::View;
use std::collections::BTreeMap;

/// The most nodes that are tried.
const MOST: usize = 200;

/// What the nodes hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many pods would come.
    pub wanted: usize,
    /// How many of them the nodes hold.
    pub held: usize,
    /// The same of each kind of pod, in the order in which they were placed.
    pub held_of_each: Vec<usize>,
    /// Nodes of which there are most that are alike; none where no node takes pods.
    pub shape: Option<Shape>,
    /// How many more nodes of that shape it takes.
    pub more: More,
    /// The same with a node less.
    pub one_less: Option<OneLess>,
}

/// How many more nodes it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum More {
    /// So many.
    Nodes(usize),
    /// So many pods find no place on however many nodes of that shape.
    Homeless(usize),
}

/// Nodes that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// One of them.
    pub like: String,
    /// How many there are.
    pub count: usize,
    /// The group that they belong to, by their labels.
    pub group: Option<(Provider, String)>,
    /// What each has for pods: CPU and memory.
    pub cpu: String,
    /// See `cpu`.
    pub memory: String,
}

/// What is missing when a node is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneLess {
    /// The node, which holds most.
    pub node: String,
    /// How many more nodes it takes then.
    pub more: More,
}

impl Room {
    /// Works out whether the nodes hold so many pods of each kind.
    pub fn of(view: &View<'_>, wanted: &[(Pod, usize)]) -> Self {
        let nodes = view.all::<Node>();
        let alike = largest(nodes);
        let spare = alike.first().map(|node| spares(node)).unwrap_or_default();
        let daemons = alike.first().map(|node| daemons(view, node)).unwrap_or_default();
        let pods: Vec<(&Pod, usize)> = wanted.iter().map(|(pod, count)| (pod, *count)).collect();
        let (held_of_each, more) = packed(view, Floor::new(view), &pods, &spare, &daemons);
        let one_less = fullest(view).map(|node| {
            let mut all = movers(view, node);
            all.extend(&pods);
            let (_, more) = packed(view, Floor::new(view).without(node), &all, &spare, &daemons);
            OneLess { node: node.to_owned(), more }
        });
        let count = wanted.iter().map(|(_, count)| count).sum();
        let held = held_of_each.iter().sum();
        Self { nodes: nodes.len(), wanted: count, held, held_of_each, shape: shape(&alike), more, one_less }
    }
}

/// Places pods on the floor, and on nodes that are added one by one; tells how many of each kind the floor
/// alone held.
fn packed<'a>(
    view: &View<'a>,
    mut floor: Floor<'a>,
    pods: &[(&'a Pod, usize)],
    spare: &'a [Node],
    daemons: &(Resources, i64),
) -> (Vec<usize>, More) {
    let place = |floor: &mut Floor<'a>, rests: &[(&'a Pod, usize)]| -> Vec<usize> {
        rests.iter().map(|(pod, count)| Fit::onto(pod, *count, view, floor).nodes.len()).collect()
    };
    let without = |rests: &[(&'a Pod, usize)], held: &[usize]| -> Vec<(&'a Pod, usize)> {
        let rest = rests.iter().zip(held).map(|((pod, count), held)| (*pod, count - held));
        rest.filter(|(_, count)| *count > 0).collect()
    };
    let count = |rests: &[(&Pod, usize)]| rests.iter().map(|(_, count)| count).sum::<usize>();
    let held = place(&mut floor, pods);
    let mut rests = without(pods, &held);
    for (added, node) in spare.iter().enumerate() {
        if rests.is_empty() {
            return (held, More::Nodes(added));
        }
        floor.add(node, daemons.0.clone(), daemons.1);
        let before = count(&rests);
        let placed = place(&mut floor, &rests);
        rests = without(&rests, &placed);
        if count(&rests) == before {
            break;
        }
    }
    let more = if rests.is_empty() { More::Nodes(spare.len()) } else { More::Homeless(count(&rests)) };
    (held, more)
}

/// The nodes of which most are alike, of those that take pods.
fn largest(nodes: &[Node]) -> Vec<&Node> {
    let mut by_shape: BTreeMap<_, Vec<&Node>> = BTreeMap::new();
    for node in nodes.iter().filter(|node| takes_pods(node)) {
        let amount = |name| amount_of(&node.status.allocatable, name).unwrap_or_default();
        by_shape.entry((named_group(node), amount("cpu"), amount("memory"))).or_default().push(node);
    }
    by_shape.into_values().max_by_key(Vec::len).unwrap_or_default()
}

fn takes_pods(node: &Node) -> bool {
    !node.spec.unschedulable && node.spec.taints.iter().all(|taint| taint.effect == "PreferNoSchedule")
}

fn named_group(node: &Node) -> Option<(Provider, String)> {
    // A managed group that eksctl made has both labels.
    let all = [Provider::Eksctl, Provider::Eks, Provider::Gke, Provider::Aks];
    all.into_iter().find_map(|provider| Some((provider, group_of(node, provider)?.to_owned())))
}

fn shape(alike: &[&Node]) -> Option<Shape> {
    let first = alike.first()?;
    let offered = |name: &str| written(name, amount_of(&first.status.allocatable, name).unwrap_or_default());
    Some(Shape {
        like: first.metadata.name.clone(),
        count: alike.len(),
        group: named_group(first),
        cpu: offered("cpu"),
        memory: offered("memory"),
    })
}

/// How many pods would have to go elsewhere when these nodes are gone, and how many of them find no place on the others.
pub(crate) fn homeless_without(view: &View<'_>, nodes: &[&str]) -> (usize, usize) {
    let pods: Vec<(&Pod, usize)> = nodes.iter().flat_map(|node| movers(view, node)).collect();
    let floor = nodes.iter().fold(Floor::new(view), |floor, node| floor.without(node));
    let (held, _) = packed(view, floor, &pods, &[], &(Resources::default(), 0));
    (pods.len(), pods.len() - held.iter().sum::<usize>())
}

/// Nodes like one, under names of their own.
fn spares(like: &Node) -> Vec<Node> {
    let one = |number: usize| {
        let mut node = like.clone();
        node.metadata.name = format!("{}-{number}", like.metadata.name);
        node.metadata.labels.retain(|label| label.key != "kubernetes.io/hostname");
        node
    };
    (1..=MOST).map(one).collect()
}

/// What pods of DaemonSets and static pods take of a node, which a new one holds from its beginning.
fn daemons(view: &View<'_>, node: &Node) -> (Resources, i64) {
    let mut used = Resources::default();
    let pods = view.pods_on(&node.metadata.name).iter().filter(|pod| is_of_the_node(pod) && !has_ended(pod));
    let count = pods.map(|pod| used.add(&pod_request(&pod.spec))).count();
    (used, i64::try_from(count).unwrap_or(i64::MAX))
}

/// The node whose pods would have to go elsewhere that holds most of them.
fn fullest<'a>(view: &View<'a>) -> Option<&'a str> {
    let nodes = view.all::<Node>().iter().map(|node| (movers(view, &node.metadata.name).len(), node));
    let fullest = nodes
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(count, node)| (*count, std::cmp::Reverse(&node.metadata.name)));
    fullest.map(|(_, node)| node.metadata.name.as_str())
}

pub(crate) fn movers<'a>(view: &View<'a>, node: &str) -> Vec<(&'a Pod, usize)> {
    let pods = view.pods_on(node).iter().copied();
    pods.filter(|pod| !is_of_the_node(pod) && !has_ended(pod)).map(|pod| (pod, 1)).collect()
}

fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// Whether a pod is there because its node is; a static pod has its node as owner.
fn is_of_the_node(pod: &Pod) -> bool {
    pod.metadata.owner_references.iter().any(|it| matches!(it.kind.as_str(), "DaemonSet" | "Node"))
}
