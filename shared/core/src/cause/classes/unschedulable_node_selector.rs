//! No node has the labels that a pod requires.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-node-selector",
    page: PAGE,
    recognise: |view| causes(view, Filter::NodeSelector),
    ..Class::SILENT
};

const PAGE: &str = "\
No node matches the nodeSelector or the required node affinity of a pod. Often a label is spelled
wrong, or the nodes of a pool are gone. The label that comes nearest is shown.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: correct the template, or label a node:
  kubectl get nodes --show-labels";
