//! Nothing is heard of the provisioner of a claim.

use crate::cause::pending_claims::{Wait, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    causes(view, |wait, claim| match wait {
        Wait::Unattended(provisioner) => {
            Some(format!("PersistentVolumeClaim {claim} is not bound: provisioner {provisioner} does nothing"))
        }
        _ => None,
    })
}

/// See the module.
pub const CLASS: Class = Class {
    id: "csi-driver-unavailable",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| {
            it.is(&["ExternalProvisioning"])
                || it.is(&[
                    "FailedAttachVolume",
                    "FailedMount",
                    "ProvisioningFailed",
                    "VolumeResizeFailed",
                    "FailedDetachVolume",
                ]) && it.says(&[
                    "code = unavailable",
                    "connection refused",
                    "no such file or directory\", csi",
                    "csi.sock",
                ])
        },
        |_| "the driver of a volume does not answer".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A claim waits for an external provisioner, and that provisioner says nothing, not even that it tries:
it does not run, crashes, or is called otherwise than the StorageClass says.

Looked at: events of claims that have waited for longer than five minutes (ExternalProvisioning alone).

What to do: look at the pods of the driver's controller:
  kubectl get pods -A -o wide";
