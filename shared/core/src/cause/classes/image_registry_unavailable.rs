//! The registry limits, or cannot be reached.

use super::image_pulls;
use super::image_pulls::{Refusal, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-registry-unavailable",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Unavailable, |image, pods| {
            format!("the registry of image {image} limits or cannot be reached; {pods} cannot start")
        })
    },
    heard: Some(Heard::of(
        Stage::Images,
        |it| image_pulls::is_about_pulling(it) && image_pulls::said_refusal(it) == image_pulls::Refusal::Unavailable,
        |_| "the registry limits or cannot be reached".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The registry limits pulls (429), answers with an error of its own, cannot be resolved or reached, or
its certificate is not trusted. Every image of that registry is at risk on the nodes concerned.

Looked at: the waiting state of the pods' containers, and the Failed events of the pods.

What to do: see whether one node or all nodes are concerned; look at DNS, proxy and firewall of the
node; use a mirror, or wait for a limit to pass. Running containers are not hurt: avoid restarts.";
