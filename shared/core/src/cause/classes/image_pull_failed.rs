//! Pulling fails, and no message says why.

use super::image_pulls::{Refusal, causes};
use crate::cause::{Class, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-pull-failed",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Unsaid, |image, pods| {
            format!("image {image} cannot be pulled, no message says why; {pods} cannot start")
        })
    },
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
The kubelet backs off pulling the image, and neither the container's state nor an event that is
still kept says why. Events are kept for about an hour.

What to do: delete one of the pods, so that the next pull leaves a fresh message, and look again:
  kubectl describe pod NAME -n NAMESPACE";
