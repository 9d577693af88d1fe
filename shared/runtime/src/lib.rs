//! The only crate that touches the world: cluster, archive, terminal.

pub mod cluster;
pub mod flags;
pub mod sealed;
