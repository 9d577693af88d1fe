//! The registry answers that the tag, digest or repository does not exist.

use super::image_pulls;
use super::image_pulls::{Refusal, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-not-found",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::NotFound, |image, pods| {
            format!("image {image} does not exist in its registry; {pods} cannot start")
        })
    },
    heard: Some(Heard::of(
        Stage::Images,
        |it| image_pulls::is_about_pulling(it) && image_pulls::said_refusal(it) == image_pulls::Refusal::NotFound,
        |_| "the registry does not have the image".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The registry was reached, and says that the tag, digest or repository does not exist.

Looked at: the waiting state of the pods' containers and, because a back-off forgets the reason,
the Failed events of the pods.

What to do: compare the image with what was built; a tag is often spelled wrong, or was not pushed
yet. If the old revision still serves, rolling back costs nothing:
  kubectl sre rollback deployment/NAME -n NAMESPACE --dry-run";
