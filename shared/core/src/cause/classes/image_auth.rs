//! The registry refuses the credentials.

use super::image_pulls::{Refusal, causes};
use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class {
    id: "image-auth",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Unauthorized, |image, pods| {
            format!("the registry refuses to give out image {image}; {pods} cannot start")
        })
    },
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
