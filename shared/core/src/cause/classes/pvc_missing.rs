//! A claim that pods name does not exist.

use crate::cause::specs::{alike, counted, shown};
use crate::cause::{Class, Heard, Saying, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::scheduling::nearest_word;
use crate::slim::{Kind, Object, PersistentVolumeClaim, Pod};
use crate::view::{View, references};
use std::collections::BTreeMap;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let mut missing: BTreeMap<ObjectRef, (Vec<&Pod>, String)> = BTreeMap::new();
    for group in alike(view) {
        let named = references(group.spec).into_iter().filter(|one| one.kind == Kind::PersistentVolumeClaim);
        for claim in named.filter(|one| is_missing(group.namespace, one.name, view)) {
            let object = ObjectRef::namespaced("PersistentVolumeClaim", group.namespace, claim.name);
            let (pods, field) = missing.entry(object).or_default();
            pods.extend(&group.pods);
            *field = claim.field;
        }
    }
    missing.into_iter().map(|(claim, (pods, field))| statement(&claim, &pods, field, view)).collect()
}

fn is_missing(namespace: &str, name: &str, view: &View<'_>) -> bool {
    let is_seen = view.get::<PersistentVolumeClaim>(namespace, name).is_some();
    !is_seen && view.knows(Kind::PersistentVolumeClaim, namespace)
}

fn statement(claim: &ObjectRef, pods: &[&Pod], field: String, view: &View<'_>) -> Finding {
    let (name, namespace) = (claim.name.as_str(), claim.namespace.as_deref().unwrap_or_default());
    let title = format!("PersistentVolumeClaim {name} does not exist; {} cannot start", counted(pods, view));
    let finding = Finding::new("", Severity::Critical, claim.clone(), title)
        .evidence(&pods[0].reference(), format!("{field}.persistentVolumeClaim.claimName"), name)
        .since(pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min())
        .look(format!("kubectl get persistentvolumeclaims -n {namespace}"));
    let others = view.all::<PersistentVolumeClaim>().iter().filter(|it| it.metadata.namespace == namespace);
    let finding = match nearest_word(name, others.map(|it| it.metadata.name.as_str())) {
        Some(near) => {
            let other = ObjectRef { name: near.to_owned(), ..claim.clone() };
            finding.evidence(&other, "metadata.name", format!("{near} (nearest name)"))
        }
        None => finding,
    };
    shown(finding, pods)
}

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(
        Heard::of(
            Stage::Scheduling,
            |it| it.says(&["persistentvolumeclaim"]) && it.says(&["not found"]),
            |_| "the claim that the pod names does not exist".to_owned(),
        )
        .blames(claim),
    ),
    ..Class::SILENT
};

fn claim(saying: &Saying<'_>, _: &View<'_>) -> Option<ObjectRef> {
    let name = saying.quoted_after("persistentvolumeclaim ")?;
    Some(ObjectRef::scoped("PersistentVolumeClaim", saying.about.namespace.as_deref().unwrap_or_default(), name))
}

const PAGE: &str = "\
A pod mounts a PersistentVolumeClaim that does not exist in its namespace. The scheduler does not
place the pod until it appears.

Looked at: the volumes of the pods, and the claims of the namespace. A name that differs by a typing
error is shown.

What to do: find out whether the claim was deleted (then its data may be gone, see its volume) or is
called otherwise; create it from its source:
  kubectl get persistentvolumeclaims -n NAMESPACE";
