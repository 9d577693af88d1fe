//! A ResourceQuota has no room.

use super::pod_creations;
use super::pod_creations::{Refusal, causes, namespace};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, ResourceAmount, ResourceQuota, written_of};
use crate::view::{RefusedCreation, View};
use std::collections::BTreeMap;

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
    let refused = causes(view, Refusal::Quota, title).into_iter().map(|cause| with_quota(cause, view));
    quotas(view).into_iter().chain(refused).collect()
}

/// One quota may refuse many workloads: where it was seen it is the cause, and they follow from it.
fn quotas(view: &View<'_>) -> Vec<Finding> {
    let mut refusing: BTreeMap<ObjectRef, Vec<&RefusedCreation>> = BTreeMap::new();
    for refused in view.refused_creations().iter().filter(|one| pod_creations::refusal(&one.message) == Refusal::Quota)
    {
        let namespace = namespace(&refused.owner);
        if let Some(quota) = refused.quota().and_then(|name| view.get::<ResourceQuota>(namespace, name)) {
            refusing.entry(quota.reference()).or_default().push(refused);
        }
    }
    refusing.into_iter().map(|(quota, refused)| of_quota(view, quota, &refused)).collect()
}

fn of_quota(view: &View<'_>, quota: ObjectRef, refused: &[&RefusedCreation]) -> Finding {
    let lacking: i32 = refused.iter().map(|one| one.lacking).sum();
    let of = match refused {
        [only] => format!("{} {}", only.owner.kind, only.owner.name),
        many => format!("{} workloads", many.len()),
    };
    let namespace = namespace(&quota).to_owned();
    let title =
        format!("ResourceQuota {namespace}/{} has no room: {lacking} pods of {of} cannot be created", quota.name);
    let look = format!("kubectl describe resourcequota {} -n {namespace}", quota.name);
    let cause = Finding::new("", Severity::Critical, quota.clone(), title);
    let messages: String = refused.iter().map(|one| one.message.as_str()).collect();
    let cause = with_limits(cause, view, &quota, &messages);
    let told = |cause: Finding, one: &&RefusedCreation| cause.evidence(&one.controller, one.field, &*one.message);
    let since = refused.iter().filter_map(|one| one.since).min();
    refused.iter().take(3).fold(cause, told).since(since).look(look)
}

fn title(refused: &RefusedCreation, lacking: &str) -> String {
    match refused.quota() {
        Some(quota) => format!("ResourceQuota {quota} has no room: {lacking}"),
        None => format!("a ResourceQuota has no room: {lacking}"),
    }
}

/// Adds what the quota itself says, where it was seen, and stands under it then.
fn with_quota(cause: Finding, view: &View<'_>) -> Finding {
    let of_cause = view.refused_creations().iter().find(|refused| refused.owner == cause.object);
    let named = of_cause.and_then(|refused| refused.quota());
    let namespace = namespace(&cause.object).to_owned();
    let Some(quota) = named.and_then(|name| view.get::<ResourceQuota>(&namespace, name)) else { return cause };
    let look = format!("kubectl describe resourcequota {} -n {namespace}", quota.metadata.name);
    let message = cause.evidence.first().map_or_else(String::new, |first| first.value.clone());
    with_limits(cause, view, &quota.reference(), &message).look(look).symptom()
}

/// Adds what is used and allowed of each resource that a message names.
fn with_limits(cause: Finding, view: &View<'_>, reference: &ObjectRef, message: &str) -> Finding {
    let Some(quota) = view.get::<ResourceQuota>(namespace(reference), &reference.name) else { return cause };
    let limiting = quota.status.hard.iter().filter(|hard| message.contains(&format!("{}=", hard.name)));
    limiting.fold(cause, |cause, hard| {
        let used = quantity(&quota.status.used, &hard.name);
        cause.evidence(reference, format!("status.used.{}", hard.name), format!("{used} of {}", hard.quantity.as_str()))
    })
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
