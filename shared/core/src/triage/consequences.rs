//! What follows from a cause without an edge that would show it: everybody asks cluster DNS, and names it nowhere.

use super::Diagnosis;
use crate::cause::{CLASSES, Class, Upstream};
use crate::finding::{Role, Severity};
use crate::object::ObjectRef;
use crate::slim::{Kind, Pod};
use crate::view::{Layer, View, layer};
use std::collections::{BTreeMap, BTreeSet};

/// Puts the causes of classes that another brings under that other, which is as bad as what it brings.
pub(super) fn gather(causes: &mut Vec<Diagnosis>, view: &View<'_>) {
    let mut upstream = Upstream::of(view);
    let bringers = Bringers::of(causes, view, &mut upstream);
    let above: Vec<Option<usize>> =
        (0..causes.len()).map(|place| bringers.of_one(causes, place, &mut upstream)).collect();
    let mut left: Vec<Option<Diagnosis>> = std::mem::take(causes).into_iter().map(Some).collect();
    for place in 0..left.len() {
        let root = root(&above, place);
        if let Some(one) = (root != place).then(|| left[place].take()).flatten() {
            let Some(cause) = left[root].as_mut() else { continue };
            cause.judged.finding.severity = cause.judged.finding.severity.min(one.judged.finding.severity);
            cause.judged.explains.push(one.judged.id);
            cause.explains.push(one.judged.finding);
            cause.explains.extend(one.explains);
        }
    }
    causes.extend(left.into_iter().flatten());
}

/// The first of a chain; of causes that bring each other the one that comes first in the list.
fn root(above: &[Option<usize>], place: usize) -> usize {
    let mut chain = vec![place];
    while let Some(next) = chain.last().and_then(|last| above[*last]) {
        if let Some(begin) = chain.iter().position(|seen| *seen == next) {
            return chain[begin..].iter().copied().min().unwrap_or(place);
        }
        chain.push(next);
    }
    chain.last().copied().unwrap_or(place)
}

/// The causes that may bring others, by the objects that join them.
struct Bringers<'v, 'a> {
    view: &'v View<'a>,
    /// Where they stand and show.
    standing: BTreeMap<ObjectRef, Vec<usize>>,
    /// What they need.
    needing: BTreeMap<ObjectRef, Vec<usize>>,
    /// Those of which everybody has need.
    everybodys: Vec<usize>,
    /// Those that stand at a node, and keep pods from it that have none yet.
    at_nodes: Vec<usize>,
    /// By namespace, where files may lack what joins two objects.
    beside: BTreeMap<String, Vec<usize>>,
}

impl<'v, 'a> Bringers<'v, 'a> {
    fn of(causes: &[Diagnosis], view: &'v View<'a>, upstream: &mut Upstream<'_, '_>) -> Self {
        let mut bringers = Self {
            view,
            standing: BTreeMap::new(),
            needing: BTreeMap::new(),
            everybodys: Vec::new(),
            at_nodes: Vec::new(),
            beside: BTreeMap::new(),
        };
        for (place, cause) in causes.iter().enumerate() {
            let Some(class) = class_of(cause).filter(|class| !class.brings.is_empty()) else { continue };
            if cause.judged.finding.severity == Severity::Info {
                continue;
            }
            if class.is_everybodys && is_of_the_system(&cause.judged.finding.object) {
                bringers.everybodys.push(place);
            }
            if cause.judged.finding.object.kind == "Node" {
                bringers.at_nodes.push(place);
            }
            for object in cause.objects() {
                bringers.standing.entry(object.clone()).or_default().push(place);
                for need in upstream.needs(object).into_iter().filter(joins) {
                    bringers.needing.entry(need).or_default().push(place);
                }
                let namespace = object.namespace.as_deref().unwrap_or_default();
                if !namespace.is_empty() && is_scattered(view, namespace) {
                    bringers.beside.entry(namespace.to_owned()).or_default().push(place);
                }
            }
        }
        bringers
    }

    /// The first cause that brings one.
    fn of_one(&self, causes: &[Diagnosis], place: usize, upstream: &mut Upstream<'_, '_>) -> Option<usize> {
        let one = &causes[place];
        let class = one.judged.finding.class?;
        if !CLASSES.iter().any(|bringer| bringer.brings.contains(&class)) {
            return None;
        }
        let mut joined: BTreeSet<usize> = self.everybodys.iter().copied().collect();
        for object in one.objects() {
            joined.extend(self.needing.get(object).into_iter().flatten());
            for need in upstream.needs(object) {
                joined.extend(self.standing.get(&need).into_iter().flatten());
            }
            let namespace = object.namespace.as_deref().unwrap_or_default();
            joined.extend(self.beside.get(namespace).into_iter().flatten());
            if self.is_unplaced(object) {
                joined.extend(&self.at_nodes);
            }
        }
        joined.into_iter().find(|&other| other != place && brings(&causes[other], one))
    }

    fn is_unplaced(&self, object: &ObjectRef) -> bool {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let pod = self.view.get::<Pod>(namespace, &object.name).filter(|_| object.kind == "Pod");
        pod.is_some_and(|pod| pod.node_name.is_empty())
    }
}

fn class_of(cause: &Diagnosis) -> Option<&'static Class> {
    CLASSES.iter().find(|class| Some(class.id) == cause.judged.finding.class)
}

/// Whether something that two causes need joins them: every pod needs a node, and a ServiceAccount.
fn joins(need: &ObjectRef) -> bool {
    !matches!(need.kind.as_str(), "Node" | "ServiceAccount" | "PriorityClass" | "RuntimeClass" | "StorageClass")
}

/// Whether files hold no pods of a namespace, or parts of them only, so that nothing shows what there has to do with what.
fn is_scattered(view: &View<'_>, namespace: &str) -> bool {
    let is_part = |pod: &&Pod| pod.spec.containers.is_empty();
    view.snapshot.is_of_files() && (!view.knows(Kind::Pod, namespace) || view.pods_in(namespace).iter().any(is_part))
}

fn brings(cause: &Diagnosis, other: &Diagnosis) -> bool {
    let (is, of) = (&cause.judged.finding, &other.judged.finding);
    let names = class_of(cause).is_some_and(|class| of.class.is_some_and(|of| class.brings.contains(&of)));
    names && (is.role != Role::Risk || of.role == Role::Risk || is_of_the_system(&is.object))
}

/// Whether an object belongs to what serves the whole cluster.
fn is_of_the_system(object: &ObjectRef) -> bool {
    let is_system = object.namespace.as_deref().is_some_and(|it| it.starts_with("kube-") || it.ends_with("-system"));
    is_system || layer(object) == Layer::ControlPlane || object.kind == "Node"
}
