//! Every node that a pod may use has a taint that it does not tolerate.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::finding::Finding;
use crate::scheduling::Filter;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let by_condition = causes(view, Filter::Condition).into_iter().map(Finding::symptom);
    causes(view, Filter::Taint).into_iter().chain(by_condition).collect()
}

/// See the module.
pub const CLASS: Class = Class { id: "unschedulable-taint", page: PAGE, recognise: recognised, ..Class::SILENT };

const PAGE: &str = "\
Every node that has the labels a pod asks for has a taint that the pod does not tolerate. Taints that
nodes get by their own condition (not ready, unreachable, pressure) are no decision of anybody: then
the node's trouble is the cause, and this follows from it.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: add the toleration if the pod belongs there, or a node without the taint:
  kubectl describe node NODE";
