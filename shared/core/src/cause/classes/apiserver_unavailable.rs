//! A part of the API server itself is unhealthy.

use super::failed_health::failures;
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "apiserver-unavailable",
    page: PAGE,
    recognise: |view| failures(view, |part| part != "etcd"),
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.says(&["apiserver", "api server", ":6443", "kubernetes.default"])
                && it.says(&[
                    "connection refused",
                    "i/o timeout",
                    "no route to host",
                    "deadline exceeded",
                    "unreachable",
                ])
        },
        |_| "the API server cannot be reached".to_owned(),
    )),
    brings: &[
        "container-exit-error",
        "rollout-not-progressing",
        "readiness-probe-failed",
        "liveness-probe-kill",
        "node-kubelet-silent",
        "dependency-unavailable",
    ],
    ..Class::SILENT
};

const PAGE: &str = "\
The API server says that a part of it is unhealthy, so that load balancers take it out of service.
Which part it is stands in the finding: informers that are not in sync, hooks that run after the
start, an encryption provider (kms), a shutdown that has begun.

Looked at: the sub-checks of /readyz and /livez.

What to do: read the server's log around the name of the sub-check; the reason stands only there.";
