//! No node could hold a pod even when empty.

use crate::cause::Class;
use crate::cause::unplaced::causes_of_room;
use crate::scheduling::Room;

/// See the module.
pub const CLASS: Class = Class {
    id: "unschedulable-request-too-large",
    page: PAGE,
    recognise: |view| causes_of_room(view, Room::NeverEnough),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod asks for more CPU, memory or local storage than any node that it may use has in all. It will
wait for ever, however much is freed.

Looked at: the condition PodScheduled of the pods; the scheduler's filters are replayed on the nodes
and pods that were seen, so that every node says what is against it.

What to do: lower the request (often a unit is wrong: 64 for 64m), or add larger nodes.";
