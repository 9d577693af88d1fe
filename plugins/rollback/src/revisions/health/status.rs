//! What the status of a workload, and of a ReplicaSet, says of a revision.

use super::super::Seen;
use super::super::fields::{Fields, fact};
use super::super::kept::Kept;
use super::pods::are_flapping;
use super::{Says, Sign};
use sre_core::object::ObjectRef;

pub(super) fn signs(seen: &Seen<'_>, kept: &[Kept<'_>], index: usize) -> Vec<Sign> {
    let workload = Fields(seen.workload);
    let kind = workload.text("/kind").unwrap_or_default();
    let (object, revision) = (workload.object_ref(kind), &kept[index]);
    match kind {
        "Deployment" => {
            let said = replicas(revision).into_iter().chain(progress(workload, &object, revision));
            let is_moot = are_flapping(seen, revision);
            said.filter(|sign| !is_moot || sign.says != Says::Available).collect()
        }
        "StatefulSet" => completed(workload, &object, kept, index).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// All pods that a ReplicaSet wants are available.
fn replicas(revision: &Kept<'_>) -> Option<Sign> {
    let set = revision.fields;
    let (wanted, available) = (set.number("/spec/replicas"), set.number("/status/availableReplicas"));
    let is_whole = wanted > 0 && available == wanted && set.is_observed();
    is_whole.then(|| {
        Says::Available.by(fact(&revision.object, "status.availableReplicas", format!("{available} of {wanted}")))
    })
}

/// The condition Progressing names the ReplicaSet that it is about, which may be one of before.
fn progress(workload: Fields<'_>, object: &ObjectRef, revision: &Kept<'_>) -> Option<Sign> {
    let condition = workload.condition("Progressing")?;
    let (reason, message) = (condition.text("/reason")?, condition.text("/message").unwrap_or_default());
    if !message.contains(&format!("\"{}\"", revision.object.name)) {
        return None;
    }
    let says = match reason {
        // The controller gives this reason when all replicas are of this ReplicaSet and available.
        "NewReplicaSetAvailable" => Says::Available,
        "ProgressDeadlineExceeded" => Says::Fails,
        _ => return None,
    };
    Some(says.by(fact(object, "status.conditions[Progressing]", format!("{reason}: {message}"))))
}

/// A StatefulSet calls a revision the current one once all its pods are of it and ready.
///
/// It does so at first too, when it has no pod yet: the revision that it began with is not known by that, and so
/// another one from before must be kept. Somebody who went back to a revision may have gone back to the first one,
/// and one that came while no replica was wanted had no pod that could fail: whoever scales leaves a trace of it in
/// `managedFields`.
fn completed(workload: Fields<'_>, object: &ObjectRef, kept: &[Kept<'_>], index: usize) -> Option<Sign> {
    let revision = &kept[index];
    let is_first = !kept[..index].iter().any(|it| it.created < revision.created);
    let is_scaled = workload.list("/metadata/managedFields").iter().any(|it| it["subresource"] == "scale");
    let rolls = workload.text("/spec/updateStrategy/type") == Some("RollingUpdate");
    let is_named = workload.text("/status/currentRevision") == Some(&revision.object.name);
    if !is_named || is_first || revision.is_brought_back || is_scaled || !rolls {
        return None;
    }
    Some(Says::Available.by(fact(object, "status.currentRevision", &revision.object.name)))
}
