//! The controller manager does not run, so that nothing is reconciled.

use crate::cause::{Class, Heard, Stage, leadership};

/// See the module.
pub const CLASS: Class = Class {
    id: "controller-manager-unavailable",
    page: PAGE,
    recognise: |view| {
        let consequence = "nothing is rolled out, repaired or scaled, and lost nodes are not marked";
        leadership::cause(view, "kube-controller-manager", consequence)
    },
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            leadership::is_component(&it.about, "kube-controller-manager")
                && it.says(&["connection refused", "crashloop", "back-off", "failed to start", "error"])
        },
        |_| "the controller manager does not run: nothing is reconciled".to_owned(),
    )),
    brings: &["rollout-not-progressing", "pod-creation-failed"],
    is_everybodys: true,
    ..Class::SILENT
};

const PAGE: &str = "\
The controller manager has stopped renewing its Lease: it is down or cannot reach the API server.
What runs goes on, but Deployments do not roll out, lost pods are not replaced, endpoints are not
updated, nodes that die still say Ready, and namespaces are not deleted. What the cluster shows of
itself is out of date.

Looked at: the Lease kube-controller-manager in kube-system.

What to do: look at its pods (static pods of the control plane's machines) and their logs:
  kubectl get pods -n kube-system -l component=kube-controller-manager -o wide";
