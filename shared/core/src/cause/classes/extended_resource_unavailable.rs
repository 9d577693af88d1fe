//! No node offers the device that a pod asks for, or all are in use.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "extended-resource-unavailable",
    page: PAGE,
    recognise: |view| causes(view, Filter::ExtendedResource),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod asks for an extended resource (a GPU, say) that no node that it may use offers in sufficient
number: the device plugin does not run there, or all devices are in use.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: see what the nodes offer, and whether the device plugin's DaemonSet runs on them:
  kubectl describe nodes";
