//! The registry refuses the credentials.

use super::image_pulls;
use super::image_pulls::{Refusal, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "image-auth",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Unauthorized, |image, pods| {
            format!("the registry refuses to give out image {image}; {pods} cannot start")
        })
    },
    heard: Some(Heard::of(
        Stage::Images,
        |it| image_pulls::is_about_pulling(it) && image_pulls::said_refusal(it) == image_pulls::Refusal::Unauthorized,
        |_| "the registry refuses the credentials for the image".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The registry was reached and refuses: no credentials, wrong ones, expired ones, or none that cover
this repository. Registries that hide what they have answer the same for an image that does not
exist.

Looked at: the waiting state of the pods' containers, and the Failed events of the pods.

What to do: see which pull Secrets the pod and its ServiceAccount name, whether they exist, and for
which registry they are:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.imagePullSecrets}'";
