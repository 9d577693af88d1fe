//! The only crate that touches the world: cluster, archive, terminal.

pub mod archive;
pub mod args;
pub mod change;
pub mod cluster;
pub mod completion;
pub mod directory;
pub mod entry;
pub mod error;
pub mod exec;
pub mod exit;
pub mod flags;
pub mod incident;
mod lines;
mod panic;
pub mod plugin;
pub mod sealed;
pub mod session;
pub mod state;
pub mod ui;
