//! The runtime of a node fails to create or start a container.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "container-runtime-error",
    page: PAGE,
    recognise: |view| causes(view, Trouble::RuntimeError, describe),
    heard: Some(Heard::of(
        Stage::Start,
        |it| {
            it.is(&["CreateContainerError", "RunContainerError"])
                || it.says(&[
                    "containerd task",
                    "failed to create shim",
                    "failed to create containerd",
                    "oci runtime",
                    "runc create failed",
                    "failed to start container",
                    "container name",
                    "failed to reserve container name",
                    "apparmor",
                    "seccomp",
                ])
        },
        |_| "the runtime of the node cannot create or start the container".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title =
        format!("the container runtime cannot create container {}; {} cannot start", case.container(), case.pods());
    case.finding(Severity::Critical, title).look(format!("kubectl get pods -n {} -o wide", case.namespace()))
}

const PAGE: &str = "\
The kubelet asked the container runtime to create or start a container, and the runtime failed: its
helper process does not answer, a name is still taken, a mount or a security profile is refused.

Looked at: states and last ends of the pods' containers, and the Failed events of the pods.

What to do: see whether all failing pods are on one node. If so, look at the runtime of that node and
move the pods away; if not, the pod asks for something that no node can give (a profile, a mount):
  kubectl get pods -n NAMESPACE -o wide

Not meant: a full disk, which is the node's trouble.";
