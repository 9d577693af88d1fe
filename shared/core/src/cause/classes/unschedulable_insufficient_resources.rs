//! The nodes that a pod may use have too little room left.

use crate::cause::Class;
use crate::cause::unplaced::causes_of_room;
use crate::scheduling::Room;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-insufficient-resources",
    page: PAGE,
    recognise: |view| causes_of_room(view, Room::TooLittle),
    ..Class::SILENT
};

const PAGE: &str = "\
The nodes that a pod may use by labels and taints have too little CPU, memory or local storage left,
even taken together. Requests count, not what is really used; init containers, sidecars and the
overhead of the runtime are part of the request.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: add a node, scale something less important down, or lower requests that are far above
what is used:
  kubectl describe nodes";
