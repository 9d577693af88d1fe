//! The token of a ServiceAccount cannot be issued or mounted, or is refused.

use crate::cause::{Class, Heard, Saying, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "serviceaccount-token-invalid",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.is(&["Unauthorized"])
                    || is_of_kubernetes(it)
                        && it.says(&["token"])
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
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

/// Applications have tokens of their own.
fn is_of_kubernetes(saying: &Saying<'_>) -> bool {
    const WORDS: [&str; 8] = [
        "serviceaccount",
        "service account",
        "kubernetes",
        "apiserver",
        "api server",
        "/var/run/secrets",
        "kube-api-access",
        "tokenrequest",
    ];
    !saying.is_of_process || saying.says(&WORDS)
}

const PAGE: &str = "\
A workload has no valid token: the API server refuses it as expired or of the wrong audience (401), or
the kubelet cannot get one for the pod.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: make sure that the program reads its token anew as the kubelet renews it, and that the
ServiceAccount exists:
  kubectl get serviceaccount NAME -n NAMESPACE";
