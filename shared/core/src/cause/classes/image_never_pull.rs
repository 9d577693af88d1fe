//! The pull policy is Never, and the image is not on the node.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-never-pull",
    page: PAGE,
    recognise: |view| causes(view, Trouble::NeverPull, describe),
    heard: Some(Heard::of(
        Stage::Images,
        |it| it.says(&["errimageneverpull", "pull policy of never", "imagepullpolicy of never"]),
        |_| "the image is not on the node and may not be pulled".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title =
        format!("image {} is not on the node and must not be pulled; {} cannot start", case.image(), case.pods());
    let field = format!("spec.containers[{}].imagePullPolicy", case.container());
    case.undo(case.finding(Severity::Critical, title).evidence(&case.pod(), field, "Never"))
}

const PAGE: &str = "\
The pull policy is Never and the node does not have the image (ErrImageNeverPull). The policy is meant
for images that are loaded into nodes beforehand; on a new node, or after the kubelet has cleaned up
images, they are missing.

Looked at: the waiting state of the pods' containers.

What to do: load the image on every node that may run the pod, or change the policy of the container
to IfNotPresent in the owner's pod template:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.containers[*].imagePullPolicy}'";
