//! A process has used up the memory that it gives itself, and nobody killed it.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "process-memory-exhausted", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.raise_limit("memory").into_iter().chain(of.of_profile(CLASS.id)).collect()
}

const PAGE: &str = "\
A heap is full: of a virtual machine with a limit of its own, or of an allocator that gets no more. The kernel
has killed nothing; the limit of the container need not be reached.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"Java heap space\", \"JavaScript heap out of memory\", \"MemoryError\", ...).

What to do: see whether it leaks (a heap dump) or only needs more; a larger limit alone does not help where the
heap has a limit of its own (-Xmx, --max-old-space-size):
  kubectl sre scale resources TYPE/NAME --container C --limits memory=2Gi -n NAMESPACE --dry-run";
