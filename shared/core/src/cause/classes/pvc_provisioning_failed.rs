//! The provisioner of a claim tried and failed.

use crate::cause::pending_claims::{Wait, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    causes(view, |wait, claim| match wait {
        Wait::Refused(message) => {
            Some(format!("PersistentVolumeClaim {claim} is not bound: its provisioner fails: {}", message.trim()))
        }
        _ => None,
    })
}

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-provisioning-failed",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| it.is(&["ProvisioningFailed"]) && !it.says(&["not found", "code = unavailable", "snapshot"]),
        |_| "the provisioner refuses the volume".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The provisioner of the claim's StorageClass tried to make a volume, and failed: quota of the cloud,
wrong parameters, a zone without the disk type, rights.

Looked at: the ProvisioningFailed events of claims that are still pending. Events are kept for an hour.

What to do: the message is the backend's own; correct the class or the quota that it names:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";
