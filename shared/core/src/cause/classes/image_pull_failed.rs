//! Pulling fails, and no message says why.

use super::image_pulls;
use super::image_pulls::{Refusal, causes};
use crate::cause::{Class, Heard, Stage, Tells};

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
    heard: Some(Heard::of(
        Stage::Images,
        |it| image_pulls::is_about_pulling(it) && image_pulls::said_refusal(it) == image_pulls::Refusal::Unsaid,
        |_| "the image cannot be pulled, and no message says why".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The kubelet backs off pulling the image, and neither the container's state nor an event that is
still kept says why. Events are kept for about an hour.

Looked at: the waiting states of containers, and the events of their pods.

What to do: delete one of the pods, so that the next pull leaves a fresh message, and look again:
  kubectl describe pod NAME -n NAMESPACE";
