//! What tells an object from a list, read without reading the rest.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The beginning of any JSON value.
pub(super) enum Head<'a> {
    /// An object; of repeated keys the last counts, as for kubectl.
    Object { api_version: Option<String>, kind: Option<String>, items: Option<&'a RawValue> },
    /// Values without an envelope, as `jq .items` leaves them.
    Array(Vec<&'a RawValue>),
    /// A number, a word, a text.
    Other,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    ApiVersion,
    Kind,
    Items,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Head<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head<'de>, A::Error> {
        let (mut api_version, mut kind, mut items) = (None, None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::ApiVersion => api_version = map.next_value()?,
                Field::Kind => kind = map.next_value()?,
                Field::Items => items = Some(map.next_value()?),
                Field::Other => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(Head::Object { api_version, kind, items })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Head<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Head::Array(items))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }

    fn visit_unit<E>(self) -> Result<Head<'de>, E> {
        Ok(Head::Other)
    }
}
