//! Values and decisions of `kubectl sre`: synchronous, no I/O, no clock, no randomness.
//!
//! What was seen is a [`snapshot`]; everything that decides is a function from values to values.
//! Nothing here talks to a cluster, reads a file or prints.

pub mod certificate;
pub mod object;
pub mod slim;
pub mod units;
