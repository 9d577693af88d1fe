//! Required affinity or anti-affinity to other pods leaves no node.

use crate::cause::Class;
use crate::cause::unplaced::causes;
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-pod-affinity",
    page: PAGE,
    recognise: |view| causes(view, Filter::PodAffinity),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod must run near other pods that are nowhere, or away from pods that are everywhere; or pods that
are there want to be alone. Preferred rules never block and are not looked at.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: compare the number of replicas with the number of places that the topology key has, and
make the rule a preference when it need not hold.";
