//! Config maps: key names only, a value never enters the struct.

use super::{Kind, Object, metadata::ObjectMeta, pair};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

/// A ConfigMap without its values.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMap {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(bool, optional, tag = "4")]
    pub immutable: Option<bool>,
    #[serde(deserialize_with = "keys")]
    #[prost(message, repeated, tag = "2")]
    pub data: Vec<DataKey>,
    #[serde(deserialize_with = "keys")]
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

/// One key of a ConfigMap; its value is skipped while decoding.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DataKey {
    #[prost(string, tag = "1")]
    pub key: String,
}

fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DataKey>, D::Error> {
    pair::entries(deserializer, |key, _value: IgnoredAny| DataKey { key })
}

impl ConfigMap {
    /// Every key, of text and of bytes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.data.iter().chain(&self.binary_data).map(|entry| entry.key.as_str())
    }
}
