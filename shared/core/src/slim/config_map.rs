//! Config maps: names of keys and lengths of values, a value never enters the struct.

use super::{Kind, Object, metadata::ObjectMeta, pair};
use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, skip_field, string, uint64};
use prost::{DecodeError, Message, length_delimiter_len};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::fmt;

/// A ConfigMap without its values.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMap {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(bool, optional, tag = "4")]
    pub immutable: Option<bool>,
    #[serde(deserialize_with = "texts")]
    #[prost(message, repeated, tag = "2")]
    pub data: Vec<DataKey>,
    #[serde(deserialize_with = "blobs")]
    #[prost(message, repeated, tag = "3")]
    pub binary_data: Vec<DataKey>,
}

impl Object for ConfigMap {
    const KIND: Kind = Kind::ConfigMap;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// One key of a ConfigMap; of its value only the length in bytes is taken while decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataKey {
    pub key: String,
    pub size: u64,
}

const KEY: u32 = 1;
const VALUE: u32 = 2;

impl Message for DataKey {
    fn encode_raw(&self, out: &mut impl BufMut) {
        string::encode(KEY, &self.key, out);
        uint64::encode(VALUE, &self.size, out);
    }

    /// Passes over the value; its length stands before it.
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        bytes: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        match (tag, wire_type) {
            (KEY, _) => string::merge(wire_type, &mut self.key, bytes, context),
            (VALUE, WireType::LengthDelimited) => {
                let before = bytes.remaining();
                skip_field(wire_type, tag, bytes, context)?;
                self.size = content(before - bytes.remaining());
                Ok(())
            }
            _ => skip_field(wire_type, tag, bytes, context),
        }
    }

    fn encoded_len(&self) -> usize {
        string::encoded_len(KEY, &self.key) + uint64::encoded_len(VALUE, &self.size)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The length of a value that takes so many bytes together with its own length.
fn content(taken: usize) -> u64 {
    let lengths = (1..=taken).map(|prefix| taken - prefix);
    let fits = |length: &usize| length_delimiter_len(*length) + length == taken;
    lengths.take(10).find(fits).unwrap_or_default() as u64
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DataKey>, D::Error> {
    pair::entries(deserializer, |key, Text(size)| DataKey { key, size })
}

fn blobs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DataKey>, D::Error> {
    pair::entries(deserializer, |key, Blob(size)| DataKey { key, size })
}

/// The length of a text.
struct Text(u64);

/// The length of what stands in base64.
struct Blob(u64);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Measure(|text| text.len())).map(Self)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Measure(decoded_length)).map(Self)
    }
}

/// Line breaks are skipped, as Go does.
fn decoded_length(base64: &str) -> usize {
    let digits = base64.bytes().filter(|byte| byte.is_ascii_graphic() && *byte != b'=').count();
    digits * 3 / 4
}

/// Takes a length from a text.
struct Measure(fn(&str) -> usize);

impl Visitor<'_> for Measure {
    type Value = u64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        Ok((self.0)(text) as u64)
    }
}

impl ConfigMap {
    /// Every key, of text and of bytes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|entry| entry.key.as_str())
    }

    /// Every key with the length of its value.
    pub fn entries(&self) -> impl Iterator<Item = &DataKey> {
        self.data.iter().chain(&self.binary_data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Pair, from_json, from_protobuf};

    #[test]
    fn lengths_are_those_of_the_values() {
        let text = br#"{"data":{"a":"","b":"abc"},"binaryData":{"c":"AAEC","d":"Zm8="}}"#;
        let map: ConfigMap = from_json(text).unwrap();
        let sizes: Vec<(&str, u64)> = map.entries().map(|entry| (entry.key.as_str(), entry.size)).collect();
        assert_eq!(sizes, [("a", 0), ("b", 3), ("c", 3), ("d", 2)]);
    }

    #[test]
    fn lengths_that_take_several_bytes_are_read() {
        for length in [0, 1, 127, 128, 16_383, 16_384, 70_000] {
            let value = Pair { key: "a".to_owned(), value: "x".repeat(length) };
            let mut wire = Vec::new();
            prost::encoding::message::encode(2, &value, &mut wire);
            let map: ConfigMap = from_protobuf(&wire).unwrap();
            assert_eq!(map.data, [DataKey { key: "a".to_owned(), size: length as u64 }]);
        }
    }
}
