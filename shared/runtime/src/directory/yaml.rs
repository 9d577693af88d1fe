//! YAML files: one document or several.

use super::ObjectSink;
use super::hand_over::hand_over;
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Options};
use std::fs;
use std::io;
use std::path::Path;

/// Reads a YAML file; what is wrong with it comes back in words, with line and column.
pub(super) fn read(path: &Path, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let bytes = fs::read(path)?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(vec![format!("{place}: neither JSON nor YAML: it is no text")]);
    };
    let documents: Vec<Value> = match serde_saphyr::from_multiple_with_options(&text, options()) {
        Ok(documents) => documents,
        Err(error) => return Ok(vec![format!("{place}: {}", where_it_broke(&error))]),
    };
    let mut problems = Vec::new();
    for document in documents.iter().filter(|document| document.is_object()) {
        let json = serde_json::to_vec(document)?;
        problems.extend(hand_over(&json, place, sink).err().map(|why| format!("{place}: {why}")));
    }
    Ok(problems)
}

/// Roomier than the library's defaults, which are for configuration: a whole cluster may stand in one file. What
/// aliases can multiply stays bounded. Of repeated keys the last counts, as for kubectl.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 1_000_000,
            max_nodes: 200_000_000,
            max_events: 400_000_000,
            max_total_scalar_bytes: 4 << 30,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
    }
}

/// The place of an error, without the text that stands there.
fn where_it_broke(error: &serde_saphyr::Error) -> String {
    match error.location() {
        Some(place) => format!("line {}, column {}: is no YAML", place.line(), place.column()),
        None => "is no YAML".to_owned(),
    }
}
