//! Components of the control plane lose their leases, or come and go.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "control-plane-unstable",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.says(&[
                "leader election lost",
                "leaderelection lost",
                "failed to renew lease",
                "lost lease",
                "stopped leading",
                "failed to acquire lease",
                "leader changed",
                "error retrieving resource lock",
            ])
        },
        |_| "a component of the control plane keeps losing its place".to_owned(),
    )),
    brings: &[
        "rollout-not-progressing",
        "pod-creation-failed",
        "container-exit-error",
        "crash-unexplained",
        "liveness-probe-kill",
    ],
    ..Class::SILENT
};

const PAGE: &str = "\
The scheduler, the controller manager or the API server restart, lose their leader election or answer
only now and then. What they do is done late, twice or not at all, and much else looks broken.

Looked at: the events and states of the pods of the control plane, their Leases, events of nodes that
come and go together.

What to do: look at etcd and at the load of the machines first; leases are lost where the API server
is slow:
  kubectl get leases -n kube-system
  kubectl get --raw '/readyz?verbose'";
