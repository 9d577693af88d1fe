//! The token of a ServiceAccount cannot be issued or mounted, or is refused.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "serviceaccount-token-invalid",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.is(&["Unauthorized"])
                || it.says(&["token"])
                    && it.says(&[
                        "expired",
                        "401",
                        "unauthorized",
                        "invalid bearer",
                        "has been invalidated",
                        "failed to fetch token",
                        "not valid yet",
                    ])
                    && !it.says(&["registry", "pull", "bootstrap"])
        },
        |_| "the token of the service account is not valid".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A workload has no valid token: the API server refuses it as expired or of the wrong audience (401), or
the kubelet cannot get one for the pod.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: make sure that the program reads its token anew as the kubelet renews it, and that the
ServiceAccount exists:
  kubectl get serviceaccount NAME -n NAMESPACE";
