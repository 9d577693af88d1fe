//! One event of a watch: what happened, and to which object.

use crate::cluster::stream::{Encoding, Malformed};
use bytes::Bytes;
use prost::Message;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a server that gave up on a watch calls the version that it does not know any more.
const GONE: i32 = 410;

/// What stands before every Kubernetes object in protobuf.
const MAGIC: &[u8] = b"k8s\0";

/// What happened.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The object is new or another now.
    Put(Told),
    /// The object is gone, or is none any more that was asked for.
    Gone(Told),
    /// Nothing happened up to this version.
    Bookmark(String),
    /// The server does not know any more what happened after the version that was asked for.
    Expired,
    /// The server ends the watch for another reason.
    Ended {
        /// In its words.
        why: String,
    },
}

/// An object, and the version that the watch has come to with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) object: Bytes,
    pub(super) version: String,
}

impl Event {
    /// Reads an event. Fails, in words that hold none of its content, when it is none.
    pub(super) fn read(encoding: Encoding, frame: &[u8]) -> Result<Self, Malformed> {
        let (word, object) = match encoding {
            Encoding::Json => from_json(frame)?,
            Encoding::Protobuf => from_protobuf(frame)?,
        };
        let told = |object: Bytes| Ok(Told { version: version(encoding, &object)?, object });
        match word.as_str() {
            "ADDED" | "MODIFIED" => told(object).map(Self::Put),
            "DELETED" => told(object).map(Self::Gone),
            "BOOKMARK" => version(encoding, &object).map(Self::Bookmark),
            "ERROR" => Ok(ended(encoding, &object)),
            _ => Err(Malformed("an event of an unknown type")),
        }
    }
}

#[derive(Deserialize)]
struct JsonEvent<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

fn from_json(frame: &[u8]) -> Result<(String, Bytes), Malformed> {
    let event: JsonEvent<'_> = serde_json::from_slice(frame).map_err(|_| Malformed("an undecodable event"))?;
    Ok((event.r#type.into_owned(), Bytes::copy_from_slice(event.object.get().as_bytes())))
}

/// `metav1.WatchEvent`.
#[derive(Clone, PartialEq, Message)]
struct ProtobufEvent {
    #[prost(string, tag = "1")]
    r#type: String,
    #[prost(message, required, tag = "2")]
    object: Extension,
}

/// `runtime.RawExtension`, which holds an object with its envelope.
#[derive(Clone, PartialEq, Message)]
struct Extension {
    #[prost(bytes = "bytes", tag = "1")]
    raw: Bytes,
}

/// The envelope of every object, `runtime.Unknown`.
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(bytes = "bytes", tag = "2")]
    raw: Bytes,
}

fn from_protobuf(frame: &[u8]) -> Result<(String, Bytes), Malformed> {
    let undecodable = |_| Malformed("an undecodable event");
    let event = ProtobufEvent::decode(Bytes::copy_from_slice(frame)).map_err(undecodable)?;
    let raw = event.object.raw;
    if !raw.starts_with(MAGIC) {
        return Err(Malformed("an object that is no Kubernetes protobuf"));
    }
    let object = Envelope::decode(raw.slice(MAGIC.len()..)).map_err(undecodable)?.raw;
    Ok((event.r#type, object))
}

/// Every kind has its `ObjectMeta` in field 1.
#[derive(Clone, PartialEq, Message, Deserialize)]
struct Head {
    #[prost(message, required, tag = "1")]
    metadata: Metadata,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
struct Metadata {
    #[prost(string, tag = "6")]
    #[serde(rename = "resourceVersion")]
    resource_version: String,
}

fn version(encoding: Encoding, object: &[u8]) -> Result<String, Malformed> {
    let head = match encoding {
        Encoding::Json => serde_json::from_slice(object).ok(),
        Encoding::Protobuf => Head::decode(object).ok(),
    };
    let version = head.map(|Head { metadata }| metadata.resource_version).filter(|version| !version.is_empty());
    version.ok_or(Malformed("an object without a version"))
}

/// The fields of a `Status` that matter here
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>).
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
struct Status {
    #[prost(string, tag = "3")]
    message: String,
    #[prost(int32, tag = "6")]
    code: i32,
}

fn ended(encoding: Encoding, object: &[u8]) -> Event {
    let status = match encoding {
        Encoding::Json => serde_json::from_slice(object).ok(),
        Encoding::Protobuf => Status::decode(object).ok(),
    };
    match status {
        Some(Status { code: GONE, .. }) => Event::Expired,
        Some(Status { message, .. }) => Event::Ended { why: message },
        None => Event::Ended { why: "an error without a reason".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::stream::samples::field;
    use super::*;

    /// Both forms of an event about an object of this version.
    fn both(word: &str, version: &str) -> [Result<Event, Malformed>; 2] {
        let json = format!(
            r#"{{"type":"{word}","object":{{"kind":"Pod","metadata":{{"name":"a","resourceVersion":"{version}"}}}}}}"#
        );
        let object = field(1, &[field(1, b"a"), field(6, version.as_bytes())].concat());
        let protobuf = enveloped(word, &object);
        [Event::read(Encoding::Json, json.as_bytes()), Event::read(Encoding::Protobuf, &protobuf)]
    }

    fn enveloped(word: &str, object: &[u8]) -> Vec<u8> {
        let raw = [b"k8s\0".as_slice(), &field(1, &field(1, b"v1")), &field(2, object)].concat();
        [field(1, word.as_bytes()), field(2, &field(1, &raw))].concat()
    }

    /// Both forms of an error with a status, which a variable-length integer holds in two bytes.
    fn refused(code: u16) -> [Result<Event, Malformed>; 2] {
        let json = format!(r#"{{"type":"ERROR","object":{{"kind":"Status","message":"too old","code":{code}}}}}"#);
        let integer = [(code & 0x7f) as u8 | 0x80, (code >> 7) as u8];
        let protobuf = [field(3, b"too old"), vec![6 << 3], integer.to_vec()].concat();
        [Event::read(Encoding::Json, json.as_bytes()), Event::read(Encoding::Protobuf, &enveloped("ERROR", &protobuf))]
    }

    #[test]
    fn events_are_read_from_both_encodings() {
        for event in both("ADDED", "17").into_iter().chain(both("MODIFIED", "17")) {
            assert!(matches!(event, Ok(Event::Put(Told { version, .. })) if version == "17"));
        }
        for event in both("DELETED", "18") {
            assert!(matches!(event, Ok(Event::Gone(Told { version, .. })) if version == "18"));
        }
        for event in both("BOOKMARK", "19") {
            assert_eq!(event, Ok(Event::Bookmark("19".to_owned())));
        }
    }

    #[test]
    fn the_object_comes_without_its_envelope() {
        let [json, protobuf] = both("ADDED", "7").map(|event| match event {
            Ok(Event::Put(told)) => told.object,
            other => panic!("{other:?}"),
        });
        assert!(json.starts_with(b"{\"kind\":\"Pod\"") && json.ends_with(b"}}"));
        assert_eq!(protobuf, field(1, &[field(1, b"a"), field(6, b"7")].concat()));
    }

    #[test]
    fn a_version_that_is_too_old_is_told_from_other_errors() {
        for event in refused(410) {
            assert_eq!(event, Ok(Event::Expired));
        }
        for event in refused(500) {
            assert_eq!(event, Ok(Event::Ended { why: "too old".to_owned() }));
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for frame in ["", "{}", "7", r#"{"type":"ADDED","object":{}}"#, r#"{"type":"PRESUMED","object":{}}"#] {
            assert!(Event::read(Encoding::Json, frame.as_bytes()).is_err(), "{frame}");
        }
        let without_magic = [field(1, b"ADDED"), field(2, &field(1, b"object"))].concat();
        for frame in [&b""[..], b"\xff", &without_magic] {
            assert!(Event::read(Encoding::Protobuf, frame).is_err(), "{frame:?}");
        }
    }
}
