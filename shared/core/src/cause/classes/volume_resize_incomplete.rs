//! The expansion of a volume was asked for, and waits or fails.

use crate::cause::pending_claims::users;
use crate::cause::{Class, Heard, Saying, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::Pod;
use crate::slim::condition::Condition;
use crate::slim::{ConditionFacts, Object, PersistentVolumeClaim, ResourceAmount, condition_of, value_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-resize-incomplete",
    page: PAGE,
    recognise: run,
    heard: Some(
        Heard::of(
            Stage::Volumes,
            |it| {
                it.is(&[
                    "VolumeResizeFailed",
                    "FileSystemResizeFailed",
                    "FileSystemResizePending",
                    "ControllerResizeError",
                    "NodeResizeError",
                    "NodeExpansionRequired",
                ]) || it.says(&[
                    "filesystemresizepending",
                    "conditions[resizing]",
                    "filesystem resize",
                    "file system resize",
                    "resize volume",
                ])
            },
            |_| "the expansion of a volume waits or fails".to_owned(),
        )
        .blames(claim),
    ),
    brings: &["volume-mount-failed", "container-exit-error", "crash-unexplained"],
    ..Class::SILENT
};

/// The claim of the pod that waits, when it has one only.
fn claim(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let namespace = saying.about.namespace.as_deref().unwrap_or_default();
    let pod = view.get::<Pod>(namespace, &saying.about.name).filter(|_| saying.about.kind == "Pod")?;
    let mut claims = pod.spec.volumes.iter().filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
    match (claims.next(), claims.next()) {
        (Some(one), None) => Some(ObjectRef::namespaced("PersistentVolumeClaim", namespace, &one.claim_name)),
        _ => None,
    }
}

/// Backends take minutes for a large disk.
const RESIZED_WITHIN_MINUTES: i64 = 30;

/// A kubelet grows the filesystem of a volume that is in use within seconds.
const GROWN_WITHIN_MINUTES: i64 = 15;

/// What holds a resize up: the words for it, and the condition or the state that says so.
struct Obstacle<'a> {
    words: &'static str,
    condition: Option<&'a Condition>,
    state: Option<&'a str>,
}

fn run(view: &View<'_>) -> Vec<Finding> {
    let claims = view.all::<PersistentVolumeClaim>().iter().filter(|claim| !view.is_going(&claim.metadata));
    claims.filter_map(|claim| Some(finding(claim, &obstacle(claim, view)?))).collect()
}

fn obstacle<'a>(claim: &'a PersistentVolumeClaim, view: &View<'_>) -> Option<Obstacle<'a>> {
    let holds = |kind| condition_of(&claim.status.conditions, kind).filter(|condition| condition.status == "True");
    let told = |words, condition| Obstacle { words, condition: Some(condition), state: None };
    if let Some(condition) = holds("ControllerResizeError") {
        return Some(told("the backend cannot grow it", condition));
    }
    if let Some(condition) = holds("NodeResizeError") {
        return Some(told("its filesystem cannot be grown", condition));
    }
    let state = value_of(&claim.status.allocated_resource_statuses, "storage");
    if let Some(state) = state.filter(|state| state.ends_with("Infeasible") || state.ends_with("Failed")) {
        return Some(Obstacle { words: "it cannot be grown", condition: None, state: Some(state) });
    }
    let since = |condition: &Condition| condition.since().or_else(|| claim.metadata.creation_timestamp.at());
    let waits = |condition: &&Condition, minutes| view.is_older_than_minutes(since(condition), minutes);
    let resizing = holds("Resizing").filter(|it| waits(it, RESIZED_WITHIN_MINUTES));
    let pending =
        holds("FileSystemResizePending").filter(|it| waits(it, GROWN_WITHIN_MINUTES) && !users(claim, view).is_empty());
    pending
        .map(|condition| told("the disk has grown, and its filesystem has not", condition))
        .or_else(|| resizing.map(|condition| told("the backend has not grown it yet", condition)))
}

fn size(amounts: &[ResourceAmount]) -> &str {
    amounts.iter().find(|amount| amount.name == "storage").map_or("unknown", |amount| amount.quantity.as_str())
}

fn finding(claim: &PersistentVolumeClaim, obstacle: &Obstacle<'_>) -> Finding {
    let (object, name, namespace) = (claim.reference(), &claim.metadata.name, &claim.metadata.namespace);
    let (wanted, has) = (size(&claim.spec.resources.requests), size(&claim.status.capacity));
    let title = format!("PersistentVolumeClaim {name} stays at {has} instead of {wanted}: {}", obstacle.words);
    let finding = Finding::new("", Severity::Warning, object.clone(), title)
        .evidence(&object, "spec.resources.requests.storage", wanted)
        .evidence(&object, "status.capacity.storage", has);
    let finding = match (obstacle.condition, obstacle.state) {
        (Some(condition), _) => finding
            .evidence(&object, format!("status.conditions[{}]", condition.type_), said(condition))
            .since(condition.since()),
        (None, state) => {
            finding.evidence(&object, "status.allocatedResourceStatuses.storage", state.unwrap_or_default())
        }
    };
    finding
        .look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"))
        .look(format!("kubectl get events -n {namespace} --field-selector involvedObject.name={name}"))
}

fn said(condition: &Condition) -> String {
    let words = [condition.status.as_str(), condition.reason.as_str(), condition.message.as_str()];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

const PAGE: &str = "\
Somebody asked for a larger volume (spec.resources.requests.storage was raised), and it does not
become so: the backend refuses or does nothing, or the disk has grown and the filesystem on it has
not, which some drivers do only when the pod starts anew.

Looked at: the conditions Resizing, FileSystemResizePending, ControllerResizeError and NodeResizeError
of the claims, and allocatedResourceStatuses. Not meant: a backend that has been at it for less than
half an hour; a filesystem that waits for less than a quarter of an hour, or that no pod uses, since
it is grown when one starts.

What to do: read the events; when only the filesystem waits, let the pod start anew:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";
