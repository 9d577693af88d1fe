//! JSON files: one document or several; a list is taken apart while it is read, however large it is.

use super::ObjectSink;
use super::hand_over::{Inherited, item, where_it_broke};
use crate::cluster::stream::JsonListSplitter;
use serde_json::value::RawValue;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

const BLOCK: usize = 1 << 16;

/// Reads a JSON file; what is wrong with parts of it comes back in words.
pub(super) fn read(path: &Path, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    match list_head(path)? {
        Some(list) => items(path, &list, place, sink),
        None => documents(path, place, sink),
    }
}

/// The head of the list that a file is, if it is one whole list: items come before what stands behind them.
fn list_head(path: &Path) -> io::Result<Option<Inherited>> {
    let mut splitter = JsonListSplitter::default();
    if !push_all(path, &mut splitter, &mut |_| {})? {
        return Ok(None);
    }
    let envelope = splitter.finish().ok().filter(|envelope| envelope.has_items && envelope.kind.ends_with("List"));
    Ok(envelope.map(|envelope| Inherited::from_list(&envelope.api_version, &envelope.kind)))
}

/// Whether the whole file went through.
fn push_all(path: &Path, splitter: &mut JsonListSplitter, each: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(true);
        }
        if splitter.push(&block[..count], each).is_err() {
            return Ok(false);
        }
    }
}

fn items(path: &Path, list: &Inherited, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut number = 0;
    let mut each = |json: &[u8]| {
        number += 1;
        if let Err(why) = item(json, list, place, 0, sink) {
            problems.push(format!("{place}, item {number}: {why}"));
        }
    };
    push_all(path, &mut JsonListSplitter::default(), &mut each)?;
    Ok(problems)
}

/// One document behind the other, as several `kubectl get -o json >> file` leave them.
fn documents(path: &Path, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let text = fs::read(path)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut problems = Vec::new();
    for document in serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>() {
        let handed = match document {
            Ok(document) => item(document.get().as_bytes(), &Inherited::default(), place, 0, sink),
            Err(error) => Err(where_it_broke(&error)),
        };
        problems.extend(handed.err().map(|why| format!("{place}: {why}")));
    }
    Ok(problems)
}
