//! The entries of a packed archive.

use super::error::ArchiveError;
use super::format::{ALWAYS_ALLOWED, LARGEST_RATIO, LARGEST_WHOLE, LONGEST_PATH};
use super::gathered::{Form, Gathered, Opened};
use crate::directory::ObjectSink;
use std::io::{self, BufRead, Read};
use std::path::{Component, Path};

/// Our writer needs a window of 2 MiB (log 21); a decoder that grants more lets a small file take much memory.
const WINDOW: u32 = 23;

/// Hardly an object is larger.
const USUAL_ENTRY: usize = 1 << 16;

type Entry<'a, R> = tar::Entry<'a, io::Take<zstd::Decoder<'static, R>>>;

/// Reads packed bytes; `size` is how many there are.
pub(super) fn open<R: BufRead>(
    path: &Path,
    packed: R,
    size: u64,
    sink: &mut dyn ObjectSink,
) -> Result<Opened, ArchiveError> {
    let unreadable = |error: io::Error| ArchiveError::damaged(path, error.to_string());
    let allowed = size.saturating_mul(LARGEST_RATIO).clamp(ALWAYS_ALLOWED, LARGEST_WHOLE);
    let mut plain = zstd::Decoder::with_buffer(packed).map_err(unreadable)?;
    plain.window_log_max(WINDOW).map_err(unreadable)?;
    let mut tar = tar::Archive::new(plain.take(allowed + 1));
    let mut gathered = Gathered::new(path, Form::File);
    let mut long_name = None;
    // Raw: else the reader itself would swallow names and extensions of any size.
    for entry in tar.entries().map_err(unreadable)?.raw(true) {
        let mut entry = entry.map_err(unreadable)?;
        if entry.header().entry_type().is_gnu_longname() && long_name.is_none() {
            long_name = Some(name_of_next(path, &mut entry)?);
            continue;
        }
        let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = checked_name(path, name, &entry)?;
        gathered.admit(&name, entry.size())?;
        let bytes = body(path, &mut entry)?;
        gathered.add(name, bytes, sink)?;
    }
    read_to_the_end(path, tar.into_inner())?;
    gathered.finish()
}

/// A name that does not fit into a header stands in an entry of its own before.
fn name_of_next<R: BufRead>(path: &Path, entry: &mut Entry<'_, R>) -> Result<Vec<u8>, ArchiveError> {
    if entry.size() > LONGEST_PATH {
        return Err(ArchiveError::damaged(path, "a name in it is longer than any"));
    }
    let mut name = body(path, entry)?;
    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
    Ok(name)
}

fn body<R: BufRead>(path: &Path, entry: &mut Entry<'_, R>) -> Result<Vec<u8>, ArchiveError> {
    // Most entries are small; what a header only claims is not believed.
    let likely = usize::try_from(entry.size()).unwrap_or_default().min(USUAL_ENTRY);
    let mut bytes = Vec::with_capacity(likely);
    entry.read_to_end(&mut bytes).map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
    if bytes.len() as u64 == entry.size() { Ok(bytes) } else { Err(ArchiveError::damaged(path, "it ends too early")) }
}

fn checked_name<R: BufRead>(path: &Path, name: Vec<u8>, entry: &Entry<'_, R>) -> Result<String, ArchiveError> {
    let name = String::from_utf8(name).map_err(|_| ArchiveError::damaged(path, "a name in it is no text"))?;
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(ArchiveError::damaged(path, format!("{name} is no plain file")));
    }
    let inside = !name.is_empty() && Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    if inside { Ok(name) } else { Err(ArchiveError::damaged(path, format!("{name} leads out of the archive"))) }
}

/// Behind the entries there is nothing but the zeros that end a tar.
fn read_to_the_end<R: Read>(path: &Path, mut rest: io::Take<R>) -> Result<(), ArchiveError> {
    let mut block = vec![0; 1 << 16];
    loop {
        let count = rest.read(&mut block).map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
        if count == 0 && rest.limit() == 0 {
            return Err(ArchiveError::damaged(path, "it unpacks to far more than an archive of its size can hold"));
        }
        if count == 0 {
            return Ok(());
        }
        if block[..count].iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::damaged(path, "there is something behind its end"));
        }
    }
}
