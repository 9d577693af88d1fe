//! The connections to a database are used up.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "database-connections-exhausted", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.end_idle_sessions().into_iter().chain(of.of_profile(CLASS.id)).collect()
}

const PAGE: &str = "\
A database takes no more connections, or the pool of a program has none left: too many replicas with too
large pools, or sessions that do nothing and are kept.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"too many clients already\", \"QueuePool limit\", ...); with a Prometheus
connections against the limit, from 80 percent on, and what the profile asks (performance); where a triage asks a PostgreSQL
server (--ask-database) its sessions by state.

What to do: end sessions that have been idle for long, make pools smaller, or raise the limit of the server:
  kubectl sre change db-terminate-idle TYPE/NAME -n NAMESPACE --idle-for 10m --dry-run";
