//! A volume for one node is still on another one.

use crate::cause::pending_claims::users;
use crate::cause::specs::shown;
use crate::cause::stuck_creation::is_being_created;
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Event, Object, PersistentVolumeClaim, Pod, VolumeAttachment};
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let claims = view.all::<PersistentVolumeClaim>().iter().filter(|claim| is_for_one(claim));
    claims.filter_map(|claim| conflict(claim, view)).collect()
}

/// Whether only one node, or one pod, may use a claim at a time.
fn is_for_one(claim: &PersistentVolumeClaim) -> bool {
    let modes = &claim.spec.access_modes;
    !modes.is_empty() && modes.iter().all(|mode| matches!(mode.as_str(), "ReadWriteOnce" | "ReadWriteOncePod"))
}

fn conflict(claim: &PersistentVolumeClaim, view: &View<'_>) -> Option<Finding> {
    let users = users(claim, view);
    let stuck: Vec<&Pod> = users.iter().copied().filter(|pod| waits_for_other(pod, view)).collect();
    let waiting = stuck.first()?;
    let is_elsewhere = |node: &str| node != waiting.node_name && !node.is_empty();
    let holder = users.iter().copied().find(|pod| is_elsewhere(&pod.node_name) && !is_being_created(pod));
    let attachments = view.all::<VolumeAttachment>().iter().filter(|it| it.status.attached);
    let mut attached = attachments
        .filter(|it| it.spec.source.persistent_volume_name.as_deref() == Some(claim.spec.volume_name.as_str()));
    let attached = attached.find(|it| is_elsewhere(&it.spec.node_name));
    let event = multi_attach(waiting, view);
    if event.is_none() && attached.is_none() {
        return None;
    }
    let there = holder.map(|pod| pod.node_name.as_str()).or(attached.map(|it| it.spec.node_name.as_str()));
    Some(statement(claim, &stuck, Evidence { event, holder, attached, there }))
}

struct Evidence<'a> {
    event: Option<&'a Event>,
    holder: Option<&'a Pod>,
    attached: Option<&'a VolumeAttachment>,
    there: Option<&'a str>,
}

fn statement(claim: &PersistentVolumeClaim, stuck: &[&Pod], seen: Evidence<'_>) -> Finding {
    let (name, namespace, waiting) = (&claim.metadata.name, &claim.metadata.namespace, stuck[0]);
    let there = seen.there.map_or_else(|| "another node".to_owned(), |node| format!("node {node}"));
    let title = format!(
        "volume of PersistentVolumeClaim {name} is still on {there}; a pod on node {} waits for it",
        waiting.node_name
    );
    let mut finding = Finding::new("", Severity::Critical, claim.reference(), title).evidence(
        &claim.reference(),
        "spec.accessModes",
        claim.spec.access_modes.join(", "),
    );
    if let Some(event) = seen.event {
        finding = finding.evidence(&waiting.reference(), "event FailedAttachVolume", &*event.message);
    }
    if let Some(holder) = seen.holder {
        finding = finding.evidence(&holder.reference(), "spec.nodeName", &*holder.node_name);
    }
    if let Some(attached) = seen.attached {
        finding = finding.evidence(&attached.reference(), "spec.nodeName", &*attached.spec.node_name);
    }
    let finding = match seen.there {
        Some(node) => finding.look(format!("kubectl get node {node}")),
        None => finding,
    };
    let finding = finding.look(format!("kubectl describe pod {} -n {namespace}", waiting.metadata.name));
    let since = waiting.status.start_time.as_ref().and_then(|time| time.at());
    shown(finding.since(since).look("kubectl get volumeattachments"), stuck)
}

/// Whether a pod that is being created waits for a volume, as far as is seen.
fn waits_for_other(pod: &Pod, view: &View<'_>) -> bool {
    let events = view.events_about(&pod.reference());
    let attach = |event: &&&Event| matches!(event.reason.as_str(), "FailedAttachVolume" | "FailedMount");
    is_being_created(pod) && events.iter().any(|event| attach(&event))
}

fn multi_attach<'a>(pod: &Pod, view: &View<'a>) -> Option<&'a Event> {
    let events = view.events_about(&ObjectRef::namespaced("Pod", &pod.metadata.namespace, &pod.metadata.name));
    events.iter().copied().find(|event| {
        let message = event.message.to_lowercase();
        event.reason == "FailedAttachVolume"
            && (message.contains("multi-attach")
                || message.contains("already attached")
                || message.contains("already used by"))
    })
}

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-multi-attach",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.says(&["multi-attach error", "already exclusively attached", "already used by pod"]),
        |_| "a volume for one node is still attached to another".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A volume that only one node may have (ReadWriteOnce) is attached to one node while a pod on another
node waits for it, or a claim for one pod (ReadWriteOncePod) is held by another pod. Typical after a
node died, and with a Deployment that rolls over a single volume.

Looked at: claims whose access modes allow one node only, the pods that use them and their nodes, the
Multi-Attach events and the VolumeAttachments.

What to do: see which pod holds it and whether its node lives. Give a Deployment with such a volume
the strategy Recreate. Never take a volume from a node that may still write to it:
  kubectl get volumeattachments";
