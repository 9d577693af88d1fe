//! No PersistentVolume fits a claim that cannot be provisioned.

use crate::cause::Class;
use crate::cause::pending_claims::{Wait, causes};
use crate::finding::Finding;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    causes(view, |wait, claim| match wait {
        Wait::NothingFits => Some(format!("PersistentVolumeClaim {claim} is not bound: no PersistentVolume fits it")),
        _ => None,
    })
}

/// See the module.
pub const CLASS: Class = Class { id: "pvc-pv-mismatch", page: PAGE, recognise: recognised, ..Class::SILENT };

const PAGE: &str = "\
Volumes for this claim are made by hand (its class is empty or has no provisioner), and none of them
fits: size, access modes, selector, volume mode, place; or the fitting one is taken.

Looked at: claims that are pending, and their class.

What to do: compare the claim with the volumes that are Available:
  kubectl get persistentvolumes";
