//! The file of an embedded database is locked by another process.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "database-locked", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id)
}

const PAGE: &str = "\
SQLite lets one process write at a time: another one of the pod, or another pod on the same volume, holds
the lock, or one that was killed has left it.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"database is locked\", SQLITE_BUSY).

What to do: let only one replica use the file, and fewer connections; for more than one use a server, such
as PostgreSQL. Remove files of a lock (-shm, -wal) only when no process has the database open:
  kubectl get pods -n NAMESPACE -o wide
  kubectl sre change set-env TYPE/NAME POOL_SETTING=5 -n NAMESPACE --dry-run";
