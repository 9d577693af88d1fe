//! A claim names a StorageClass that does not exist, or none where there is no default.

use crate::cause::pending_claims::{Wait, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    causes(view, |wait, claim| match wait {
        Wait::ClassMissing(class) => {
            Some(format!("PersistentVolumeClaim {claim} is not bound: StorageClass {class} does not exist"))
        }
        Wait::NoDefault => Some(format!(
            "PersistentVolumeClaim {claim} is not bound: it names no StorageClass and there is no default"
        )),
        _ => None,
    })
}

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-storageclass-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| it.says(&["storageclass"]) && it.says(&["not found"]),
        |_| "the storage class of a claim does not exist".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A claim names a StorageClass that does not exist, or it names none and no class is the default one.
Nobody will provision a volume for it.

Looked at: storageClassName of the claims, the StorageClasses and which of them is the default. A
class without an object is a mere word when volumes that were made by hand carry it; that is no
finding of this class.

What to do: the class of a claim cannot be changed: create the class, mark a default one, or create
the claim anew:
  kubectl get storageclasses";
