//! Quantities as objects carry them; the arithmetic is in [`crate::units`].

use super::pair;
use crate::units::Amount;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt;

/// A quantity as it was written, for example `250m` or `1.5Gi`.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct Quantity {
    #[prost(string, tag = "1")]
    text: String,
}

impl Quantity {
    /// The exact amount; none when the text is no quantity.
    pub fn amount(&self) -> Option<Amount> {
        self.text.parse().ok()
    }

    /// The quantity as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&str> for Quantity {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned() }
    }
}

/// An entry of a resource list, for example `cpu: 250m`.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct ResourceAmount {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub quantity: Quantity,
}

/// Finds the amount of one resource; none when it is not listed or is no quantity.
pub fn amount_of(list: &[ResourceAmount], name: &str) -> Option<Amount> {
    list.iter().find(|entry| entry.name == name).and_then(|entry| entry.quantity.amount())
}

/// Finds the amount of one resource as it is written; none when it is not listed.
pub fn written_of<'a>(list: &'a [ResourceAmount], name: &str) -> Option<&'a str> {
    list.iter().find(|entry| entry.name == name).map(|entry| entry.quantity.as_str())
}

/// Reads a JSON object of quantities.
pub(super) fn amounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ResourceAmount>, D::Error> {
    pair::entries(deserializer, |name, quantity| ResourceAmount { name, quantity })
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrNumber)
    }
}

struct TextOrNumber;

impl Visitor<'_> for TextOrNumber {
    type Value = Quantity;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a quantity")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
        Ok(Quantity::from(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Quantity, E> {
        Ok(Quantity { text: number.to_string() })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Quantity, E> {
        Ok(Quantity { text: number.to_string() })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Quantity, E> {
        Ok(Quantity { text: number.to_string() })
    }

    fn visit_unit<E: Error>(self) -> Result<Quantity, E> {
        Ok(Quantity::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_quantities() {
        let read = |json: &str| serde_json::from_str::<Quantity>(json).unwrap().amount().unwrap();
        assert_eq!(read("\"1500m\""), read("1.5"));
        assert_eq!(read("\"2\""), read("2"));
        assert_eq!(read("-1"), Amount::whole(-1));
        assert_eq!(Quantity::from("much").amount(), None);
    }
}
