//! A PersistentVolume is Released or Failed and cannot be claimed.

use crate::cause::{Class, Heard, Saying, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, PersistentVolume};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class {
    id: "pv-released",
    page: PAGE,
    recognise: run,
    heard: Some(
        Heard::of(
            Stage::Volumes,
            |it| {
                it.is_about(&["PersistentVolume"])
                    && it.says(&["released", "volumefaileddelete", "recyclefailed", "volumefailedrecycle"])
                    || it.says(&["released state", "phase released", "is released", "failed state"])
                        && it.says(&["volume", "pv "])
            },
            |_| "the volume is released or failed, and nobody can claim it".to_owned(),
        )
        .blames(only),
    ),
    brings: &["volume-mount-failed", "pvc-not-bound"],
    ..Class::SILENT
};

/// The one volume that is in such a phase.
fn only(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let is_out = |volume: &&PersistentVolume| matches!(volume.status.phase.as_str(), "Released" | "Failed");
    let mut out = view.all::<PersistentVolume>().iter().filter(is_out).filter(|_| saying.about.kind == "Pod");
    match (out.next(), out.next()) {
        (Some(one), None) => Some(one.reference()),
        _ => None,
    }
}

/// Whoever deletes a claim may still be at it.
const KEPT_FOR_MINUTES: i64 = 60;

fn run(view: &View<'_>) -> Vec<Finding> {
    let staying = || view.all::<PersistentVolume>().iter().filter(|it| it.metadata.deletion_timestamp.is_none());
    let failed = staying().filter(|volume| volume.status.phase == "Failed").map(|volume| failure(volume, view));
    let is_kept = |volume: &&PersistentVolume| view.is_older_than_minutes(since(volume), KEPT_FOR_MINUTES);
    let released: Vec<_> = staying().filter(|volume| volume.status.phase == "Released").filter(is_kept).collect();
    failed.chain(kept(&released)).collect()
}

/// Since when a volume has its phase; servers before 1.28 do not say it.
fn since(volume: &PersistentVolume) -> Option<Timestamp> {
    let changed = volume.status.last_phase_transition_time.as_ref().and_then(|time| time.at());
    changed.or_else(|| volume.metadata.creation_timestamp.at())
}

fn claim_of(volume: &PersistentVolume) -> Option<String> {
    volume.spec.claim_ref.as_ref().map(|claim| format!("{}/{}", claim.namespace, claim.name))
}

fn failure(volume: &PersistentVolume, view: &View<'_>) -> Finding {
    let (object, name) = (volume.reference(), &volume.metadata.name);
    let title = format!("volume {name} has failed: it could not be deleted or made ready for another claim");
    let finding = Finding::new("", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(&object, "status.phase", &*volume.status.phase)
        .evidence(&object, "spec.persistentVolumeReclaimPolicy", &*volume.spec.persistent_volume_reclaim_policy);
    let said = view.events_about(&object).iter().find(|event| event.type_ == "Warning").map(|event| &event.message);
    let message = Some(&volume.status.message).filter(|message| !message.is_empty()).or(said);
    let finding = match message {
        Some(message) => finding.evidence(&object, "status.message", message),
        None => finding,
    };
    finding.since(since(volume)).look(format!("kubectl describe persistentvolume {name}"))
}

/// One finding for all of them: what was meant to be kept is no trouble of each volume.
fn kept(volumes: &[&PersistentVolume]) -> Option<Finding> {
    let first = volumes.first()?;
    let title = match volumes.len() {
        1 => format!("volume {} is kept though its claim was deleted", first.metadata.name),
        count => format!("{count} volumes are kept though their claims were deleted"),
    };
    let object = if volumes.len() == 1 { first.reference() } else { ObjectRef::cluster("PersistentVolume", "*") };
    let finding = Finding::new("", Severity::Info, object, title).risk();
    let finding = volumes.iter().take(3).fold(finding, |finding, volume| {
        let size = volume.spec.capacity.iter().find(|it| it.name == "storage").map_or("", |it| it.quantity.as_str());
        let claim = claim_of(volume).unwrap_or_default();
        finding.evidence(&volume.reference(), "status.phase", format!("Released: was {claim}, {size}"))
    });
    let finding = finding.since(volumes.iter().filter_map(|volume| since(volume)).min());
    let finding = volumes.iter().fold(finding, |finding, volume| finding.shows_on(volume.reference()));
    Some(finding.look("kubectl get persistentvolumes"))
}

const PAGE: &str = "\
A PersistentVolume is Failed: its claim was deleted, and deleting the disk behind it failed. The disk
is still there, is paid for, and nobody can use it. A volume that is Released is kept on purpose
(reclaim policy Retain): its data are there, no claim can bind it, and somebody should decide.

Looked at: status.phase of the volumes, the events about them. Released is told from the second hour
on, once for all volumes.

What to do: look at the disk behind it; delete the volume when its data are of no use any more:
  kubectl describe persistentvolume NAME";
