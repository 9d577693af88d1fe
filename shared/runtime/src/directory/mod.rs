//! Kubernetes objects in files: what `kubectl get -o json|yaml` and `kubectl cluster-info dump` write, in any nesting
//! of folders. What cannot be read is named, and the rest is read.

mod documents;
mod files;
mod hand_over;
mod head;
mod json;
mod logs;
mod newest;
mod seekable;
#[cfg(test)]
mod tests;
mod walk;
mod yaml;

pub use files::Files;
pub use hand_over::hand_over;
pub use logs::{LogFile, log_files};
pub(crate) use yaml::values as yaml_values;

use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The most problems of one file to name: one that is no JSON at all has one at each word.
const MOST_PROBLEMS: usize = 10;

/// Receives what an archive or a directory holds, one object at a time.
pub trait ObjectSink {
    /// Takes one object.
    fn object(&mut self, found: FoundObject<'_>);
}

/// One object.
#[derive(Clone, Copy, Debug)]
pub struct FoundObject<'a> {
    /// Its `apiVersion`, or that of its list.
    pub api_version: &'a str,
    /// Its `kind`, or that of its list without `List`.
    pub kind: &'a str,
    /// Its JSON.
    pub json: &'a [u8],
    /// Where it was found, for messages.
    pub place: &'a str,
}

/// What was found besides objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryFacts {
    /// Files that were read.
    pub files: usize,
    /// The newest time that the objects speak of.
    pub newest_timestamp: Option<jiff::Timestamp>,
    /// What could not be read, with file and place.
    pub problems: Vec<String>,
}

/// Why there is nothing to read at all.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// The path does not exist.
    #[error("there is no {}", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl DirectoryError {
    /// What to do next.
    pub fn hint(&self) -> String {
        let path = match self {
            Self::NotFound { path } | Self::Unreadable { path, .. } => path.display(),
        };
        format!(
            "check the path: ls -l {path}; --from takes an archive, a support bundle, a file or directory of objects, or demo"
        )
    }

    fn of(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound {
            Self::NotFound { path }
        } else {
            Self::Unreadable { path, source }
        }
    }
}

/// Reads a file, a directory of objects or (`-`) the standard input, sorted by path, so that the result is always the
/// same.
///
/// # Errors
/// Fails when the path itself is not there or cannot be read.
pub fn read_directory(path: &Path, sink: &mut dyn ObjectSink) -> Result<DirectoryFacts, DirectoryError> {
    let mut files = Files::new(sink);
    if path.is_dir() {
        read_folder(path, &mut files).map_err(|source| DirectoryError::of(path, source))?;
    } else {
        let file = seekable::open(path).map_err(|source| DirectoryError::of(path, source))?;
        let place = if seekable::is_standard_input(path) { "standard input".into() } else { path.to_string_lossy() };
        files.read(&place, &file);
    }
    Ok(files.finish())
}

fn read_folder(path: &Path, files: &mut Files<'_>) -> io::Result<()> {
    let mut paths = Vec::new();
    walk::files(path, &mut paths, files.problems())?;
    for path in paths {
        let place = path.display().to_string();
        match File::open(&path) {
            Ok(file) => files.add(&path, &place, &file),
            Err(error) => files.problems().push(format!("{place}: {error}")),
        }
    }
    Ok(())
}

/// Reads one file by what it holds; what is wrong with it comes back in words, at most [`MOST_PROBLEMS`] of them.
fn problems_of(file: &File, place: &str, sink: &mut dyn ObjectSink) -> Vec<String> {
    let mut problems = read_file(file, place, sink).unwrap_or_else(|error| vec![format!("{place}: {error}")]);
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    if more > 0 {
        problems.truncate(MOST_PROBLEMS);
        problems.push(format!("{place}: and {more} more"));
    }
    problems
}

fn read_file(mut file: &File, place: &str, sink: &mut dyn ObjectSink) -> io::Result<Vec<String>> {
    let first = walk::first_byte(file)?;
    file.rewind()?;
    match first {
        None => Ok(Vec::new()),
        Some(b'{' | b'[') => json::read(file, place, sink),
        Some(_) => yaml::read(file, place, sink),
    }
}
