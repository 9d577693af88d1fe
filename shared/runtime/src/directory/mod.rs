//! Kubernetes objects in files: what `kubectl get -o json|yaml` and `kubectl cluster-info dump` write, in any nesting
//! of folders. What cannot be read is named, and the rest is read.

mod hand_over;
mod json;
mod newest;
#[cfg(test)]
mod tests;
mod walk;
mod yaml;

pub use hand_over::hand_over;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

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
        format!("check the path: ls -l {path}; --from takes an archive, a file or directory of objects, or demo")
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

/// Reads a file or a directory of objects, sorted by path, so that the result is always the same.
///
/// # Errors
/// Fails when the path itself is not there or cannot be read.
pub fn read_directory(path: &Path, sink: &mut dyn ObjectSink) -> Result<DirectoryFacts, DirectoryError> {
    fs::metadata(path).map_err(|source| DirectoryError::of(path, source))?;
    let mut facts = DirectoryFacts::default();
    let mut files = Vec::new();
    if path.is_dir() {
        walk::files(path, &mut files, &mut facts.problems).map_err(|source| DirectoryError::of(path, source))?;
    } else {
        fs::File::open(path).map_err(|source| DirectoryError::of(path, source))?;
        files.push(path.to_owned());
    }
    let mut watching = newest::Watching::new(sink);
    for file in &files {
        facts.files += 1;
        facts.problems.extend(read_file(file, &mut watching));
    }
    facts.newest_timestamp = watching.newest();
    Ok(facts)
}

/// Reads one file by what it holds; what is wrong with it comes back in words.
fn read_file(path: &Path, sink: &mut dyn ObjectSink) -> Vec<String> {
    let place = path.display().to_string();
    let result = match walk::first_byte(path) {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(b'{' | b'[')) => json::read(path, &place, sink),
        Ok(Some(_)) => yaml::read(path, &place, sink),
        Err(error) => Err(error),
    };
    result.unwrap_or_else(|error| vec![format!("{place}: {error}")])
}
