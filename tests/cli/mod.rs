//! The command line against fixtures and bad input.

mod arguments;
mod bad_archive;
mod bad_cluster;
mod bad_usage;
mod browser;
mod busy_server;
mod change;
mod checkers;
mod demo;
mod failing_lists;
mod formats;
mod healthy;
mod incident;
mod install;
mod installed_kinds;
mod interrupt;
mod kubelets;
mod large;
mod log_search;
mod logs;
mod many_clusters;
mod measured;
mod probe;
mod profile;
mod recorder;
mod sandbox;
mod sayings;
mod telling;
mod triage;
mod watch;

pub use formats::schema_of_changes;
pub use install::Machine;
pub use sandbox::{BINARY, Ran, Sandbox};
