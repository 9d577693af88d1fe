//! The memory of a container grows without end, and nothing has killed it yet.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "memory-growing", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id).into_iter().chain(of.restart()).collect()
}

const PAGE: &str = "\
The least that it used in the last quarter of an hour is half as much again as the most that it used three hours
before. A cache that fills up looks alike at first: it is likely, and not sure.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: container_memory_working_set_bytes of Prometheus, over 100 MB, and what the profile asks (performance).

What to do: take a heap dump while it is there, make caches smaller; a restart is good for a while:
  kubectl sre change restart TYPE/NAME -n NAMESPACE --dry-run";
