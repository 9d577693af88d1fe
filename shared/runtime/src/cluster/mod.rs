//! The cluster: how it is reached and read.

pub mod list;
pub mod stream;
