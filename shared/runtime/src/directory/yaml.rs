//! YAML files: one document or several; each is read for itself, so that a broken one does not hide the others.

use super::ObjectSink;
use super::hand_over::hand_over;
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Options};
use std::fs::File;
use std::io::{self, Read};

/// Reads a YAML file; what is wrong with it comes back in words, with line and column.
pub(super) fn read(mut file: &File, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(vec![format!("{place}: {}", foreign(&bytes))]);
    };
    let faults = documents(text).filter_map(|document| document.read(place, sink).err());
    Ok(faults.map(|why| format!("{place}: {why}")).collect())
}

/// The documents of a text; what is wrong with one is said without the text that stands there.
pub(crate) fn values(text: &str) -> Result<Vec<Value>, String> {
    let mut all = Vec::new();
    for document in documents(text) {
        let parsed: Result<Vec<Value>, _> = serde_saphyr::from_multiple_with_options(document.text, options());
        all.extend(parsed.map_err(|error| document.where_it_broke(&error))?.into_iter().filter(Value::is_object));
    }
    Ok(all)
}

/// Text between two marks of a document's beginning, and the lines above it.
struct Document<'a> {
    lines_above: usize,
    text: &'a str,
}

impl Document<'_> {
    fn read(&self, place: &str, sink: &mut dyn ObjectSink) -> Result<(), String> {
        let parsed: Result<Vec<Value>, _> = serde_saphyr::from_multiple_with_options(self.text, options());
        let documents = parsed.map_err(|error| self.where_it_broke(&error))?;
        for document in documents.iter().filter(|document| document.is_object()) {
            let json = serde_json::to_vec(document).map_err(|_| "cannot be written as JSON".to_owned())?;
            hand_over(&json, place, sink).map_err(|_| self.at(1, 1, "is no Kubernetes object"))?;
        }
        Ok(())
    }

    /// The place of an error, without the text that stands there.
    fn where_it_broke(&self, error: &serde_saphyr::Error) -> String {
        match error.location() {
            Some(place) => self.at(place.line() as usize, place.column() as usize, "is no YAML"),
            None => self.at(1, 1, "is no YAML"),
        }
    }

    fn at(&self, line: usize, column: usize, what: &str) -> String {
        format!("line {}, column {column}: {what}", self.lines_above + line)
    }
}

/// Cuts at `---`, which at the beginning of a line is never content (YAML 1.2, 9.1.2).
fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut rest = Some(Document { lines_above: 0, text });
    std::iter::from_fn(move || {
        let Document { lines_above, text } = rest.take()?;
        let Some(end) = next_mark(text) else { return Some(Document { lines_above, text }) };
        let lines = text[..end].bytes().filter(|byte| *byte == b'\n').count();
        rest = Some(Document { lines_above: lines_above + lines, text: &text[end..] });
        Some(Document { lines_above, text: &text[..end] })
    })
}

/// Where the next document begins; the mark at the very beginning is that of this one.
fn next_mark(text: &str) -> Option<usize> {
    let marks = memchr::memmem::find_iter(text.as_bytes(), "\n---").map(|at| at + 1);
    let mut marks = marks.filter(|at| text[at + 3..].is_empty() || text[at + 3..].starts_with([' ', '\t', '\r', '\n']));
    marks.next()
}

/// Roomier than the library's defaults, which are for configuration: a whole cluster may stand in one file. What
/// aliases can multiply stays bounded. Of repeated keys the last counts, and `0644` is a file mode, as for kubectl.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 1_000_000,
            max_nodes: 200_000_000,
            max_events: 400_000_000,
            max_total_scalar_bytes: 4 << 30,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        legacy_octal_numbers: true,
        with_snippet: false,
    }
}

/// What a file is that is no text.
fn foreign(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; write it again as UTF-8",
        [0x1f, 0x8b, ..] => "it is packed with gzip; unpack it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "it is packed with zstd; an archive is read by its path",
        _ => "neither JSON nor YAML: it is no text",
    }
}
