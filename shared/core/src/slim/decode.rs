//! From the bytes of one object to its slim struct, in either encoding.

mod position;

use super::{Lenient, Object};
use position::path_at;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why bytes are no object of the kind; names places and types, never what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The protobuf message is malformed; the detail is made of names of messages, fields and wire types.
    #[error("malformed protobuf: {detail}")]
    Protobuf {
        /// Where and what, as the decoder says it.
        detail: String,
    },
    /// The JSON text is malformed or ends too early.
    #[error("malformed JSON at line {line}, column {column}")]
    Syntax {
        /// Counted from one.
        line: usize,
        /// Counted from one, in bytes.
        column: usize,
    },
    /// A field has another type than the API gives it.
    #[error("{path}: {problem}")]
    Type {
        /// For example `spec.containers[0].ports`.
        path: String,
        /// For example `expected i32, found string`.
        problem: String,
    },
}

/// Decodes the protobuf message of one object.
pub fn from_protobuf<T: Object + prost::Message + Default>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut object = T::decode(bytes).map_err(|error| DecodeError::Protobuf { detail: detail(&error) })?;
    object.trim();
    Ok(object)
}

/// Decodes the JSON text of one object; of a key that occurs twice the last one counts, as it does in Go.
pub fn from_json<T: Object + DeserializeOwned>(text: &[u8]) -> Result<T, DecodeError> {
    let read = serde_json::from_slice::<Lenient<T>>(text).or_else(|error| {
        let is_repeated = error.to_string().starts_with("duplicate field");
        if is_repeated { last_of_each_key(text) } else { Err(error) }
    });
    let Lenient(mut object) = read.map_err(|error| from_serde_json(text, &error))?;
    object.trim();
    Ok(object)
}

/// Takes the detour over a tree, which keeps the last of each key; rare enough that its cost does not matter.
fn last_of_each_key<T: DeserializeOwned>(text: &[u8]) -> Result<Lenient<T>, serde_json::Error> {
    let tree: serde_json::Value = serde_json::from_slice(text)?;
    Lenient::deserialize(tree)
}

fn detail(error: &prost::DecodeError) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to decode Protobuf message: ").unwrap_or(&text).to_owned()
}

fn from_serde_json(text: &[u8], error: &serde_json::Error) -> DecodeError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            DecodeError::Type { path: path_at(text, line, column), problem: problem(&error.to_string()) }
        }
        _ => DecodeError::Syntax { line, column },
    }
}

/// Keeps the type words of a message such as `invalid type: string "secret", expected i32 at line 1 column 9`.
fn problem(message: &str) -> String {
    let found = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let expected = message.rsplit_once(", expected ").map(|(_, rest)| rest.split(" at line ").next().unwrap_or(rest));
    match (found.and_then(|rest| rest.split([' ', ',']).next()), expected) {
        (Some(found), Some(expected)) => format!("expected {expected}, found {found}"),
        _ => "the value does not fit the field".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{ConfigMap, Pod};

    fn error(text: &str) -> String {
        from_json::<Pod>(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place_and_without_its_content() {
        let text = r#"{"metadata":{"name":"web"},"spec":{"containers":[{"name":"a"},{"ports":"hunter2"}]}}"#;
        assert_eq!(error(text), "spec.containers[1].ports: expected a sequence, found string");
        let text = r#"{"spec":{"priority":"hunter2, expected nothing"}}"#;
        assert_eq!(error(text), "spec.priority: expected i32, found string");
        let text = r#"{"metadata":{"creationTimestamp":"hunter2"}}"#;
        assert_eq!(error(text), "metadata.creationTimestamp: expected a time as RFC 3339 has it, found string");
        let text = r#"{"metadata":{"labels":{"app":{"a":1}}}}"#;
        assert_eq!(error(text), "metadata.labels.app: expected a string, found map");
        let text = r#"{"spec":{"priority":4294967296}}"#;
        assert_eq!(error(text), "spec.priority: expected i32, found integer");
    }

    #[test]
    fn broken_text_is_named_by_line_and_column() {
        assert_eq!(error("{\n\"spec\":{"), "malformed JSON at line 2, column 8");
        assert!(matches!(from_json::<Pod>(b"").unwrap_err(), DecodeError::Syntax { .. }));
    }

    #[test]
    fn broken_protobuf_is_named_by_field() {
        let error = from_protobuf::<Pod>(b"\x0a\x04\x0a\x05ab").unwrap_err().to_string();
        assert_eq!(error, "malformed protobuf: ObjectMeta.name: Pod.metadata: buffer underflow");
        let truncated = from_protobuf::<Pod>(b"\x0a\x40\x0a\x05hunter2").unwrap_err().to_string();
        assert!(!truncated.contains("hunter2"), "{truncated}");
    }

    #[test]
    fn null_reads_as_empty_at_any_depth() {
        let text = r#"{"metadata":{"name":null,"labels":null,"creationTimestamp":null,"ownerReferences":null},
            "spec":{"containers":[{"name":"a","env":null,"resources":{"limits":null},"livenessProbe":null}, null],
            "hostNetwork":null,"priority":null,"volumes":[{"name":"v","secret":{"items":null}}],
            "nodeSelector":{"zone":null}},"status":null}"#;
        let pod: Pod = from_json(text.as_bytes()).unwrap();
        assert_eq!(pod.metadata.labels, []);
        assert_eq!(pod.metadata.creation_timestamp.at(), None);
        assert_eq!(pod.spec.containers.len(), 2);
        assert_eq!(pod.spec.containers[0].liveness_probe, None);
        assert_eq!(pod.spec.volumes[0].source.secret.as_ref().unwrap().items, []);
        assert_eq!(pod.spec.node_selector[0].value, "");
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        let text = br#"{"metadata":{"name":"a","labels":{"app":"x","tier":"web","app":"y"},"name":"b"}}"#;
        let pod: Pod = from_json(text).unwrap();
        assert_eq!((pod.metadata.name.as_str(), pod.metadata.label("app")), ("b", Some("y")));
        assert_eq!(pod.metadata.labels.len(), 2);
        let twice_and_wrong = r#"{"metadata":{"name":"a","name":"b"},"spec":{"priority":"hunter2"}}"#;
        assert_eq!(error(twice_and_wrong), "the object itself: expected i32, found string");
    }

    #[test]
    fn values_of_config_maps_are_not_kept() {
        let text = br#"{"metadata":{"name":"c"},"data":{"z":"hunter2","a":"x"},"binaryData":{"b":"aGk="}}"#;
        let map: ConfigMap = from_json(text).unwrap();
        let keys: Vec<&str> = map.keys().collect();
        assert_eq!(keys, ["a", "z", "b"]);
        assert!(!format!("{map:?}").contains("hunter2"));
    }
}
