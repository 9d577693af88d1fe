//! The entries of an archive that is a directory.

use super::error::ArchiveError;
use super::format::{COVERAGE, DEEPEST, MANIFEST, OBJECTS};
use super::gathered::{Form, Gathered, Opened};
use crate::directory::ObjectSink;
use memchr::memmem;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// A manifest says in its first lines whose it is.
const HEAD: u64 = 64 << 10;

/// Whether a directory is meant as an archive: any tool may call a file of its own `manifest.json`, and of ours the
/// manifest may be what is damaged or missing.
pub(super) fn looks_like_archive(path: &Path) -> bool {
    let read = |name: &str| bounded(&path.join(name), HEAD).unwrap_or_default();
    let is_ours =
        |text: &[u8]| ["\"toolVersion\"", "\"takenAt\""].iter().all(|key| memmem::find(text, key.as_bytes()).is_some());
    (path.join(COVERAGE).exists() && path.join(OBJECTS).is_dir()) || is_ours(&read(MANIFEST))
}

/// Reads it, the manifest last, as in a file.
pub(super) fn open(path: &Path, sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    let mut gathered = Gathered::new(path, Form::Folder);
    let mut names = Vec::new();
    list(path, "", 0, &mut names)?;
    names.sort_by_key(|name| (name == MANIFEST, name.clone()));
    for name in names {
        let file = path.join(&name);
        let reading = |source| ArchiveError::reading(&file, source);
        let size = fs::metadata(&file).map_err(reading)?.len();
        gathered.admit(&name, size)?;
        gathered.add(name, bounded(&file, size).map_err(reading)?, sink)?;
    }
    gathered.finish()
}

fn bounded(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn list(root: &Path, below: &str, depth: usize, names: &mut Vec<String>) -> Result<(), ArchiveError> {
    let folder = root.join(below);
    let reading = |source| ArchiveError::reading(&folder, source);
    for entry in fs::read_dir(&folder).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        let own = entry.file_name().into_string();
        let own = own.map_err(|_| ArchiveError::damaged(root, "a name in it is no text"))?;
        let name = if below.is_empty() { own } else { format!("{below}/{own}") };
        let kind = entry.file_type().map_err(reading)?;
        if kind.is_dir() && depth < DEEPEST {
            list(root, &name, depth + 1, names)?;
        } else if kind.is_file() {
            names.push(name);
        } else {
            return Err(ArchiveError::damaged(root, format!("{name} is no plain file")));
        }
    }
    Ok(())
}
