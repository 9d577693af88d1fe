//! The time of a directory: the newest timestamp that its objects speak of.

use super::{FoundObject, ObjectSink};
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Fields that tell when something happened. Fields that look ahead (`notAfter`, `renewalTime`, `nextScheduleTime`) are
/// not among them, nor is `deletionTimestamp`, which is when the grace period ends: a time that is missing here makes
/// the directory a little older, one too many would put it into the future.
const PAST: &[&str] = &[
    "creationTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "lastHeartbeatTime",
    "lastProbeTime",
    "startTime",
    "completionTime",
    "startedAt",
    "finishedAt",
    "firstTimestamp",
    "lastTimestamp",
    "eventTime",
    "lastObservedTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "lastScaleTime",
    "renewTime",
    "acquireTime",
    "startTimestamp",
    "completionTimestamp",
    "timestamp",
    "time",
    "timeAdded",
];

/// Fields whose content is people's own and says nothing of the cluster's time.
const FREE: &[&str] = &["data", "binaryData", "stringData", "labels", "annotations"];

/// Passes objects on and keeps the newest time.
pub(super) struct Watching<'a> {
    sink: &'a mut dyn ObjectSink,
    newest: Option<Timestamp>,
}

impl<'a> Watching<'a> {
    pub(super) fn new(sink: &'a mut dyn ObjectSink) -> Self {
        Self { sink, newest: None }
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }
}

impl ObjectSink for Watching<'_> {
    fn object(&mut self, found: FoundObject<'_>) {
        let mut json = serde_json::Deserializer::from_slice(found.json);
        // An object too deep to follow has told its own times by then, which stand at its beginning.
        let _ = Times { newest: &mut self.newest, is_past: false }.deserialize(&mut json);
        self.sink.object(found);
    }
}

/// Walks through a value and keeps the newest of its times.
struct Times<'a> {
    newest: &'a mut Option<Timestamp>,
    /// Whether the value is that of a field that tells when something happened.
    is_past: bool,
}

impl<'de> DeserializeSeed<'de> for Times<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Times<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(FieldName)? {
            match field {
                Field::Free => _ = map.next_value::<IgnoredAny>()?,
                Field::Past => map.next_value_seed(Times { newest: &mut *self.newest, is_past: true })?,
                Field::Other => map.next_value_seed(Times { newest: &mut *self.newest, is_past: false })?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(Times { newest: &mut *self.newest, is_past: false })?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.is_past {
            *self.newest = (*self.newest).max(text.parse().ok());
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

enum Field {
    Past,
    Free,
    Other,
}

struct FieldName;

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Field, E> {
        Ok(match name {
            name if PAST.contains(&name) => Field::Past,
            name if FREE.contains(&name) => Field::Free,
            _ => Field::Other,
        })
    }
}
