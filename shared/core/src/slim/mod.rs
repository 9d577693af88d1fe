//! One slim struct for each kind: only the fields that are used, with a JSON and a protobuf reader.

mod kind;

pub use kind::{KINDS, Kind, KindInfo, Scope};
