//! Events: what components reported about objects.

use super::{
    Kind, Object,
    metadata::ObjectMeta,
    reference::ObjectReference,
    time::{MicroTime, Time},
};
use jiff::Timestamp;
use serde::Deserialize;

/// An event of the core group.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub involved_object: ObjectReference,
    #[prost(string, tag = "3")]
    pub reason: String,
    #[prost(string, tag = "4")]
    pub message: String,
    #[prost(message, required, tag = "5")]
    pub source: EventSource,
    #[prost(message, required, tag = "6")]
    pub first_timestamp: Time,
    #[prost(message, required, tag = "7")]
    pub last_timestamp: Time,
    #[prost(int32, tag = "8")]
    pub count: i32,
    #[prost(string, tag = "9")]
    pub type_: String,
    #[prost(message, required, tag = "10")]
    pub event_time: MicroTime,
    #[prost(message, optional, tag = "11")]
    pub series: Option<EventSeries>,
    #[prost(string, tag = "14")]
    pub reporting_component: String,
}

impl Object for Event {
    const KIND: Kind = Kind::Event;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    /// Nobody asks for one version of an event, and there are more events than anything else.
    fn trim(&mut self) {
        self.metadata.edits = Vec::new();
        self.metadata.trim();
        self.metadata.uid = String::new();
        self.metadata.resource_version = String::new();
    }
}

/// Who reported, in the older form.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventSource {
    #[prost(string, tag = "1")]
    pub component: String,
    #[prost(string, tag = "2")]
    pub host: String,
}

/// How often and until when, in the newer form.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventSeries {
    #[prost(int32, tag = "1")]
    pub count: i32,
    #[prost(message, required, tag = "2")]
    pub last_observed_time: MicroTime,
}

/// That a Deployment gave a ReplicaSet more pods, or fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled<'a> {
    /// The name of the ReplicaSet.
    pub set: &'a str,
    /// Whether there are more.
    pub is_up: bool,
}

impl Event {
    /// What a Deployment tells of one of its ReplicaSets: `Scaled up replica set web-7d4b9c from 1 to 2`, without the number of
    /// before in older versions.
    pub fn scaled(&self) -> Option<Scaled<'_>> {
        let told = (self.reason == "ScalingReplicaSet").then_some(self.message.as_str())?;
        let (is_up, rest) = match told.split_once("Scaled up replica set ") {
            Some((_, rest)) => (true, rest),
            None => (false, told.split_once("Scaled down replica set ")?.1),
        };
        Some(Scaled { set: rest.split(' ').next()?, is_up })
    }

    /// When what it says was seen first, and last: the same words of another time are the same Event. One that stands for many
    /// has the words of the last of them
    /// (<https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/client-go/tools/record/events_cache.go>).
    pub fn seen(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let is_of_many = self.message.starts_with("(combined from similar events)");
        let first = if is_of_many { None } else { self.first_seen() };
        [first, self.last_seen()].into_iter().flatten()
    }

    /// When it was seen last, by whichever of its times says so.
    pub fn last_seen(&self) -> Option<Timestamp> {
        let in_series = self.series.as_ref().and_then(|series| series.last_observed_time.at());
        let once = || self.last_timestamp.at().max(self.event_time.at());
        let first = || self.first_timestamp.at().or_else(|| self.metadata.creation_timestamp.at());
        in_series.max(once()).or_else(first)
    }

    /// When it was seen first.
    pub fn first_seen(&self) -> Option<Timestamp> {
        let first = self.first_timestamp.at().or_else(|| self.event_time.at());
        first.or_else(|| self.metadata.creation_timestamp.at())
    }

    /// How often it was seen, at least once.
    pub fn occurrences(&self) -> i32 {
        let in_series = self.series.as_ref().map_or(0, |series| series.count);
        in_series.max(self.count).max(1)
    }

    /// The component that reported it, in whichever form.
    pub fn reporter(&self) -> &str {
        if self.reporting_component.is_empty() { &self.source.component } else { &self.reporting_component }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Event {
        serde_json::from_str(text).unwrap()
    }

    fn last(text: &str) -> String {
        read(text).last_seen().unwrap().to_string()
    }

    #[test]
    fn both_forms_of_events_say_when_they_were_seen() {
        let old = r#"{"firstTimestamp":"2026-03-01T10:00:00Z","lastTimestamp":"2026-03-01T10:05:00Z","count":7}"#;
        assert_eq!(last(old), "2026-03-01T10:05:00Z");
        let new = r#"{"eventTime":"2026-03-01T10:00:00.000001Z",
            "series":{"count":3,"lastObservedTime":"2026-03-01T11:00:00.000000Z"}}"#;
        assert_eq!(last(new), "2026-03-01T11:00:00Z");
        assert_eq!((read(old).occurrences(), read(new).occurrences()), (7, 3));
    }

    #[test]
    fn what_a_deployment_scaled_is_read() {
        let scaled = |reason: &str, message: &str| {
            let event = Event { reason: reason.into(), message: message.into(), ..Event::default() };
            event.scaled().map(|it| (it.set.to_owned(), it.is_up))
        };
        let of = |message| scaled("ScalingReplicaSet", message);
        assert_eq!(of("Scaled up replica set web-7f9 to 1"), Some(("web-7f9".into(), true)));
        assert_eq!(of("Scaled up replica set web-7f9 from 0 to 1"), Some(("web-7f9".into(), true)));
        assert_eq!(of("Scaled down replica set web-7f9 to 0"), Some(("web-7f9".into(), false)));
        assert_eq!(of("Deleted replica set web-7f9"), None);
        assert_eq!(scaled("Other", "Scaled up replica set web-7f9 to 1"), None);
        let of_many = "(combined from similar events): Scaled down replica set web-7f9 from 2 to 1";
        assert_eq!(of(of_many), Some(("web-7f9".into(), false)));
    }

    #[test]
    fn the_first_time_of_many_events_is_none_of_the_words_of_the_last() {
        let times = |message: &str| {
            let times = r#""firstTimestamp":"2026-03-01T10:00:00Z","lastTimestamp":"2026-03-01T10:05:00Z""#;
            let event = read(&format!("{{\"message\":\"{message}\",{times}}}"));
            event.seen().map(|at| at.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(times("a"), ["2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z"]);
        assert_eq!(times("(combined from similar events): a"), ["2026-03-01T10:05:00Z"]);
    }

    #[test]
    fn an_event_without_times_falls_back_to_its_creation() {
        assert_eq!(last(r#"{"metadata":{"creationTimestamp":"2026-03-01T10:00:00Z"}}"#), "2026-03-01T10:00:00Z");
        assert_eq!(Event::default().last_seen(), None);
        assert_eq!(Event::default().occurrences(), 1);
    }
}
