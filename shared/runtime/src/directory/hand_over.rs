//! One JSON document: an object, or a list of them to any depth.

use super::head::Head;
use super::{FoundObject, ObjectSink};
use serde_json::value::RawValue;

/// Lists in lists end somewhere; no tool nests them deeper than two.
const DEEPEST: usize = 64;

/// Hands over a document's object, or its items.
///
/// # Errors
/// Says where the text is no JSON; the words hold none of its content.
pub fn hand_over(json: &[u8], place: &str, sink: &mut dyn ObjectSink) -> Result<(), String> {
    let mut hand = Hand { place, sink };
    hand.over(json, &Inherited::default(), 0).map_err(|fault| fault.to_string())
}

/// Why a document or an item cannot be taken, without the text that stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) what: &'static str,
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends too early",
            serde_json::error::Category::Data => "is no Kubernetes object",
            _ => "is no JSON",
        };
        Self { line: error.line(), column: error.column(), what }
    }
}

/// What a list says for its items, which often say nothing themselves (`PodList`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inherited {
    api_version: String,
    kind: String,
}

impl Inherited {
    /// From the head of a list; a plain `List` says nothing.
    pub(super) fn from_list(api_version: &str, kind: &str) -> Self {
        match kind.strip_suffix("List") {
            Some(kind) if !kind.is_empty() => Self { api_version: api_version.to_owned(), kind: kind.to_owned() },
            _ => Self::default(),
        }
    }
}

/// Tells a list from an object that happens to have a field `items`.
pub(super) fn is_list(kind: &str) -> bool {
    kind.is_empty() || kind.ends_with("List")
}

/// Hands over what it finds at one place.
pub(super) struct Hand<'a> {
    pub(super) place: &'a str,
    pub(super) sink: &'a mut dyn ObjectSink,
}

impl Hand<'_> {
    /// Hands over an object, or what a list or an array holds; anything else is no Kubernetes object and passed over.
    pub(super) fn over(&mut self, json: &[u8], inherited: &Inherited, depth: usize) -> Result<(), Fault> {
        match serde_json::from_slice(json)? {
            Head::Array(items) => self.all(items, inherited, depth),
            Head::Object { api_version, kind, items: Some(items) } if is_list(kind.as_deref().unwrap_or_default()) => {
                let list = Inherited::from_list(&api_version.unwrap_or_default(), &kind.unwrap_or_default());
                let items: Option<Vec<&RawValue>> = serde_json::from_str(items.get())?;
                self.all(items.unwrap_or_default(), &list, depth)
            }
            Head::Object { api_version, kind, .. } => {
                let api_version = api_version.as_deref().unwrap_or(&inherited.api_version);
                let kind = kind.as_deref().unwrap_or(&inherited.kind);
                self.one(api_version, kind, json);
                Ok(())
            }
            Head::Other => Ok(()),
        }
    }

    fn all(&mut self, items: Vec<&RawValue>, inherited: &Inherited, depth: usize) -> Result<(), Fault> {
        if depth == DEEPEST {
            return Err(Fault { line: 1, column: 1, what: "lists in lists without end" });
        }
        items.into_iter().try_for_each(|item| self.over(item.get().as_bytes(), inherited, depth + 1))
    }

    fn one(&mut self, api_version: &str, kind: &str, json: &[u8]) {
        if !kind.is_empty() {
            self.sink.object(FoundObject { api_version, kind, json, place: self.place });
        }
    }
}
