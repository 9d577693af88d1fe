//! What stands around the items of a list, read from both encodings.

use prost::Message;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Malformed;

/// Holds what a list says about itself beside its items.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Envelope {
    pub api_version: String,
    pub kind: String,
    pub resource_version: String,
    /// Where the next page begins; empty on the last one.
    pub continue_token: String,
    /// Whether there was a list at all, be it empty or null: an object without `items` is none.
    pub has_items: bool,
}

impl Envelope {
    /// Reads the JSON value that stands beside the items under this key.
    pub(super) fn read_json(&mut self, key: &str, value: &[u8]) -> Result<(), Malformed> {
        let read = match key {
            "kind" => text(value).map(|kind| self.kind = kind),
            "apiVersion" => text(value).map(|version| self.api_version = version),
            "metadata" => serde_json::from_slice(value).map(|meta: Option<_>| self.set(meta.unwrap_or_default())),
            "items" => return self.read_no_items(value),
            _ => serde_json::from_slice(value).map(|_: IgnoredAny| ()),
        };
        read.map_err(|_| Malformed("a value beside the items is undecodable"))
    }

    /// An empty list may be written as null.
    fn read_no_items(&mut self, value: &[u8]) -> Result<(), Malformed> {
        self.has_items = true;
        if value == b"null" { Ok(()) } else { Err(Malformed("items that are no list")) }
    }

    /// Reads the `ListMeta` of a protobuf list.
    pub(super) fn read_list_meta(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.set(ListMeta::decode(bytes).map_err(|_| Malformed("the metadata of the list is undecodable"))?);
        Ok(())
    }

    /// Reads the `TypeMeta` of a protobuf answer.
    pub(super) fn read_type_meta(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let meta = TypeMeta::decode(bytes).map_err(|_| Malformed("the type of the list is undecodable"))?;
        self.api_version = meta.api_version;
        self.kind = meta.kind;
        Ok(())
    }

    fn set(&mut self, meta: ListMeta) {
        self.resource_version = meta.resource_version.unwrap_or_default();
        self.continue_token = meta.continue_token.unwrap_or_default();
    }
}

fn text(value: &[u8]) -> serde_json::Result<String> {
    serde_json::from_slice(value).map(|text: Option<String>| text.unwrap_or_default())
}

#[derive(Clone, Deserialize, PartialEq, Message)]
#[serde(default)]
struct ListMeta {
    #[prost(string, optional, tag = "2")]
    #[serde(rename = "resourceVersion")]
    resource_version: Option<String>,
    #[prost(string, optional, tag = "3")]
    #[serde(rename = "continue")]
    continue_token: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeMeta {
    #[prost(string, tag = "1")]
    api_version: String,
    #[prost(string, tag = "2")]
    kind: String,
}
