//! The nodes that would take a pod are cordoned.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class =
    Class { id: "unschedulable-cordoned", page: PAGE, recognise: |view| causes(view, Filter::Cordon), ..Class::SILENT };

const PAGE: &str = "\
The nodes that would take a pod are cordoned (spec.unschedulable), usually for planned work.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: ask who cordoned the node and whether the work is done, then:
  kubectl sre change uncordon NODE --dry-run";
