//! The name of an item that could not be decoded, as far as it can still be read.

use prost::Message;
use serde::Deserialize;

use super::Encoding;

/// Reads `namespace/name`, or nothing when not even that is readable.
pub fn item_name(encoding: Encoding, bytes: &[u8]) -> Option<String> {
    let metadata = match encoding {
        Encoding::Protobuf => Item::decode(bytes).ok()?.metadata?,
        Encoding::Json => serde_json::from_slice::<JsonItem>(bytes).ok()?.metadata,
    };
    match (metadata.namespace.as_str(), metadata.name.as_str()) {
        (_, "") => None,
        ("", name) => Some(name.to_owned()),
        (namespace, name) => Some(format!("{namespace}/{name}")),
    }
}

#[derive(Deserialize)]
struct JsonItem {
    metadata: Metadata,
}

/// Every kind has its `ObjectMeta` in field 1.
#[derive(Clone, PartialEq, Message)]
struct Item {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Metadata>,
}

#[derive(Clone, Deserialize, PartialEq, Message)]
#[serde(default)]
struct Metadata {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "3")]
    namespace: String,
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::samples::field;
    use super::*;

    #[test]
    fn names_are_read_from_both_encodings() {
        let json = br#"{"metadata":{"name":"web","namespace":"shop","labels":7},"spec":false}"#;
        assert_eq!(item_name(Encoding::Json, json).as_deref(), Some("shop/web"));
        let protobuf = field(1, &[field(1, b"node-1"), field(3, b"")].concat());
        assert_eq!(item_name(Encoding::Protobuf, &protobuf).as_deref(), Some("node-1"));
    }

    #[test]
    fn what_has_no_readable_name_has_none() {
        for item in ["{]", "7", "{}", r#"{"metadata":{"name":7}}"#] {
            assert_eq!(item_name(Encoding::Json, item.as_bytes()), None, "{item}");
        }
        assert_eq!(item_name(Encoding::Protobuf, &[0x0a, 9]), None);
    }
}
