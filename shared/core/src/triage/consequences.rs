//! What follows from a cause without an edge that would show it: everybody asks cluster DNS, and names it nowhere.

use super::Diagnosis;
use crate::cause::{CLASSES, upstream};
use crate::finding::{Role, Severity};
use crate::object::ObjectRef;
use crate::view::{Layer, View, layer};
use std::collections::BTreeSet;

/// Puts the causes of classes that another brings under that other.
pub(super) fn gather(causes: &mut Vec<Diagnosis>, view: &View<'_>) {
    let mut place = 0;
    while place < causes.len() {
        let bringer = (0..causes.len()).find(|&other| brings(&causes[other], &causes[place], view));
        match bringer {
            Some(other) => {
                let one = causes.remove(place);
                let other = if other > place { other - 1 } else { other };
                causes[other].judged.explains.push(one.judged.id.clone());
                causes[other].explains.push(one.judged.finding);
                causes[other].explains.extend(one.explains);
                place = 0;
            }
            None => place += 1,
        }
    }
}

fn brings(cause: &Diagnosis, other: &Diagnosis, view: &View<'_>) -> bool {
    let (is, of) = (&cause.judged.finding, &other.judged.finding);
    let class = CLASSES.iter().find(|class| Some(class.id) == is.class);
    let names = class.is_some_and(|class| of.class.is_some_and(|of| class.brings.contains(&of)));
    names
        && is.severity != Severity::Info
        && (is.role != Role::Risk || of.role == Role::Risk || is_shared(&is.object))
        && reaches(cause, other, view)
}

/// Whether the one can have to do with the other: it is everybody's, or there is something that both need.
fn reaches(cause: &Diagnosis, other: &Diagnosis, view: &View<'_>) -> bool {
    if cause.objects().into_iter().any(is_shared) {
        return true;
    }
    // Files may lack what joins two objects.
    let namespaces = |one: &Diagnosis| -> BTreeSet<String> {
        one.objects().into_iter().filter_map(|object| object.namespace.clone()).collect()
    };
    if view.snapshot.is_of_files() && !namespaces(cause).is_disjoint(&namespaces(other)) {
        return true;
    }
    let needs = |one: &Diagnosis| -> BTreeSet<ObjectRef> {
        one.objects().into_iter().flat_map(|object| upstream(view, object)).collect()
    };
    !needs(cause).is_disjoint(&needs(other))
}

/// Whether an object serves the whole cluster.
fn is_shared(object: &ObjectRef) -> bool {
    let is_system = object.namespace.as_deref().is_some_and(|it| it.starts_with("kube-") || it.ends_with("-system"));
    is_system
        || matches!(layer(object), Layer::ControlPlane)
        || object.kind == "Node"
        || object.kind == "PersistentVolume"
}
