//! Maps as lists of entries, sorted by key: what protobuf has, and half the memory of a map.

use super::Shared;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::{borrow::Borrow, fmt, marker::PhantomData};

/// An entry of a map of strings, for example a label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Message)]
pub struct Pair {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

impl Pair {
    /// Makes an entry.
    pub fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: value.to_owned() }
    }
}

/// Finds the value of a key.
pub fn value_of<'a, P: Borrow<Pair>>(pairs: &'a [P], key: &str) -> Option<&'a str> {
    pairs.iter().map(Borrow::borrow).find(|pair| pair.key == key).map(|pair| pair.value.as_str())
}

/// Reads a JSON object of strings.
pub(super) fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pair>, D::Error> {
    entries(deserializer, |key, value| Pair { key, value })
}

/// Reads a JSON object of strings that other objects may have too.
pub(super) fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Shared<Pair>>, D::Error> {
    entries(deserializer, |key, value| Shared::from(Pair { key, value }))
}

/// Reads a JSON object into entries that `entry` makes, sorted by key as the API server sorts them on the wire.
///
/// Of a key that occurs twice the last one counts, as it does in Go.
pub(super) fn entries<'de, D, V, T>(deserializer: D, entry: fn(String, V) -> T) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    let mut members = deserializer.deserialize_map(Members(PhantomData))?;
    members.sort_by(|(left, _), (right, _)| left.cmp(right));
    members.dedup_by(|later, kept| {
        let is_repeated = later.0 == kept.0;
        if is_repeated {
            std::mem::swap(later, kept);
        }
        is_repeated
    });
    Ok(members.into_iter().map(|(key, value)| entry(key, value)).collect())
}

struct Members<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Members<V> {
    type Value = Vec<(String, V)>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
