//! A process has more files and connections open than it may.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "open-files-exhausted", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.restart().into_iter().chain(of.add_replica()).collect()
}

const PAGE: &str = "\
A process reached its limit of open files: connections count too. It leaks them, or has many clients.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"too many open files\", EMFILE).

What to do: a restart gives room for a while; then find what is kept open, or spread the clients over more pods:
  kubectl sre change restart TYPE/NAME -n NAMESPACE --dry-run
  kubectl sre scale TYPE/NAME --replicas 4 -n NAMESPACE --dry-run";
