//! The command line against fixtures and bad input.

mod bad_archive;
mod bad_cluster;
mod bad_usage;
mod formats;
mod sandbox;

pub use sandbox::{Ran, Sandbox};
