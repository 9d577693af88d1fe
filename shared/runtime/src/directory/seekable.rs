//! Files that are read more than once, whatever they come from.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

/// Opens a file. What comes through a pipe is kept in a nameless temporary file, because a list may say behind its items
/// what they are.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if is_standard_input(path) {
        return spooled(&mut io::stdin().lock());
    }
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { spooled(&mut file) }
}

/// As in kubectl.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether a file without an extension is worth an attempt: `README` and `Makefile` are not.
pub(super) fn speaks_of_kubernetes(mut file: &File) -> bool {
    let mut start = Vec::new();
    let read = file.take(1 << 16).read_to_end(&mut start).and_then(|_| file.rewind());
    // What cannot be read is tried, so that it is named.
    read.is_err() || [&b"apiVersion"[..], b"\"items\""].iter().any(|word| memchr::memmem::find(&start, word).is_some())
}

fn spooled(source: &mut dyn Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(source, &mut file)?;
    file.rewind()?;
    Ok(file)
}
