//! A node is short of process ids.

use super::pressure;
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-pid-pressure",
    page: PAGE,
    recognise: |view| pressure::causes(view, "PIDPressure", "process ids"),
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.says(&[
                    "low on resource: pids",
                    "pid pressure",
                    "nodeunderpidpressure",
                    "nodehaspidpressure",
                    "nodehasinsufficientpid",
                    "kubelethasinsufficientpid",
                    "cannot fork",
                    "pthread_create failed",
                    "node.kubernetes.io/pid-pressure",
                ])
            },
            |_| "the node is short of process ids".to_owned(),
        )
        .blames(|it, view| pressure::pressed(it, view, "PIDPressure")),
    ),
    brings: &["unschedulable-taint", "unschedulable-insufficient-resources"],
    ..Class::SILENT
};

const PAGE: &str = "\
The kubelet of the node reports PIDPressure, or has evicted pods for it. It evicts those first that use more
than they request, and the scheduler keeps new pods away by a taint.

Looked at: the condition of the node, the pods that were evicted there, events that name the shortage.

Harmless: the kubelet keeps the condition for five minutes after the pressure is over.

What to do: see who uses most, and give pods requests and limits that fit:
  kubectl describe node NAME
  kubectl top pods -A --sort-by=memory";
