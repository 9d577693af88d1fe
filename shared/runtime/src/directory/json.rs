//! JSON files: one document or several; a list is taken apart while it is read, however large it is.

use super::ObjectSink;
use super::documents::{Document, Documents};
use super::hand_over::{Fault, Hand, Inherited};
use crate::cluster::stream::JsonListSplitter;
use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{self, BufRead, Read};

/// The most bytes of a document that is no list; no object is larger.
const LARGEST: u64 = 64 << 20;

/// Reads a JSON file; what is wrong with parts of it comes back in words.
pub(super) fn read(file: &File, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut hand = Hand { place, sink };
    let mut documents = Documents::of(file);
    while let Some(document) = documents.next()? {
        match &document.list {
            Some(list) => problems.extend(listed(file, &document, list, &mut hand)?),
            None => problems.extend(whole(file, &document, &mut hand)?),
        }
        documents.resume()?;
    }
    Ok(problems)
}

/// Hands over what is whole of a list, and says what breaks it.
fn listed(file: &File, document: &Document, list: &Inherited, hand: &mut Hand<'_>) -> io::Result<Vec<String>> {
    let broken = if document.is_whole { None } else { syntax_fault(file, document)? };
    if !document.is_whole && broken.is_none() {
        // It is sound JSON that only looks odd, such as one with its items twice.
        return Ok(whole(file, document, hand)?.into_iter().collect());
    }
    let mut problems = items(file, document, list, hand)?;
    let broken = if problems.is_empty() || broken.is_some() { broken } else { syntax_fault(file, document)? };
    problems.extend(broken.map(|fault| format!("{}: {fault}", hand.place)));
    Ok(problems)
}

/// Hands over one item after the other, as far as the list can be followed.
fn items(file: &File, document: &Document, list: &Inherited, hand: &mut Hand<'_>) -> io::Result<Vec<String>> {
    let place = hand.place;
    let mut problems = Vec::new();
    let mut number = 0;
    let mut each = |json: &[u8]| {
        number += 1;
        let handed = hand.over(json, list, 0);
        problems.extend(handed.err().map(|fault| format!("{place}, item {number}: {}", fault.what)));
    };
    let mut splitter = JsonListSplitter::default();
    let mut reader = document.reader(file)?;
    loop {
        let block = reader.fill_buf()?;
        let length = block.len();
        if length == 0 || splitter.push(block, &mut each).is_err() {
            return Ok(problems);
        }
        reader.consume(length);
    }
}

/// Hands over a document that is no list of its own.
fn whole(file: &File, document: &Document, hand: &mut Hand<'_>) -> io::Result<Option<String>> {
    let place = hand.place;
    if document.len() > LARGEST {
        return Ok(Some(format!("{place}: it is larger than any object, and no list")));
    }
    let mut text = Vec::new();
    document.reader(file)?.read_to_end(&mut text)?;
    let handed = hand.over(&text, &Inherited::default(), 0);
    Ok(handed.err().map(|fault| format!("{place}: {}", document.placed(fault))))
}

/// The first place where a document is no JSON; nothing of it is kept.
fn syntax_fault(file: &File, document: &Document) -> io::Result<Option<Fault>> {
    match serde_json::from_reader::<_, IgnoredAny>(document.reader(file)?) {
        Err(error) if error.is_io() => Err(error.into()),
        Err(error) => Ok(Some(document.placed(error.into()))),
        Ok(IgnoredAny) => Ok(None),
    }
}
