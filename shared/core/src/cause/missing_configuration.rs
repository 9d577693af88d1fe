//! ConfigMaps and Secrets that pods name and that are not there, or not as they are wanted.

use super::specs::{Alike, alike, counted, shown, waiting_words, waits};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::scheduling::nearest_word;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{ConfigMap, Kind, Object, Pod, Secret};
use crate::view::{Need, Reference, View, references};
use std::collections::BTreeMap;

/// What is wrong with a ConfigMap or Secret that a pod names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// It does not exist.
    Object,
    /// It exists without the key.
    Key,
    /// Only the other kind has an object of the name.
    OtherKind,
}

impl Lack {
    /// The cause class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Object => "config-object-missing",
            Self::Key => "config-key-missing",
            Self::OtherKind => "config-kind-mismatch",
        }
    }
}

/// What a spec names in vain, with the reference that names it.
pub fn lacking<'s>(spec: &'s PodSpec, namespace: &str, view: &View<'_>) -> Vec<(Lack, Reference<'s>)> {
    let named = references(spec).into_iter().filter(|one| one.need == Need::Required);
    let named = named.filter(|one| one.field != "spec.imagePullSecrets");
    named.filter_map(|one| Some((lack(&one, namespace, view)?, one))).collect()
}

fn lack(reference: &Reference<'_>, namespace: &str, view: &View<'_>) -> Option<Lack> {
    let map = view.get::<ConfigMap>(namespace, reference.name);
    let secret = view.get::<Secret>(namespace, reference.name);
    let (is_there, has_key, is_other) = match reference.kind {
        Kind::ConfigMap => (
            map.is_some(),
            map.zip(reference.key).is_none_or(|(map, key)| map.keys().any(|it| it == key)),
            secret.is_some(),
        ),
        Kind::Secret => {
            (secret.is_some(), secret.zip(reference.key).is_none_or(|(secret, key)| secret.has_key(key)), map.is_some())
        }
        _ => return None,
    };
    match (is_there, is_other) {
        (true, _) => (!has_key).then_some(Lack::Key),
        _ if !view.knows(reference.kind, namespace) => None,
        (_, true) => Some(Lack::OtherKind),
        _ => Some(Lack::Object),
    }
}

/// Pods that name the same thing in vain.
struct Lacking<'a> {
    reference: Reference<'a>,
    namespace: &'a str,
    pods: Vec<&'a Pod>,
}

/// One finding for each thing that is lacked in one way, whoever needs it.
pub(super) fn causes(view: &View<'_>, lack: Lack) -> Vec<Finding> {
    let mut found: BTreeMap<(Kind, String, String, String), Lacking<'_>> = BTreeMap::new();
    for Alike { spec, namespace, pods } in alike(view) {
        for (_, reference) in lacking(spec, namespace, view).into_iter().filter(|(kind, _)| *kind == lack) {
            let key = if lack == Lack::Key { reference.key.unwrap_or_default() } else { "" };
            let id = (reference.kind, namespace.to_owned(), reference.name.to_owned(), key.to_owned());
            let one = found.entry(id).or_insert(Lacking { reference, namespace, pods: Vec::new() });
            let more: Vec<&Pod> =
                pods.iter().copied().filter(|pod| !one.pods.iter().any(|it| std::ptr::eq(*it, *pod))).collect();
            one.pods.extend(more);
        }
    }
    found.into_values().map(|one| one.finding(lack, view)).collect()
}

impl Lacking<'_> {
    fn finding(&self, lack: Lack, view: &View<'_>) -> Finding {
        let Reference { kind, name, .. } = self.reference;
        let kind = kind.info().name;
        let waiting: Vec<&Pod> = self.pods.iter().copied().filter(|pod| waits(pod)).collect();
        let hurt = !waiting.is_empty();
        let severity = if hurt { Severity::Critical } else { Severity::Warning };
        let pods = counted(if hurt { &waiting } else { &self.pods }, view);
        let then = if hurt { format!("{pods} cannot start") } else { format!("{pods} would not start again") };
        let title = format!("{}; {then}", statement(lack, &self.reference));
        let (object, part) = match lack {
            Lack::OtherKind => (view.owner_of(self.pods[0]), format!("{kind}/{name}")),
            _ => (ObjectRef::namespaced(kind, self.namespace, name), self.key(lack).to_owned()),
        };
        let finding = Finding::new("", severity, object, title).part(part);
        let finding = self.remedies(self.evidence(finding, waiting.first().copied(), view));
        shown(finding, if hurt { &waiting } else { &self.pods })
    }

    fn key(&self, lack: Lack) -> &str {
        self.reference.key.filter(|_| lack == Lack::Key).unwrap_or_default()
    }

    fn evidence(&self, finding: Finding, waiting: Option<&Pod>, view: &View<'_>) -> Finding {
        let pod = waiting.unwrap_or(self.pods[0]);
        let Reference { kind, name, key, .. } = &self.reference;
        let wanted = key.map_or_else(|| (*name).to_owned(), |key| format!("{name}, key {key}"));
        let finding = finding.evidence(&pod.reference(), &*self.reference.field, wanted);
        let finding = match waiting.and_then(waiting_words) {
            Some((field, words)) => finding.evidence(&pod.reference(), field, words),
            None => finding,
        };
        let finding = match near(*kind, name, self.namespace, view) {
            Some(near) => finding.evidence(
                &ObjectRef::namespaced(kind.info().name, self.namespace, near),
                "metadata.name",
                format!("{near} (nearest name)"),
            ),
            None => finding,
        };
        finding.since(self.pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min())
    }

    fn remedies(&self, finding: Finding) -> Finding {
        let (kind, namespace) = (self.reference.kind.info().plural, self.namespace);
        let finding = finding.look(format!("kubectl get {kind} -n {namespace}"));
        finding.look(format!("kubectl describe pod {} -n {namespace}", self.pods[0].metadata.name))
    }
}

/// What is wrong, as the beginning of a sentence.
pub fn statement(lack: Lack, reference: &Reference<'_>) -> String {
    let (kind, name) = (reference.kind.info().name, reference.name);
    let other = if reference.kind == Kind::Secret { "ConfigMap" } else { "Secret" };
    match lack {
        Lack::Object => format!("{kind} {name} does not exist"),
        Lack::Key => format!("{kind} {name} has no key {}", reference.key.unwrap_or_default()),
        Lack::OtherKind => format!("there is no {kind} {name}, only a {other} of that name"),
    }
}

/// The name of an object of the kind in the namespace that differs by a typing error.
fn near<'a>(kind: Kind, name: &str, namespace: &str, view: &View<'a>) -> Option<&'a str> {
    let in_namespace = |of: &'a str| of == namespace;
    if kind == Kind::Secret {
        let all = view.all::<Secret>().iter().filter(|it| in_namespace(&it.metadata.namespace));
        return nearest_word(name, all.map(|it| it.metadata.name.as_str()));
    }
    let all = view.all::<ConfigMap>().iter().filter(|it| in_namespace(&it.metadata.namespace));
    nearest_word(name, all.map(|it| it.metadata.name.as_str()))
}
