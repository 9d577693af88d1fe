//! The time of a directory: the newest timestamp that its objects speak of.

use super::{FoundObject, ObjectSink};
use jiff::Timestamp;
use memchr::memmem;

/// Fields that tell when something happened. Fields that look ahead (`notAfter`, `renewalTime`, `nextScheduleTime`)
/// are not among them.
const PAST: &[&[u8]] = &[
    b"\"creationTimestamp\"",
    b"\"deletionTimestamp\"",
    b"\"lastTransitionTime\"",
    b"\"lastUpdateTime\"",
    b"\"lastHeartbeatTime\"",
    b"\"lastProbeTime\"",
    b"\"startTime\"",
    b"\"completionTime\"",
    b"\"startedAt\"",
    b"\"finishedAt\"",
    b"\"firstTimestamp\"",
    b"\"lastTimestamp\"",
    b"\"eventTime\"",
    b"\"lastObservedTime\"",
    b"\"lastScheduleTime\"",
    b"\"lastSuccessfulTime\"",
    b"\"lastScaleTime\"",
    b"\"renewTime\"",
    b"\"acquireTime\"",
    b"\"time\"",
    b"\"timeAdded\"",
];

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
        let times = PAST.iter().flat_map(|field| times_of(found.json, field));
        self.newest = times.chain(self.newest).max();
        self.sink.object(found);
    }
}

/// The times that stand behind a field's name.
fn times_of<'a>(json: &'a [u8], field: &'a [u8]) -> impl Iterator<Item = Timestamp> + 'a {
    memmem::find_iter(json, field).filter_map(move |at| time_at(&json[at + field.len()..]))
}

fn time_at(rest: &[u8]) -> Option<Timestamp> {
    let start = rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b':')?;
    let text = rest[start..].strip_prefix(b"\"")?;
    let end = text.iter().take(40).position(|byte| *byte == b'"')?;
    std::str::from_utf8(&text[..end]).ok()?.parse().ok()
}
