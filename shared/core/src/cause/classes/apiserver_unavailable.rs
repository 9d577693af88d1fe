//! A part of the API server itself is unhealthy.

use super::failed_health::failures;
use crate::cause::leadership::is_component;
use crate::cause::{Class, Heard, Saying, Stage};
use crate::object::ObjectRef;
use crate::slim::{Object, Service};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "apiserver-unavailable",
    page: PAGE,
    recognise: |view| failures(view, |part| part != "etcd"),
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                (it.says(&["kube-apiserver", "api server", ":6443", "kubernetes.default", "kubernetes api"])
                    || it.says_word(&["apiserver"]) && !it.says(&["-apiserver"]))
                    && it.says(&[
                        "connection refused",
                        "i/o timeout",
                        "no route to host",
                        "deadline exceeded",
                        "unreachable",
                    ])
            },
            |_| "the API server cannot be reached".to_owned(),
        )
        .blames(server)
        .and_by_processes(),
    ),
    brings: &[
        "container-exit-error",
        "rollout-not-progressing",
        "readiness-probe-failed",
        "liveness-probe-kill",
        "node-kubelet-silent",
        "dependency-unavailable",
    ],
    is_everybodys: true,
    ..Class::SILENT
};

/// Its own pod where that was seen, else the Service by which everybody calls it.
fn server(_: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let pods = view.pods_in("kube-system").iter().map(|pod| pod.reference());
    let own = pods.into_iter().find(|pod| is_component(pod, "kube-apiserver"));
    let service = || view.get::<Service>("default", "kubernetes").map(Object::reference);
    own.or_else(service)
}

const PAGE: &str = "\
The API server says that a part of it is unhealthy, so that load balancers take it out of service.
Which part it is stands in the finding: informers that are not in sync, hooks that run after the
start, an encryption provider (kms), a shutdown that has begun.

Looked at: the sub-checks of /readyz and /livez.

What to do: read the server's log around the name of the sub-check; the reason stands only there.";
