//! Values and decisions of `kubectl sre`: synchronous, no I/O, no clock, no randomness.
//!
//! What was seen is a [`snapshot`]; a [`view`] joins it; [`check`]s and the classes of [`cause`] are
//! functions of a view; what they say are [`finding`]s, and [`access`] whether the caller may run what they print; a
//! [`report`] is what to show. What is to be done is a [`plan`]; what may be done of it, a [`policy`] says.
//! Nothing here talks to a cluster, reads a file or prints.

pub mod access;
pub mod cause;
pub mod certificate;
pub mod changes;
pub mod check;
pub mod container_command;
pub mod disruption;
pub mod finding;
pub mod heap;
pub mod helm;
pub mod incident;
pub mod inquiry;
pub mod lines;
pub mod logs;
pub mod manifest;
pub mod node_group;
pub mod object;
pub mod object_pattern;
pub mod ownership;
pub mod performance;
pub mod plan;
pub mod pod_security;
pub mod pod_template;
pub mod policy;
pub mod postgres;
pub mod probe;
pub mod profile;
pub mod redaction;
pub mod report;
pub mod resource;
pub mod schedule;
pub mod scheduling;
pub mod service_names;
pub mod slim;
pub mod snapshot;
pub mod strict;
pub mod traffic;
pub mod triage;
pub mod units;

pub mod view;
pub mod workload_status;
