//! Which files of a directory may hold objects.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Deeper than any tool nests its folders.
const DEEPEST: usize = 64;

/// Collects the files that may hold objects, sorted; links are not followed, logs and other texts are passed over, and
/// so is what is hidden (`.git`, `._pods.json`).
pub(super) fn files(root: &Path, found: &mut Vec<PathBuf>, problems: &mut Vec<String>) -> io::Result<()> {
    below(root, &Walk { depth: 0, is_wanted: may_hold_objects }, found, problems)
}

/// Collects the files that can be logs, likewise.
pub(super) fn logs(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // What cannot be followed was named when objects were looked for.
    let walked = below(root, &Walk { depth: 0, is_wanted: may_be_log }, &mut found, &mut Vec::new());
    walked.map_or_else(|_| Vec::new(), |()| found)
}

/// How deep a walk is, and what it is for.
struct Walk {
    depth: usize,
    is_wanted: fn(&Path) -> bool,
}

fn below(folder: &Path, walk: &Walk, found: &mut Vec<PathBuf>, problems: &mut Vec<String>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if let Err(why) = look_at(&path, walk, found, problems) {
            problems.push(format!("{}: {why}", path.display()));
        }
    }
    Ok(())
}

fn look_at(path: &Path, walk: &Walk, found: &mut Vec<PathBuf>, problems: &mut Vec<String>) -> io::Result<()> {
    let kind = fs::symlink_metadata(path)?.file_type();
    if kind.is_dir() && walk.depth == DEEPEST {
        return Err(io::Error::other("folders nested too deep to follow"));
    }
    if kind.is_dir() && !is_hidden(path) {
        return below(path, &Walk { depth: walk.depth + 1, ..*walk }, found, problems);
    }
    if kind.is_file() && (walk.is_wanted)(path) {
        found.push(path.to_owned());
    }
    Ok(())
}

/// Whether a file can be a log, by its name.
pub(super) fn may_be_log(path: &Path) -> bool {
    !is_hidden(path) && path.extension().is_some_and(|it| it == "log" || it == "txt")
}

/// Whether a file may hold objects, by its name.
pub(super) fn may_hold_objects(path: &Path) -> bool {
    !is_hidden(path) && (has_no_extension(path) || is_json_or_yaml(path))
}

/// Names with two dots are those of a mounted ConfigMap's real files.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with('.') && !name.starts_with("..")
    })
}

fn is_json_or_yaml(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    matches!(extension.as_deref(), Some("json" | "yaml" | "yml"))
}

/// Whether nothing but its content tells what a file is.
pub(super) fn has_no_extension(path: &Path) -> bool {
    path.extension().is_none()
}

/// The first byte that is no white space; a byte order mark is passed over.
pub(super) fn first_byte(file: &File) -> io::Result<Option<u8>> {
    let mut start = Vec::new();
    file.take(4096).read_to_end(&mut start)?;
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    Ok(text.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}
