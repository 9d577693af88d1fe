//! Points in time: seconds and nanoseconds in protobuf, RFC 3339 in JSON.

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// A point in time as the API writes it; zero when there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Message)]
#[prost(skip_debug)]
pub struct Time {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// The same with microseconds; the encodings differ in nothing else.
pub type MicroTime = Time;

impl Time {
    /// The point in time; none when it was never set or is out of range.
    pub fn at(&self) -> Option<Timestamp> {
        if *self == Self::default() { None } else { Timestamp::new(self.seconds, self.nanos).ok() }
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at().fmt(out)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Time;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a time as RFC 3339 has it")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
        if text.is_empty() {
            return Ok(Time::default());
        }
        let at: Timestamp = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        Ok(Time::from(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_fraction() {
        let time: Time = serde_json::from_str("\"2026-03-01T10:00:00.123456Z\"").unwrap();
        assert_eq!(time.at().unwrap().to_string(), "2026-03-01T10:00:00.123456Z");
        assert_eq!((time.seconds, time.nanos), (1_772_359_200, 123_456_000));
    }

    #[test]
    fn an_offset_is_honoured() {
        let time: Time = serde_json::from_str("\"2026-03-01T11:00:00+01:00\"").unwrap();
        assert_eq!(time.at().unwrap().to_string(), "2026-03-01T10:00:00Z");
    }

    #[test]
    fn zero_is_no_time() {
        assert_eq!(Time::default().at(), None);
        assert!(serde_json::from_str::<Time>("\"yesterday\"").is_err());
    }
}
