//! No scheduler acts.

use crate::cause::{Class, Heard, Stage, leadership};

/// See the module.
pub const CLASS: Class = Class {
    id: "scheduler-unavailable",
    page: PAGE,
    recognise: |view| leadership::cause(view, "kube-scheduler", "new pods are placed nowhere and stay Pending"),
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| {
            // An error of its plugin of volumes is about a claim.
            it.says(&["failed to run scheduler", "extender", "no scheduler", "scheduler plugin", "filter plugin"])
                && !it.says(&["persistentvolumeclaim", "nodes are available"])
        },
        |_| "no scheduler acts on the pod".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The scheduler has stopped renewing its Lease: it is down, cannot reach the API server, or its
replicas cannot agree. Pods that run go on; every new pod stays Pending without an event.

Looked at: the Lease kube-scheduler in kube-system.

What to do: look at its pods (static pods of the control plane's machines) and their logs:
  kubectl get pods -n kube-system -l component=kube-scheduler -o wide";
