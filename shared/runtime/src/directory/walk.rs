//! Which files of a directory may hold objects.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Deeper than any tool nests its folders.
const DEEPEST: usize = 64;

/// Collects the files that may hold objects, sorted; links are not followed, logs and other texts are passed over.
pub(super) fn files(root: &Path, found: &mut Vec<PathBuf>, problems: &mut Vec<String>) -> io::Result<()> {
    below(root, 0, found, problems)
}

fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>, problems: &mut Vec<String>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() && depth < DEEPEST {
            if let Err(error) = below(&path, depth + 1, found, problems) {
                problems.push(format!("{}: {error}", path.display()));
            }
        } else if kind.is_file() && may_hold_objects(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn may_hold_objects(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        None => !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')),
        Some(extension) => matches!(extension.to_ascii_lowercase().as_str(), "json" | "yaml" | "yml"),
    }
}

/// The first byte that is no white space; a byte order mark is passed over.
pub(super) fn first_byte(path: &Path) -> io::Result<Option<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut start)?;
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(text.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}
