//! The JSON values that a file holds one behind the other, found without holding any of them.

use super::hand_over::{Fault, Inherited, is_list};
use crate::cluster::stream::{JsonListSplitter, JsonValue};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

const BLOCK: usize = 1 << 16;

/// One of the values.
pub(super) struct Document {
    start: Position,
    end: u64,
    /// What it says for its items, if it is a list.
    pub(super) list: Option<Inherited>,
    /// Whether the list could be followed to its end.
    pub(super) is_whole: bool,
}

/// A place in a file; lines and columns count from 0.
#[derive(Clone, Copy, Default)]
struct Position {
    offset: u64,
    line: usize,
    column: usize,
}

/// Finds the values of a file.
pub(super) struct Documents<'a> {
    reader: BufReader<&'a File>,
    position: Position,
}

impl Document {
    /// Its bytes.
    pub(super) fn len(&self) -> u64 {
        self.end - self.start.offset
    }

    /// Reads it from its beginning to its end.
    pub(super) fn reader<'a>(&self, mut file: &'a File) -> io::Result<BufReader<io::Take<&'a File>>> {
        file.seek(SeekFrom::Start(self.start.offset))?;
        Ok(BufReader::with_capacity(BLOCK, io::Read::take(file, self.len())))
    }

    /// Where something in it stands in the file.
    pub(super) fn placed(&self, fault: Fault) -> Fault {
        let indent = if fault.line <= 1 { self.start.column } else { 0 };
        Fault { line: self.start.line + fault.line.max(1), column: indent + fault.column, ..fault }
    }
}

impl<'a> Documents<'a> {
    pub(super) fn of(file: &'a File) -> Self {
        Self { reader: BufReader::with_capacity(BLOCK, file), position: Position::default() }
    }

    /// The next value; what is cut short ends with the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Document>> {
        if !self.skip_what_is_between()? {
            return Ok(None);
        }
        let start = self.position;
        let mut splitter = JsonListSplitter::default();
        let mut is_whole = true;
        let mut value = JsonValue::default();
        loop {
            let block = self.reader.fill_buf()?;
            let end = value.end(block);
            let piece = &block[..end.unwrap_or(block.len())];
            let is_last = end.is_some() || block.is_empty();
            is_whole = is_whole && splitter.push(piece, &mut |_| {}).is_ok();
            self.position.pass(piece);
            let length = piece.len();
            self.reader.consume(length);
            if is_last {
                break;
            }
        }
        let list = list(&splitter);
        Ok(Some(Document { start, end: self.position.offset, list, is_whole: is_whole && splitter.finish().is_ok() }))
    }

    /// Goes on after somebody else moved in the file.
    pub(super) fn resume(&mut self) -> io::Result<()> {
        self.reader.seek(SeekFrom::Start(self.position.offset)).map(|_| ())
    }

    /// White space, and a byte order mark at the beginning; whether anything follows.
    fn skip_what_is_between(&mut self) -> io::Result<bool> {
        loop {
            let block = self.reader.fill_buf()?;
            let between = |(at, byte): (usize, &u8)| byte.is_ascii_whitespace() || self.position.in_mark(at, *byte);
            let length = block.iter().enumerate().take_while(|each| between(*each)).count();
            let (is_over, is_found) = (block.is_empty(), length < block.len());
            self.position.pass(&block[..length]);
            self.reader.consume(length);
            if is_over || is_found {
                return Ok(is_found);
            }
        }
    }
}

impl Position {
    fn pass(&mut self, bytes: &[u8]) {
        self.offset += bytes.len() as u64;
        self.line += memchr::memchr_iter(b'\n', bytes).count();
        self.column = match memchr::memrchr(b'\n', bytes) {
            Some(at) => bytes.len() - at - 1,
            None => self.column + bytes.len(),
        };
    }

    fn in_mark(&self, ahead: usize, byte: u8) -> bool {
        self.offset == 0 && b"\xef\xbb\xbf".get(ahead) == Some(&byte)
    }
}

/// What a list says of itself as far as it goes; its kind may stand behind the items.
fn list(splitter: &JsonListSplitter) -> Option<Inherited> {
    let envelope = splitter.envelope();
    let is_list = envelope.has_items && is_list(&envelope.kind);
    is_list.then(|| Inherited::from_list(&envelope.api_version, &envelope.kind))
}
