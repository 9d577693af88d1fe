//! Makes a finished archive durable, then visible; what fails leaves nothing behind.

use super::name::beside;
use super::seal::Hashing;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};

/// The packed form while it is written.
pub(super) type Packed = tar::Builder<zstd::Encoder<'static, Hashing<NamedTempFile>>>;

/// Where something is made before it gets its name: on the same file system.
pub(super) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kubectl-sre-");
    builder
}

/// The directory that something stands in.
pub(super) fn parent(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a packed archive and the digest beside it their names.
pub(super) fn file(tar: Packed, target: &Path) -> io::Result<()> {
    let (archive, digest) = tar.into_inner()?.finish()?.seal()?;
    archive.as_file().sync_all()?;
    let mut line = temporary().tempfile_in(parent(target))?;
    writeln!(line, "{digest}  {}", target.file_name().unwrap_or_default().to_string_lossy())?;
    line.as_file().sync_all()?;
    archive.persist_noclobber(target).map_err(|error| error.error)?;
    let placed = line.persist_noclobber(beside(target)).map_err(|error| error.error);
    let placed = placed.and_then(|_| File::open(parent(target))?.sync_all());
    if placed.is_err() {
        // Only what this run has made a moment ago; a failure to remove it changes nothing about the error.
        let _ = fs::remove_file(target);
    }
    placed
}

/// Gives a directory its name.
pub(super) fn folder(written: TempDir, target: &Path) -> io::Result<()> {
    make_durable(written.path())?;
    if target.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let written = written.keep();
    let placed = fs::rename(&written, target);
    if placed.is_err() {
        // What cannot be removed has a name that says whose it is.
        let _ = fs::remove_dir_all(&written);
    }
    placed?;
    File::open(parent(target))?.sync_all()
}

/// All at once at the end: one by one while they are written, each would wait for the disk.
fn make_durable(root: &Path) -> io::Result<()> {
    let mut folders = BTreeSet::from([root.to_owned()]);
    while let Some(folder) = folders.pop_last() {
        for entry in fs::read_dir(&folder)? {
            let path: PathBuf = entry?.path();
            if path.is_dir() {
                folders.insert(path);
            } else {
                File::open(path)?.sync_all()?;
            }
        }
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
