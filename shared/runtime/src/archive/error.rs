//! Why an archive cannot be written or used.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why an archive cannot be written or used.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// It is damaged, or was altered.
    #[error("the archive {} is damaged or was altered: {what}", path.display())]
    Integrity {
        /// The archive.
        path: PathBuf,
        /// What does not add up.
        what: String,
    },
    /// It was written by a later version.
    #[error("the archive {} has format {format}, which this version does not know", path.display())]
    Format {
        /// The archive.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// It does not exist.
    #[error("there is no {}", path.display())]
    NotFound {
        /// The archive.
        path: PathBuf,
    },
    /// It exists and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The archive.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something stands there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// Where it should have been written.
        path: PathBuf,
    },
    /// The disk has no room for it.
    #[error("no room on the disk for {}", path.display())]
    FullDisk {
        /// Where it should have been written.
        path: PathBuf,
    },
    /// It cannot be written for another reason.
    #[error("cannot write {}", path.display())]
    Unwritable {
        /// Where it should have been written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ArchiveError {
    /// Damage.
    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Integrity { path: path.to_owned(), what: what.into() }
    }

    /// A failed write.
    pub(super) fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let source = of_the_system(source);
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::FullDisk { path },
            ErrorKind::AlreadyExists => Self::Exists { path },
            _ => Self::Unwritable { path, source },
        }
    }

    /// A failed read of something that may not be there.
    pub(super) fn reading(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::NotFound => Self::NotFound { path },
            _ => Self::Unreadable { path, source },
        }
    }
}

/// What the system said, without the temporary name that `tempfile` adds and nobody has ever seen.
fn of_the_system(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said),
        None => error,
    }
}
