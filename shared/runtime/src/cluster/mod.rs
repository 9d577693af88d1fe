//! The cluster: how it is reached and read.

pub mod connection;
pub mod list;
pub mod live;
pub mod stream;
