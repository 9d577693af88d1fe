//! The nodes hold as many pods as they may.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-max-pods",
    page: PAGE,
    recognise: |view| causes(view, Filter::MaxPods),
    ..Class::SILENT
};

const PAGE: &str = "\
The nodes that a pod may use hold as many pods as their kubelets allow (allocatable pods, 110 by
default), whatever room is left.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: add a node, or raise the limit of the kubelets if the network has the addresses for it:
  kubectl describe nodes";
