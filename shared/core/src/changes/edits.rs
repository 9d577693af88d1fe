//! Writes of objects and what came into being, by their metadata.

use super::{Change, RIGHTS, SAME, Sort};
use crate::object::ObjectRef;
use crate::slim::{Edit, Kind, Node, ObjectMeta, SCALE};
use crate::view::View;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Kinds whose writes and births are changes; of all others they follow from those, or are bookkeeping.
const KINDS: [Kind; 35] = [
    Kind::Namespace,
    Kind::Node,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::HorizontalPodAutoscaler,
    Kind::PodDisruptionBudget,
    Kind::Service,
    Kind::Ingress,
    Kind::IngressClass,
    Kind::NetworkPolicy,
    Kind::ConfigMap,
    Kind::Secret,
    Kind::ServiceAccount,
    Kind::ResourceQuota,
    Kind::LimitRange,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::StorageClass,
    Kind::PriorityClass,
    Kind::RuntimeClass,
    Kind::ValidatingWebhookConfiguration,
    Kind::MutatingWebhookConfiguration,
    Kind::APIService,
    Kind::CustomResourceDefinition,
    Kind::Gateway,
    Kind::HTTPRoute,
    Kind::ScaledObject,
    Kind::VirtualService,
    Kind::VerticalPodAutoscaler,
    Kind::Role,
    Kind::ClusterRole,
    Kind::RoleBinding,
    Kind::ClusterRoleBinding,
];

/// Whether anything that was seen tells when it was edited: archives of earlier versions and files may not.
pub fn tells_of_edits(view: &View<'_>) -> bool {
    view.snapshot.objects.any(&|metadata| !metadata.edits.is_empty())
}

/// Edits, scaling and births that no known change tells of.
pub(super) fn edits(view: &View<'_>, known: &[Change]) -> Vec<Change> {
    let mut found = Vec::new();
    for kind in KINDS {
        view.snapshot.objects.each(kind, &mut |metadata| {
            let object = ObjectRef::scoped(kind.info().name, &metadata.namespace, &metadata.name);
            found.extend(of_one(view, &object, metadata));
        });
    }
    found.retain(|change: &Change| !known.iter().any(|other| tells_the_same(other, change)));
    found
}

/// A rollout and a scaling are written to the Deployment; what an autoscaler says is written there too.
fn tells_the_same(known: &Change, edit: &Change) -> bool {
    let fits = match edit.sort {
        Sort::Edit => matches!(known.sort, Sort::Rollout | Sort::Restart | Sort::Record | Sort::Scaling | Sort::Node),
        Sort::Scaling => known.sort == Sort::Scaling,
        _ => false,
    };
    fits && known.object == edit.object && known.is_within(SAME, edit.at)
}

/// Says of changes that others tell of who wrote the object right before. Only the newest write of all is kept: it is of
/// the change that is nearest to it, and of no other, and what was written later tells nothing of who wrote before.
pub(super) fn name_authors(view: &View<'_>, changes: &mut [Change]) {
    let mut times: BTreeMap<ObjectRef, Vec<Timestamp>> = BTreeMap::new();
    for change in changes.iter() {
        times.entry(change.object.clone()).or_default().push(change.at);
    }
    for change in changes.iter_mut().filter(|change| change.by.is_none()) {
        let object = &change.object;
        let row = KINDS.iter().find(|kind| kind.info().name == object.kind);
        let Some(kind) = row else { continue };
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let metadata = view.snapshot.objects.metadata(*kind, namespace, &object.name);
        let edits = metadata.into_iter().flat_map(|it| &it.edits);
        let edits = edits.filter(|edit| change.sort == Sort::Scaling || edit.subresource.is_empty());
        let distance = |other: Timestamp, at: Timestamp| other.duration_since(at).as_secs().abs();
        let brings = |at: Timestamp| {
            let others = times.get(object).into_iter().flatten();
            let is_nearest = others.map(|other| distance(*other, at)).min() == Some(distance(change.at, at));
            (-AT_ONCE..=SAME).contains(&change.at.duration_since(at).as_secs()) && is_nearest
        };
        change.by = authors(edits.filter(|edit| time_of(edit).is_some_and(brings)));
    }
}

/// Seconds by which the times of a write and of what follows from it may lie the other way round: they have no fractions.
const AT_ONCE: i64 = 1;

fn of_one(view: &View<'_>, object: &ObjectRef, metadata: &ObjectMeta) -> Vec<Change> {
    let made = metadata.creation_timestamp.at();
    let first = || metadata.edits.iter().filter(|edit| time_of(edit) == made && edit.subresource.is_empty());
    // Every namespace is given an account, and every cluster its roles.
    let is_given = object.kind == "ServiceAccount" && object.name == "default" || is_built_in(object, metadata);
    let birth = made.filter(|_| !is_bookkeeping(metadata) && !is_given).map(|at| {
        let words = if object.kind == "Node" { "joined" } else { "was created" };
        let sort = if object.kind == "Node" { Sort::Node } else { Sort::Creation };
        Change::new(at, object.clone(), sort, words).by(authors(first()).as_deref())
    });
    let later = metadata.edits.iter().filter(|_| !is_bookkeeping(metadata)).filter_map(|edit| {
        let at = time_of(edit).filter(|at| made.is_none_or(|made| *at > made))?;
        let (sort, words) = words_of(view, object, edit)?;
        Some(Change::new(at, object.clone(), sort, words).by(Some(&author_of(edit))))
    });
    birth.into_iter().chain(later).collect()
}

/// What a write was; nothing for a node that something keeps notes at.
fn words_of(view: &View<'_>, object: &ObjectRef, edit: &Edit) -> Option<(Sort, &'static str)> {
    if edit.subresource == SCALE {
        return Some((Sort::Scaling, "was scaled"));
    }
    let node = (object.kind == "Node").then(|| view.get::<Node>("", &object.name)).flatten();
    match node {
        Some(node) if node.spec.unschedulable => Some((Sort::Node, "was edited, and is cordoned")),
        Some(_) if !edit.manager.starts_with("kubectl") => None,
        Some(_) => Some((Sort::Node, "was edited")),
        None => Some((Sort::Edit, "was edited")),
    }
}

/// Who wrote: each of them, where several wrote within one second.
fn authors<'a>(edits: impl Iterator<Item = &'a Edit>) -> Option<String> {
    let mut names: Vec<_> = edits.map(author_of).filter(|it| !it.is_empty()).collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(" or "))
}

fn author_of(edit: &Edit) -> String {
    let is_autoscaler = edit.subresource == SCALE && edit.manager == "kube-controller-manager";
    if is_autoscaler { "an autoscaler".to_owned() } else { edit.manager.clone() }
}

fn time_of(edit: &Edit) -> Option<Timestamp> {
    edit.time.and_then(|time| time.at())
}

/// Whether the API server makes a role or a binding at its start; who edits it later is somebody.
fn is_built_in(object: &ObjectRef, metadata: &ObjectMeta) -> bool {
    RIGHTS.iter().any(|kind| kind.info().name == object.kind) && crate::view::is_built_in(metadata)
}

/// What leaders write every few seconds, and the authority that every namespace is given.
fn is_bookkeeping(metadata: &ObjectMeta) -> bool {
    metadata.annotation("control-plane.alpha.kubernetes.io/leader").is_some() || metadata.name == "kube-root-ca.crt"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_have_written_is_named() {
        let edit = |manager: &str, subresource: &str| Edit {
            manager: manager.to_owned(),
            subresource: subresource.to_owned(),
            ..Edit::default()
        };
        let apply = edit("apply", "");
        assert_eq!(authors([&apply, &edit("pipeline", "")].into_iter()).as_deref(), Some("apply or pipeline"));
        assert_eq!(authors([&apply, &apply].into_iter()).as_deref(), Some("apply"));
        assert_eq!(authors([&edit("kube-controller-manager", SCALE)].into_iter()).as_deref(), Some("an autoscaler"));
        assert_eq!(authors([&edit("", "")].into_iter()), None);
        assert_eq!(authors([].into_iter()), None);
    }
}
