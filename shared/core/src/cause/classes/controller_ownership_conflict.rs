//! Two controllers claim the same pods.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "controller-ownership-conflict",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| {
            it.says(&[
                "controllerref",
                "already owned",
                "owned by another controller",
                "failed to adopt",
                "cannot adopt",
                "already has a controller",
                "conflicting controller",
            ]) || it.says(&["selector"]) && it.says(&["overlap", "also match", "conflict"])
        },
        |_| "two controllers claim the same pods".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The selectors of two controllers overlap, or an orphan is not adopted: both count the same pods as
theirs, make and delete them in turn, or wait for pods that belong to the other.

Looked at: events of controllers that say so.

What to do: give each its own labels; a selector cannot be changed, so that one of them is made anew:
  kubectl get deployments,replicasets,statefulsets -n NAMESPACE --show-labels";
