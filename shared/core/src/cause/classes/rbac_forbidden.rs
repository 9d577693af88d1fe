//! RBAC refuses an identity a verb.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "rbac-forbidden",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Admission,
            |it| {
                let is_of_the_api_server = it.says(&["cannot "]) && it.says(&["resource", "api group", "system:"]);
                it.says(&["is forbidden: user", "no rbac policy matched", "403 forbidden: user"])
                    || it.says(&["forbidden"]) && is_of_the_api_server
                    || !it.is_of_process && it.says(&["does not have permission"])
                    || !it.is_of_process && it.says(&["forbidden"]) && it.says(&["cannot ", "rbac"])
                    || it.says(&["rbac: "]) && !it.says(&["rbac: access denied"])
            },
            |_| "RBAC refuses what is asked for".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
The API server answers 403: the identity that a workload or controller uses may not do what it asks for.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: grant the one verb on the one resource that is missing, in the namespace where it is needed:
  kubectl auth can-i VERB RESOURCE --as system:serviceaccount:NAMESPACE:NAME -n NAMESPACE";
