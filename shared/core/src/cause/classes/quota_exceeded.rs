//! A ResourceQuota has no room.

use super::pod_creations;
use super::pod_creations::{Refusal, causes, namespace};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::slim::{ResourceAmount, ResourceQuota, written_of};
use crate::view::{RefusedCreation, View};

/// See the module.
pub const CLASS: Class = Class {
    id: "quota-exceeded",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| pod_creations::refusal(it.message) == pod_creations::Refusal::Quota,
        |_| "a ResourceQuota has no room".to_owned(),
    )),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    causes(view, Refusal::Quota, title).into_iter().map(|cause| with_quota(cause, view)).collect()
}

fn title(refused: &RefusedCreation, lacking: &str) -> String {
    match refused.quota() {
        Some(quota) => format!("ResourceQuota {quota} has no room: {lacking}"),
        None => format!("a ResourceQuota has no room: {lacking}"),
    }
}

/// Adds what the quota itself says, where it was seen.
fn with_quota(cause: Finding, view: &View<'_>) -> Finding {
    let of_cause = view.refused_creations().iter().find(|refused| refused.owner == cause.object);
    let named = of_cause.and_then(|refused| refused.quota());
    let namespace = namespace(&cause.object).to_owned();
    let Some(quota) = named.and_then(|name| view.get::<ResourceQuota>(&namespace, name)) else { return cause };
    let reference = ObjectRef::namespaced("ResourceQuota", &namespace, &quota.metadata.name);
    let look = format!("kubectl describe resourcequota {} -n {namespace}", quota.metadata.name);
    let message = cause.evidence.first().map_or_else(String::new, |first| first.value.clone());
    let limiting = quota.status.hard.iter().filter(|hard| message.contains(&format!("{}=", hard.name)));
    let told = limiting.fold(cause, |cause, hard| {
        let used = quantity(&quota.status.used, &hard.name);
        cause.evidence(
            &reference,
            format!("status.used.{}", hard.name),
            format!("{used} of {}", hard.quantity.as_str()),
        )
    });
    told.look(look)
}

fn quantity<'a>(list: &'a [ResourceAmount], name: &str) -> &'a str {
    written_of(list, name).unwrap_or("0")
}

const PAGE: &str = "\
The namespace has a ResourceQuota, and one more pod would exceed it, or the quota wants every pod to
say a request or limit that this one does not say. The controller tries again and again, so the pods
come by themselves as soon as there is room.

Looked at: the ReplicaFailure condition of ReplicaSets, the FailedCreate events of the other
controllers, and status.hard and status.used of the quota.

What to do: scale something else down, lower requests, or raise the quota:
  kubectl describe resourcequota -n NAMESPACE";
