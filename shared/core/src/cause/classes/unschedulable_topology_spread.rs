//! A spread constraint that must hold cannot be met.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-topology-spread",
    page: PAGE,
    recognise: |view| causes(view, Filter::Spread),
    ..Class::SILENT
};

const PAGE: &str = "\
A topology spread constraint with DoNotSchedule cannot be met: placing the pod would make the
difference between the domains too large, or nodes lack the label that names their domain.
ScheduleAnyway never blocks and is not looked at.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: label the nodes, bring nodes of the emptiest domain back, or use ScheduleAnyway:
  kubectl get nodes --show-labels";
