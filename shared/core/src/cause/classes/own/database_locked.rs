//! What a database holds locked is waited for: the file of an embedded one, rows and tables of a server.

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

In a PostgreSQL server sessions wait for what a transaction has locked that was not ended: one that does nothing, or one that
takes long. The evidence names who waits for whom, and who waits for nobody.

Looked at: logs of containers (\"database is locked\", SQLITE_BUSY); where a triage asks the server (--ask-database) sessions that
wait for locks for 10 seconds, and those that have been idle in a transaction for 10 minutes (components[].database of a profile).

What to do: let only one replica use the file, and fewer connections; for more than one use a server, such
as PostgreSQL. Remove files of a lock (-shm, -wal) only when no process has the database open:
  kubectl get pods -n NAMESPACE -o wide
  kubectl sre change set-env TYPE/NAME POOL_SETTING=5 -n NAMESPACE --dry-run
In a server, end the session that does nothing and holds the others up; what it did not commit is rolled back:
  kubectl sre change db-terminate-idle TYPE/NAME -n NAMESPACE --idle-for 10m --in-transaction --dry-run";
