//! A snapshot, or a restore from one, fails.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::custom::backup::VolumeSnapshot;
use crate::slim::{Object, Time};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-snapshot-failed",
    page: PAGE,
    recognise: |view| view.all::<VolumeSnapshot>().iter().filter_map(|it| judge(it, view)).collect(),
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.says(&["snapshot"]) && it.says(&["fail", "not found", "error", "not ready", "does not exist"]),
        |_| "a snapshot, or a restore from one, fails".to_owned(),
    )),
    brings: &["pvc-not-bound", "csi-driver-unavailable"],
    ..Class::SILENT
};

/// How long the storage may take without saying anything.
const PATIENCE_MINUTES: i64 = 30;

/// How long an error may be one that the next try makes good.
const ERROR_MINUTES: i64 = 5;

fn judge(snapshot: &VolumeSnapshot, view: &View<'_>) -> Option<Finding> {
    let (metadata, status) = (&snapshot.metadata, &snapshot.status);
    let made = metadata.creation_timestamp.at();
    if status.ready_to_use == Some(true) || view.is_going(metadata) {
        return None;
    }
    let lasts = |minutes| view.is_older_than_minutes(made, minutes);
    let error = status.error.as_ref().filter(|_| lasts(ERROR_MINUTES));
    let (words, since) = match error {
        Some(error) => ("failed", error.time.as_ref().and_then(Time::at)),
        None if lasts(PATIENCE_MINUTES) => ("does not become ready", made),
        None => return None,
    };
    let claim = snapshot.spec.source.persistent_volume_claim_name.as_deref();
    let of = claim.map_or_else(String::new, |claim| format!(" of claim {claim}"));
    let object = snapshot.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let finding = Finding::new("", Severity::Warning, object.clone(), format!("VolumeSnapshot {name}{of} {words}"));
    let finding = match error.and_then(|error| error.message.as_deref()) {
        Some(message) => finding.evidence(&object, "status.error.message", message),
        None => finding.evidence(&object, "status.readyToUse", "not true"),
    };
    let finding = finding.since(since).look(format!("kubectl describe volumesnapshot {name} -n {namespace}"));
    Some(finding.look("kubectl get volumesnapshotcontents"))
}

const PAGE: &str = "\
A VolumeSnapshot has an error, or has not become ready for half an hour: it cannot be restored from,
though whoever looks for a backup finds one.

Looked at: status.readyToUse and status.error of VolumeSnapshots. Storage of some clouds takes long for
large volumes, and says nothing meanwhile.

What to do: read the error; it comes from the driver of the storage:
  kubectl describe volumesnapshot NAME -n NAMESPACE";
