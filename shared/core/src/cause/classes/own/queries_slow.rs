//! Statements of a database take too long.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "queries-slow", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.log_slow_queries().into_iter().chain(of.of_profile(CLASS.id)).collect()
}

const PAGE: &str = "\
Statements take seconds: an index is missing, a table has grown, a lock is waited for, or the disk is slow.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"duration: 5023 ms\", \"statement timeout\", slow query logs); with a Prometheus
what the profile asks (performance); where a triage asks a PostgreSQL server (--ask-database) what has run for a minute.

What to do: let the server say which statements those are, and look at what waits:
  kubectl sre change db-slow-log TYPE/NAME -n NAMESPACE --over 1s --for 30m --dry-run
  kubectl logs POD -n NAMESPACE | grep duration:";
