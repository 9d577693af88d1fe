//! Enough is free in sum, but no node has enough.

use crate::cause::Class;
use crate::cause::unplaced::causes_of_room;
use crate::scheduling::Room;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-fragmented",
    page: PAGE,
    recognise: |view| causes_of_room(view, Room::Fragmented),
    ..Class::SILENT
};

const PAGE: &str = "\
The nodes that a pod may use have enough CPU, memory and local storage free in sum, but no single one
of them has enough of everything.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: move smaller pods away from one node so that the pod fits there, add a node, or ask for
less:
  kubectl describe nodes";
