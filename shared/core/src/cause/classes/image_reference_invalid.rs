//! The image string cannot be parsed.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-reference-invalid",
    page: PAGE,
    recognise: |view| causes(view, Trouble::ReferenceInvalid, describe),
    heard: Some(Heard::of(
        Stage::Images,
        |it| {
            it.says(&[
                "invalidimagename",
                "couldn't parse image",
                "invalid reference format",
                "failed to apply default image tag",
            ])
        },
        |_| "the reference to the image cannot be parsed".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title = format!("image reference {} cannot be parsed; {} cannot start", case.image(), case.pods());
    let field = format!("spec.containers[{}].image", case.container());
    case.undo(case.finding(Severity::Critical, title).evidence(&case.pod(), field, case.image()))
}

const PAGE: &str = "\
The image of a container is not a legal reference (InvalidImageName): an upper-case letter in the
name, a doubled colon, an empty tag, a template value that was never filled in. No registry was asked.

Looked at: the waiting state of the pods' containers.

What to do: correct the image in the pod template of the owner; the pods follow by themselves:
  kubectl get deployment NAME -n NAMESPACE -o jsonpath='{.spec.template.spec.containers[*].image}'

Harmless: never; a container with such an image has never run.";
