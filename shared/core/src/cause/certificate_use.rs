//! Who serves with the certificates in Secrets: Ingresses, and pods that mount them, behind webhooks or not.

use crate::object::ObjectRef;
use crate::slim::{Ingress, Kind, Object, Pod, Secret, Service};
use crate::view::{View, references};
use std::collections::{BTreeMap, HashMap};

/// One object that uses a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The Ingress, or who is accountable for the pods.
    pub object: ObjectRef,
    /// Where it names the Secret, as `kubectl explain` spells it.
    pub field: &'static str,
    /// Whether an admission webhook is served by it.
    pub serves: Serves,
}

/// What stands behind a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Serves {
    /// Requests from outside.
    Ingress,
    /// An admission webhook.
    Webhook,
    /// Anything that pods do with it.
    Pods,
}

impl Use {
    /// Says who uses it, in half a sentence: `Ingress shop uses it`.
    pub fn sentence(users: &[Self]) -> String {
        let word = |one: &Self| match one.serves {
            Serves::Webhook => format!("{} {} (an admission webhook)", one.object.kind, one.object.name),
            _ => format!("{} {}", one.object.kind, one.object.name),
        };
        match users {
            [] => "nothing that was seen uses it".to_owned(),
            [only] => format!("{} uses it", word(only)),
            [first, more @ ..] => format!("{} and {} more use it", word(first), more.len()),
        }
    }
}

/// Who uses each of the Secrets, in their order.
pub fn users(view: &View<'_>, secrets: &[&Secret]) -> Vec<Vec<Use>> {
    let places = secrets.iter().enumerate();
    let wanted: HashMap<(&str, &str), usize> =
        places.map(|(index, it)| ((it.metadata.namespace.as_str(), it.metadata.name.as_str()), index)).collect();
    let mut users: Vec<BTreeMap<ObjectRef, Use>> = vec![BTreeMap::new(); secrets.len()];
    if wanted.is_empty() {
        return Vec::new();
    }
    let found = by_ingresses(view, &wanted).into_iter().chain(by_pods(view, &wanted));
    for (index, one) in found {
        users[index].entry(one.object.clone()).or_insert(one);
    }
    users.into_iter().map(|found| found.into_values().collect()).collect()
}

fn by_ingresses(view: &View<'_>, wanted: &HashMap<(&str, &str), usize>) -> Vec<(usize, Use)> {
    let entries =
        view.all::<Ingress>().iter().flat_map(|ingress| ingress.spec.tls.iter().map(move |tls| (ingress, tls)));
    let named = entries.filter_map(|(ingress, tls)| {
        let index = wanted.get(&(ingress.metadata.namespace.as_str(), tls.secret_name.as_str()))?;
        Some((*index, Use { object: ingress.reference(), field: "spec.tls[].secretName", serves: Serves::Ingress }))
    });
    named.collect()
}

/// One use for all pods of an owner.
fn by_pods(view: &View<'_>, wanted: &HashMap<(&str, &str), usize>) -> Vec<(usize, Use)> {
    let mut mounting: BTreeMap<(usize, ObjectRef), &Pod> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")) {
        let secrets = references(&pod.spec).into_iter().filter(|one| one.kind == Kind::Secret);
        for index in secrets.filter_map(|one| wanted.get(&(pod.metadata.namespace.as_str(), one.name))) {
            mounting.entry((*index, view.owner_of(pod))).or_insert(pod);
        }
    }
    let described = mounting.into_iter().map(|((index, object), pod)| {
        let serves = if is_behind_webhook(view, pod) { Serves::Webhook } else { Serves::Pods };
        (index, Use { object, field: "spec.template.spec.volumes[].secret.secretName", serves })
    });
    described.collect()
}

fn is_behind_webhook(view: &View<'_>, pod: &Pod) -> bool {
    view.webhooks().filter_map(|hook| hook.client.service.as_ref()).any(|called| {
        let service = view.get::<Service>(&called.namespace, &called.name);
        called.namespace == pod.metadata.namespace
            && service.is_some_and(|service| {
                view.pods_behind(service).iter().any(|one| one.metadata.name == pod.metadata.name)
            })
    })
}
