//! The image has no variant for the node's platform.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-architecture-mismatch",
    page: PAGE,
    recognise: |view| causes(view, Trouble::ArchitectureMismatch, describe),
    heard: Some(
        Heard::of(
            Stage::Start,
            |it| it.says(&["no matching manifest for", "no match for platform", "exec format error"]),
            |_| "the image has no variant for the platform of the node".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let node = case.architecture().map_or_else(String::new, |word| format!(" ({word})"));
    let title =
        format!("image {} is not made for the platform of its node{node}; {} cannot run", case.image(), case.pods());
    let finding =
        case.finding(Severity::Critical, title).look("kubectl get nodes -L kubernetes.io/arch,kubernetes.io/os");
    case.undo(finding)
}

const PAGE: &str = "\
The image was built for another processor or operating system than the node has. The registry offers
no variant for it (no matching manifest), or the program cannot be loaded (exec format error).

Looked at: states and last ends of the pods' containers, the Failed events of the pods, and the
architecture of the node.

What to do: build the image for the platform as well, or keep the pods on nodes that fit, with the node
label kubernetes.io/arch in the pod template's nodeSelector:
  kubectl get nodes -L kubernetes.io/arch

A script without its first line (#!/bin/sh) gives the same message.";
