//! What a null turns into, and how everything else is passed on.

use super::{NullAsEmpty, Seed};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{fmt, iter};

/// What stands for a null.
#[derive(Clone, Copy)]
pub(super) enum Empty {
    Flag,
    Number,
    Text,
    List,
    Map,
    Absent,
}

/// Gives the visitor an empty value for a null, and whatever else there is as it is.
pub(super) struct Nullable<V> {
    pub visitor: V,
    pub empty: Empty,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Nullable<V> {
    type Value = V::Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(out)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        match self.empty {
            Empty::Flag => self.visitor.visit_bool(false),
            Empty::Number => self.visitor.visit_i64(0),
            Empty::Text => self.visitor.visit_str(""),
            Empty::List => self.visitor.visit_seq(SeqDeserializer::new(iter::empty::<()>())),
            Empty::Map => self.visitor.visit_map(MapDeserializer::new(iter::empty::<((), ())>())),
            Empty::Absent => self.visitor.visit_none(),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        match self.empty {
            Empty::Flag => deserializer.deserialize_bool(Passing(self.visitor)),
            Empty::Number => deserializer.deserialize_i64(Passing(self.visitor)),
            Empty::Text => deserializer.deserialize_str(Passing(self.visitor)),
            Empty::List => deserializer.deserialize_seq(Passing(self.visitor)),
            Empty::Map => deserializer.deserialize_map(Passing(self.visitor)),
            Empty::Absent => self.visitor.visit_some(NullAsEmpty(deserializer)),
        }
    }
}

/// Passes a value that is not null, and sees to the nulls inside it.
struct Passing<T>(T);

impl<'de, V: Visitor<'de>> Visitor<'de> for Passing<V> {
    type Value = V::Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(out)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<V::Value, E> {
        self.0.visit_bool(flag)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<V::Value, E> {
        self.0.visit_i64(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<V::Value, E> {
        self.0.visit_u64(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_str(text)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.0.visit_borrowed_str(text)
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        self.0.visit_string(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Passing(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Passing(map))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Passing<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Seed(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Passing<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Seed(seed))
    }
}
