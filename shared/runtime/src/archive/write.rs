//! Writes an archive: to a temporary name, fsynced, renamed; never over something, never half.

use super::error::ArchiveError;
use super::format::{COVERAGE, MANIFEST, Manifest, SEAL_HEAD, digest, entry_name, hexadecimal};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sre_core::slim::Kind;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};

/// A level that costs little time and packs Kubernetes' JSON to about a twentieth.
const LEVEL: i32 = 3;

/// An archive that is being written; dropped without `finish` it leaves nothing behind.
pub struct ArchiveWriter {
    target: PathBuf,
    form: Form,
    entries: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
    start: jiff::Timestamp,
}

enum Form {
    File(Box<tar::Builder<zstd::Encoder<'static, Hashing<NamedTempFile>>>>),
    Directory(TempDir),
}

impl ArchiveWriter {
    /// Begins an archive: a file when the name ends in `.tar.zst`, else a directory.
    ///
    /// # Errors
    /// Fails when something stands there, or nothing can be written there.
    pub fn create(target: &Path) -> Result<Self, ArchiveError> {
        if target.symlink_metadata().is_ok() {
            return Err(ArchiveError::Exists { path: target.to_owned() });
        }
        let form = form(target).map_err(|source| ArchiveError::writing(target, source))?;
        let start = jiff::Timestamp::now();
        Ok(Self { target: target.to_owned(), form, entries: BTreeMap::new(), counts: BTreeMap::new(), start })
    }

    /// Adds an object as the server sent it, without its managed fields and with `apiVersion` and `kind` filled in.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn object(&mut self, kind: Kind, namespace: &str, name: &str, json: &[u8]) -> Result<(), ArchiveError> {
        let malformed = |error: serde_json::Error| ArchiveError::writing(&self.target, error.into());
        let text = plain_form(kind, json).map_err(malformed)?;
        *self.counts.entry(kind.info().name.to_owned()).or_default() += 1;
        self.file(&entry_name(kind, namespace, name), &text)
    }

    /// Adds any other entry.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.put(name, bytes).map_err(|source| ArchiveError::writing(&self.target, source))?;
        self.entries.insert(name.to_owned(), digest(bytes));
        Ok(())
    }

    /// Ends the archive with its coverage and its manifest, and gives it its name.
    ///
    /// # Errors
    /// Fails when it cannot be written whole; then nothing stays.
    pub fn finish(mut self, manifest: Manifest, coverage: &Value) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec_pretty(coverage).unwrap_or_default();
        self.file(COVERAGE, &text)?;
        let manifest = Manifest {
            start: self.start,
            end: jiff::Timestamp::now(),
            counts: std::mem::take(&mut self.counts),
            entries: std::mem::take(&mut self.entries),
            ..manifest
        };
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        let target = self.target.clone();
        let ended = self.put(MANIFEST, &text).and_then(|()| seal(self.form, &target));
        ended.map_err(|source| ArchiveError::writing(&target, source))
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match &mut self.form {
            Form::File(tar) => {
                let mut header = tar::Header::new_ustar();
                header.set_size(bytes.len() as u64);
                header.set_mode(0o644);
                header.set_mtime(0);
                tar.append_data(&mut header, name, bytes)
            }
            Form::Directory(directory) => {
                let path = directory.path().join(name);
                fs::create_dir_all(path.parent().unwrap_or(directory.path()))?;
                let mut file = File::create_new(path)?;
                file.write_all(bytes)?;
                file.sync_all()
            }
        }
    }
}

fn form(target: &Path) -> io::Result<Form> {
    let parent = parent(target);
    if !target.to_string_lossy().ends_with(".tar.zst") {
        return Ok(Form::Directory(tempfile::Builder::new().prefix(".kubectl-sre-").tempdir_in(parent)?));
    }
    let file = tempfile::Builder::new().prefix(".kubectl-sre-").tempfile_in(parent)?;
    let mut encoder = zstd::Encoder::new(Hashing { inner: file, hash: Sha256::new() }, LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(Form::File(Box::new(tar::Builder::new(encoder))))
}

fn parent(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes it durable, then visible.
fn seal(form: Form, target: &Path) -> io::Result<()> {
    match form {
        Form::File(tar) => {
            let mut hashing = tar.into_inner()?.finish()?;
            let so_far = hashing.hash.clone().finalize();
            hashing.write_all(&[&SEAL_HEAD[..], &so_far].concat())?;
            hashing.inner.as_file().sync_all()?;
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            let line = format!("{}  {name}\n", hexadecimal(&hashing.hash.finalize()));
            hashing.inner.persist_noclobber(target).map_err(|error| error.error)?;
            fs::write(beside(target), line)?;
        }
        Form::Directory(directory) => {
            let written = directory.keep();
            let renamed =
                if target.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { fs::rename(&written, target) };
            if renamed.is_err() {
                // What cannot be removed has a name that says whose it is.
                let _ = fs::remove_dir_all(&written);
            }
            renamed?;
        }
    }
    File::open(parent(target))?.sync_all()
}

/// The file that holds the digest of an archive.
pub(super) fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

/// An object for people and for any Kubernetes tool.
fn plain_form(kind: Kind, json: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut object: Value = serde_json::from_slice(json)?;
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    if let Some(fields) = object.as_object_mut() {
        let named = if kind == Kind::HelmRelease { Kind::Secret } else { kind };
        fields.insert("apiVersion".to_owned(), named.info().api_version.into());
        fields.insert("kind".to_owned(), named.info().name.into());
        if kind == Kind::HelmRelease {
            fields.insert("type".to_owned(), crate::sealed::HELM_RELEASE.into());
        }
    }
    serde_json::to_vec(&object)
}

/// Passes bytes on and keeps their digest.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
