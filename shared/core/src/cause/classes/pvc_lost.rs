//! The volume of a claim is gone.

use crate::cause::pending_claims::users;
use crate::cause::specs::shown;
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::{Object, PersistentVolumeClaim};
use crate::view::View;
use jiff::Timestamp;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let claims = view.all::<PersistentVolumeClaim>().iter();
    claims.filter(|claim| claim.status.phase == "Lost").map(|claim| statement(claim, view)).collect()
}

fn statement(claim: &PersistentVolumeClaim, view: &View<'_>) -> Finding {
    let (name, namespace, volume) = (&claim.metadata.name, &claim.metadata.namespace, &claim.spec.volume_name);
    let title = format!("PersistentVolumeClaim {name} has lost its volume {volume}");
    let object = claim.reference();
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .evidence(&object, "status.phase", &*claim.status.phase)
        .evidence(&object, "spec.volumeName", &**volume)
        .since(since(claim, view))
        .look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"))
        .look("kubectl get persistentvolumes");
    shown(finding, &users(claim, view))
}

/// Since the controller said so, else since the claim was made: the claim itself does not tell.
fn since(claim: &PersistentVolumeClaim, view: &View<'_>) -> Option<Timestamp> {
    let lost = view.events_about(&claim.reference()).iter().filter(|event| event.reason == "ClaimLost");
    lost.filter_map(|event| event.first_seen()).min().or_else(|| claim.metadata.creation_timestamp.at())
}

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-lost",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| it.is(&["ClaimLost"]) || it.says(&["lost its persistentvolume", "bound claim has lost"]),
        |_| "the volume of the claim is gone".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A claim was bound to a PersistentVolume that does not exist any more. The claim is Lost, and the data
is not reachable through it.

Looked at: the phase of the claims, and the name of the volume that each was bound to.

What to do: do not delete the claim before you know where the data is. Look for the disk itself in
the storage backend; make a PersistentVolume for it anew, or restore a backup:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";
