//! A reference that is only a name: a message of its own on the wire, a plain string in JSON.

use serde::{Deserialize, Deserializer};
use std::ops::Deref;

/// Name of an object in the same namespace; reads as a `str`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Message)]
pub struct Name {
    #[prost(string, tag = "1")]
    text: String,
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { text: String::deserialize(deserializer)? })
    }
}
