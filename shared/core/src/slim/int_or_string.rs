//! A number or a string: ports, and how many pods may be missing.

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;

const TEXT: i64 = 1;

/// A number or a string, for example `8080`, `http` or `25%`.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
#[prost(skip_debug)]
pub struct IntOrString {
    #[prost(int64, tag = "1")]
    form: i64,
    #[prost(int32, tag = "2")]
    number: i32,
    #[prost(string, tag = "3")]
    text: String,
}

/// Which way a share of a whole that is no whole number goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// As controllers do for `maxSurge`, `minAvailable` and a disruption budget's `maxUnavailable`.
    Up,
    /// As controllers do for a rollout's `maxUnavailable`.
    Down,
}

impl IntOrString {
    /// The number; none when it is a string.
    pub fn number(&self) -> Option<i32> {
        (self.form != TEXT).then_some(self.number)
    }

    /// The string; none when it is a number.
    pub fn text(&self) -> Option<&str> {
        (self.form == TEXT).then_some(self.text.as_str())
    }

    /// Whether this is a percentage.
    pub fn is_percentage(&self) -> bool {
        self.text().is_some_and(|text| text.ends_with('%'))
    }

    /// The number, or the percentage of `whole`; none for any other string.
    pub fn of_whole(&self, whole: i32, rounding: Rounding) -> Option<i32> {
        let Some(text) = self.text() else { return Some(self.number) };
        let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
        let hundredths = percent.checked_mul(i64::from(whole))?;
        let share = match rounding {
            Rounding::Down => hundredths.div_euclid(100),
            Rounding::Up => hundredths.checked_add(99)?.div_euclid(100),
        };
        i32::try_from(share).ok()
    }
}

impl From<i32> for IntOrString {
    fn from(number: i32) -> Self {
        Self { form: 0, number, text: String::new() }
    }
}

impl From<&str> for IntOrString {
    fn from(text: &str) -> Self {
        Self { form: TEXT, number: 0, text: text.to_owned() }
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => out.write_str(text),
            None => write!(out, "{}", self.number),
        }
    }
}

impl fmt::Debug for IntOrString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(out, "{text:?}"),
            None => write!(out, "{}", self.number),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

struct Either;

impl Visitor<'_> for Either {
    type Value = IntOrString;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a 32-bit number or a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<IntOrString, E> {
        Ok(IntOrString::from(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<IntOrString, E> {
        let fits = i32::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
        Ok(IntOrString::from(fits))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<IntOrString, E> {
        let fits = i32::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        Ok(IntOrString::from(fits))
    }

    fn visit_unit<E: Error>(self) -> Result<IntOrString, E> {
        Ok(IntOrString::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        assert_eq!(serde_json::from_str::<IntOrString>("8080").unwrap(), IntOrString::from(8080));
        assert_eq!(serde_json::from_str::<IntOrString>("\"http\"").unwrap().text(), Some("http"));
        assert!(serde_json::from_str::<IntOrString>("4294967296").is_err());
        assert!(serde_json::from_str::<IntOrString>("true").is_err());
    }

    #[test]
    fn percentages_round_as_told() {
        let quarter = IntOrString::from("25%");
        assert_eq!(quarter.of_whole(10, Rounding::Up), Some(3));
        assert_eq!(quarter.of_whole(10, Rounding::Down), Some(2));
        assert_eq!(quarter.of_whole(0, Rounding::Up), Some(0));
        assert_eq!(IntOrString::from(4).of_whole(10, Rounding::Up), Some(4));
        assert_eq!(IntOrString::from("http").of_whole(10, Rounding::Up), None);
    }

    #[test]
    fn the_wire_form_says_which_it_is() {
        use prost::Message;
        assert_eq!(IntOrString::decode(&b"\x08\x01\x10\x00\x1a\x0225"[..]).unwrap(), IntOrString::from("25"));
        assert_eq!(IntOrString::decode(&b"\x08\x00\x10\x50\x1a\x00"[..]).unwrap(), IntOrString::from(80));
    }
}
