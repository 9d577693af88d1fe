//! Lists taken apart while they arrive: bytes are pushed in, whole items come out.
//!
//! Nothing here knows a Kubernetes kind, a connection or a file, and nothing ever holds a whole list: what is kept between
//! two pushes is the item that is not complete yet. A list that does not end exactly where it says is [`Malformed`].

mod body;
mod envelope;
mod inflate;
mod json_list;
mod json_value;
mod partial;
mod protobuf_list;
#[cfg(test)]
pub(crate) mod samples;
mod varint;

pub use body::{BodyReader, Compression};
pub use envelope::Envelope;
pub use inflate::gunzip;
pub use json_list::JsonListSplitter;
pub use json_value::JsonValue;
pub(super) use partial::Partial;
pub use protobuf_list::ProtobufListSplitter;

/// Names how the items of a list are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    Protobuf,
    Json,
}

/// Tells why bytes are not one whole list, in words that hold none of its content.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);
