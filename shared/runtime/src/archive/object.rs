//! An object as an archive keeps it.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use sre_core::logs::Redactor;
use sre_core::redaction::redact_object;
use sre_core::slim::Kind;
use std::collections::BTreeMap;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// An object for people and for any Kubernetes tool: with `apiVersion` and `kind`, with no more of its managed fields
/// than who wrote when, every other value byte for byte as it came. Servers leave `apiVersion` out of what they list, but not of what somebody installed,
/// which may be served in one of several versions.
pub(super) fn plain_form(kind: Kind, json: &[u8]) -> serde_json::Result<Vec<u8>> {
    let named = if kind == Kind::HelmRelease { Kind::Secret } else { kind };
    let versions: Vec<_> = named.info().api_versions().map(to_raw_value).collect::<serde_json::Result<_>>()?;
    let name = to_raw_value(named.info().name)?;
    let release = to_raw_value(crate::sealed::HELM_RELEASE)?;
    let mut fields: Fields<'_> = serde_json::from_slice(json)?;
    let metadata = fields.get("metadata").map(|metadata| with_times_only(kind, metadata)).transpose()?;
    fields.extend(metadata.as_deref().map(|metadata| ("metadata".to_owned(), metadata)));
    let told = fields.get("apiVersion").and_then(|told| versions.iter().find(|known| known.get() == told.get()));
    fields.extend(told.or(versions.first()).map(|version| ("apiVersion".to_owned(), &**version)));
    fields.insert("kind".to_owned(), &name);
    if kind == Kind::HelmRelease {
        fields.insert("type".to_owned(), &release);
    }
    serde_json::to_vec(&fields)
}

/// The same without the secrets in it; an object that has none stays byte for byte. Of one that is nested deeper than
/// anything reads, a note stands for what is deepest.
pub(super) fn redacted(text: Vec<u8>, redactor: &mut Redactor) -> serde_json::Result<Vec<u8>> {
    let text = if is_too_deep(&text) { without_depths(&text) } else { text };
    let mut object = serde_json::from_slice(&text)?;
    if redact_object(&mut object, redactor) { serde_json::to_vec(&object) } else { Ok(text) }
}

/// Readers of JSON stop at 128 levels.
const DEEPEST: usize = 100;

/// What stands for what is nested deeper.
const LEFT_OUT: &[u8] = b"\"(left out: nested deeper than 100 levels)\"";

fn is_too_deep(json: &[u8]) -> bool {
    pieces(json).any(|(_, piece)| matches!(piece, Piece::Cut))
}

/// JSON with a note in place of every list and object that is nested too deep.
fn without_depths(json: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(json.len());
    for (byte, piece) in pieces(json) {
        match piece {
            Piece::Kept => kept.push(byte),
            Piece::Cut => kept.extend(LEFT_OUT),
            Piece::LeftOut => {}
        }
    }
    kept
}

/// What becomes of a byte.
enum Piece {
    /// It stays.
    Kept,
    /// Here begins what is nested too deep.
    Cut,
    /// It is part of that.
    LeftOut,
}

fn pieces(json: &[u8]) -> impl Iterator<Item = (u8, Piece)> {
    let (mut level, mut in_text, mut after_escape) = (0_usize, false, false);
    json.iter().map(move |&byte| {
        let above = level;
        match byte {
            _ if after_escape => after_escape = false,
            b'\\' if in_text => after_escape = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => level += 1,
            b'}' | b']' if !in_text => level = level.saturating_sub(1),
            _ => {}
        }
        let piece = match (above.max(level) > DEEPEST, above == DEEPEST && level > DEEPEST) {
            (_, true) => Piece::Cut,
            (true, _) => Piece::LeftOut,
            _ => Piece::Kept,
        };
        (byte, piece)
    })
}

/// Who wrote an object, and when: what a triage needs to tell what was changed before.
#[derive(Serialize, Deserialize)]
struct Write {
    #[serde(default)]
    manager: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    operation: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    subresource: String,
    time: String,
}

/// Which fields were written fills half of an object, and nothing that reads an archive asks for it.
fn with_times_only(kind: Kind, metadata: &RawValue) -> serde_json::Result<Box<RawValue>> {
    let Ok(mut fields) = serde_json::from_str::<Fields<'_>>(metadata.get()) else { return Ok(metadata.to_owned()) };
    let written = fields.remove("managedFields").filter(|_| !is_of_machines(kind));
    let written = written.and_then(|entries| serde_json::from_str::<Vec<&RawValue>>(entries.get()).ok());
    let writes = written.into_iter().flatten().filter_map(|entry| serde_json::from_str::<Write>(entry.get()).ok());
    let writes: Vec<Write> = writes.filter(|write| write.subresource != "status").collect();
    let kept = (!writes.is_empty()).then(|| to_raw_value(&writes)).transpose()?;
    fields.extend(kept.as_deref().map(|kept| ("managedFields".to_owned(), kept)));
    to_raw_value(&fields)
}

/// Kinds that nobody writes by hand, and of which there are most.
fn is_of_machines(kind: Kind) -> bool {
    use Kind::{ControllerRevision, EndpointSlice, Event, Lease, Pod, ReplicaSet};
    matches!(kind, Pod | Event | EndpointSlice | Lease | ReplicaSet | ControllerRevision)
}
