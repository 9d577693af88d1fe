//! A pull secret that pods or their ServiceAccount name does not exist.

use crate::cause::specs::{Alike, alike, counted, shown, waiting_words};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Kind, Object, Pod, Secret, ServiceAccount};
use crate::view::View;
use std::collections::BTreeMap;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<ObjectRef, (Named, Vec<&Pod>)> = BTreeMap::new();
    for group in alike(view) {
        for (secret, by) in missing(&group, view) {
            let (_, pods) = found.entry(secret).or_insert_with(|| (by, Vec::new()));
            pods.extend(&group.pods);
        }
    }
    found.into_iter().filter_map(|(secret, (by, pods))| statement(&secret, &by, &pods, view)).collect()
}

/// Who names a pull secret.
enum Named {
    Pod,
    Account(String),
}

/// The pull secrets of some pods that do not exist. The API server copies those of the account into the pods: they
/// are the account's all the same.
fn missing(group: &Alike<'_>, view: &View<'_>) -> Vec<(ObjectRef, Named)> {
    let (spec, namespace) = (group.spec, group.namespace);
    let name = if spec.service_account_name.is_empty() { "default" } else { &spec.service_account_name };
    let account = view.get::<ServiceAccount>(namespace, name).into_iter();
    let of_account = account.flat_map(|account| account.image_pull_secrets.iter().map(|it| it.name.as_str()));
    let of_account: Vec<&str> = of_account.collect();
    let own = spec.image_pull_secrets.iter().map(|it| it.name.as_str()).filter(|it| !of_account.contains(it));
    let own: Vec<&str> = own.collect();
    let by_account = || Named::Account(name.to_owned());
    let named = of_account.into_iter().map(|it| (it, by_account())).chain(own.into_iter().map(|it| (it, Named::Pod)));
    let absent = named.filter(|(it, _)| view.get::<Secret>(namespace, it).is_none());
    let absent = absent.filter(|_| view.knows(Kind::Secret, namespace));
    absent.map(|(it, by)| (ObjectRef::namespaced("Secret", namespace, it), by)).collect()
}

/// What runs although its ServiceAccount names a missing Secret needs none.
fn statement(secret: &ObjectRef, by: &Named, pods: &[&Pod], view: &View<'_>) -> Option<Finding> {
    let pulling: Vec<&Pod> = pods.iter().copied().filter(|pod| is_pulling_in_vain(pod)).collect();
    let (severity, meant, then) = match (by, pulling.is_empty()) {
        (Named::Account(_), true) => return None,
        (Named::Pod, true) => (Severity::Warning, pods, "would not pull on a new node"),
        (_, false) => (Severity::Critical, pulling.as_slice(), "cannot pull"),
    };
    let (name, namespace) = (&secret.name, secret.namespace.as_deref().unwrap_or_default());
    let title = format!("pull secret {name} does not exist; {} {then}", counted(meant, view));
    let pod = meant[0];
    let finding = Finding::new("", severity, secret.clone(), title).part("pull");
    let finding = match by {
        Named::Pod => finding.evidence(&pod.reference(), "spec.imagePullSecrets", &**name),
        Named::Account(account) => {
            let account = ObjectRef::namespaced("ServiceAccount", namespace, account);
            finding.evidence(&account, "imagePullSecrets", &**name)
        }
    };
    let finding = match waiting_words(pod) {
        Some((field, words)) => finding.evidence(&pod.reference(), field, words),
        None => finding,
    };
    let since = meant.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min();
    Some(shown(finding.since(since).look(format!("kubectl get secrets -n {namespace}")), meant))
}

fn is_pulling_in_vain(pod: &Pod) -> bool {
    let reasons = pod.container_statuses().filter_map(|status| Some(status.state.waiting.as_ref()?.reason.as_str()));
    reasons.into_iter().any(|reason| matches!(reason, "ImagePullBackOff" | "ErrImagePull"))
}

/// Whether a pod lacks a pull secret that it, or its ServiceAccount, names.
pub(super) fn lacks_pull_secret(pod: &Pod, view: &View<'_>) -> bool {
    let group = Alike { spec: &pod.spec, namespace: &pod.metadata.namespace, pods: Vec::new() };
    !missing(&group, view).is_empty()
}

/// See the module.
pub const CLASS: Class = Class {
    id: "image-pull-secret-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Images,
        |it| {
            it.is(&["FailedToRetrieveImagePullSecret"])
                || it.says(&["pull secret", "imagepullsecret"])
                    && it.says(&["not found", "unable to retrieve", "could not find", "missing"])
        },
        |_| "a pull secret that the pod names does not exist".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod, or the ServiceAccount that it runs as, names a Secret for the registry that does not exist in
the namespace. Images that need it are not pulled; images that are public, or on the node already, are.

Looked at: imagePullSecrets of the pods and of their ServiceAccounts, and the Secrets. It is critical
when images are pulled in vain; a pod that names one and runs all the same is a warning.

What to do: create the Secret from its source; think before copying it from another namespace:
  kubectl get secrets -n NAMESPACE";
