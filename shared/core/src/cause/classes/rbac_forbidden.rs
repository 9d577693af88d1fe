//! RBAC refuses an identity a verb.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "rbac-forbidden",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| {
            it.says(&[
                "is forbidden: user",
                "rbac: ",
                "does not have permission",
                "no rbac policy matched",
                "403 forbidden: user",
            ]) || it.says(&["forbidden"]) && it.says(&["cannot ", "rbac"])
        },
        |_| "RBAC refuses what is asked for".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The API server answers 403: the identity that a workload or controller uses may not do what it asks for.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: grant the one verb on the one resource that is missing, in the namespace where it is needed:
  kubectl auth can-i VERB RESOURCE --as system:serviceaccount:NAMESPACE:NAME -n NAMESPACE";
