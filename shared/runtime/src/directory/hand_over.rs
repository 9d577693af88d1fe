//! One JSON document: an object, or a list of them to any depth.

use super::{FoundObject, ObjectSink};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Lists in lists end somewhere.
const DEEPEST: usize = 16;

/// What tells an object from a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default, borrow)]
    items: Option<&'a RawValue>,
}

/// Hands over a document's object, or its items.
///
/// # Errors
/// Says where the text is no JSON; the words hold none of its content.
pub fn hand_over(json: &[u8], place: &str, sink: &mut dyn ObjectSink) -> Result<(), String> {
    item(json, &Inherited::default(), place, 0, sink)
}

/// What a list says for its items, which often say nothing themselves (`PodList`).
#[derive(Clone, Debug, Default)]
pub(super) struct Inherited {
    pub(super) api_version: String,
    pub(super) kind: String,
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

/// Hands over one item of a list.
pub(super) fn item(
    json: &[u8],
    inherited: &Inherited,
    place: &str,
    depth: usize,
    sink: &mut dyn ObjectSink,
) -> Result<(), String> {
    let head: Head<'_> = serde_json::from_slice(json).map_err(|error| where_it_broke(&error))?;
    let kind = head.kind.unwrap_or_else(|| inherited.kind.clone());
    let api_version = head.api_version.unwrap_or_else(|| inherited.api_version.clone());
    match head.items {
        Some(items) if kind.ends_with("List") && depth < DEEPEST => {
            let list = Inherited::from_list(&api_version, &kind);
            let items: Option<Vec<&RawValue>> =
                serde_json::from_str(items.get()).map_err(|error| where_it_broke(&error))?;
            items
                .unwrap_or_default()
                .into_iter()
                .try_for_each(|one| item(one.get().as_bytes(), &list, place, depth + 1, sink))
        }
        _ => {
            sink.object(FoundObject { api_version: &api_version, kind: &kind, json, place });
            Ok(())
        }
    }
}

/// The place and the kind of an error, without the text that stands there.
pub(super) fn where_it_broke(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Data => "is no Kubernetes object",
        _ => "is no JSON",
    };
    format!("line {}, column {}: {what}", error.line(), error.column())
}
