//! The kernel killed processes because the whole node ran out of memory.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-out-of-memory",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            let is_of_one_container = it.message.starts_with("Memory cgroup");
            it.is_about(&["Node"]) && it.is(&["SystemOOM", "OOMKilling"]) && !is_of_one_container
        },
        |_| "the kernel killed processes because the node ran out of memory".to_owned(),
    )),
    brings: &["container-oom-killed"],
    ..Class::SILENT
};

const PAGE: &str = "\
The node had no memory left, and its kernel chose processes to kill: any of them, the kubelet or the
runtime too. Pods use more than they request, or little is reserved for the system.

Looked at: the events SystemOOM and OOMKilling about nodes. A container that is killed at its own limit
is not meant.

What to do: see who uses more than was requested; give pods limits, and the system its reserve:
  kubectl top pods -A --sort-by=memory";
