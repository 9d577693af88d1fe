//! Writes an archive: to a temporary name, fsynced, renamed; never over something, never half.

use super::error::ArchiveError;
use super::format::{ACCESS, ANSWERS, COVERAGE, LOGS, MANIFEST, Manifest, digest};
use super::name::{beside, entry_name};
use super::object::{plain_form, redacted};
use super::seal::Hashing;
use super::{own_digest, publish};
use serde_json::Value;
use sre_core::access::Access;
use sre_core::inquiry::Asked;
use sre_core::logs::{LogRead, Redactor};
use sre_core::slim::Kind;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A level that costs little time and packs Kubernetes' JSON to about a twentieth.
const LEVEL: i32 = 3;

/// An archive that is being written; dropped without `finish` it leaves nothing behind.
pub struct ArchiveWriter {
    target: PathBuf,
    form: Form,
    entries: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
    start: jiff::Timestamp,
    redactor: Redactor,
}

enum Form {
    File(Box<publish::Packed>),
    Folder(TempDir),
}

impl ArchiveWriter {
    /// Begins an archive: a file when the name ends in `.tar.zst`, else a directory.
    ///
    /// # Errors
    /// Fails when something stands there, or nothing can be written there.
    pub fn create(target: &Path) -> Result<Self, ArchiveError> {
        let taken = if is_packed(target) { vec![target.to_owned(), beside(target)] } else { vec![target.to_owned()] };
        if let Some(path) = taken.into_iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(ArchiveError::Exists { path });
        }
        let form = form(target).map_err(|source| ArchiveError::writing(target, source))?;
        let start = jiff::Timestamp::now();
        let (entries, counts, redactor) = (BTreeMap::new(), BTreeMap::new(), Redactor::default());
        Ok(Self { target: target.to_owned(), form, entries, counts, start, redactor })
    }

    /// What took the secrets out of its objects, so that the same secret gets the same word in logs.
    pub fn redactor(&mut self) -> &mut Redactor {
        &mut self.redactor
    }

    /// Adds an object as the server sent it, without its managed fields and secrets and with `apiVersion` and `kind` filled
    /// in. Of an object that comes again the first word stays.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn object(&mut self, kind: Kind, namespace: &str, name: &str, json: &[u8]) -> Result<(), ArchiveError> {
        let entry = entry_name(kind, namespace, name);
        if self.entries.contains_key(&entry) {
            return Ok(());
        }
        let malformed = |error: serde_json::Error| ArchiveError::writing(&self.target, error.into());
        let text = plain_form(kind, json).and_then(|text| redacted(text, &mut self.redactor)).map_err(malformed)?;
        *self.counts.entry(kind.info().name.to_owned()).or_default() += 1;
        self.file(&entry, &text)
    }

    /// Adds any other entry.
    ///
    /// # Errors
    /// Fails when it cannot be written, or is there already.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let is_new = self.entries.insert(name.to_owned(), digest(bytes)).is_none();
        let put = if is_new { self.put(name, bytes) } else { Err(io::Error::other(format!("{name} comes twice"))) };
        put.map_err(|source| ArchiveError::writing(&self.target, source))
    }

    /// Adds what somebody else than the API server was asked, and what was answered.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn answer(&mut self, number: usize, asked: &Asked) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec(asked);
        let text = text.map_err(|error| ArchiveError::writing(&self.target, error.into()))?;
        self.file(&format!("{ANSWERS}{number:04}.json"), &text)
    }

    /// Adds the end of a log, or why it could not be read.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn log(&mut self, number: usize, read: &LogRead) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec(read);
        let text = text.map_err(|error| ArchiveError::writing(&self.target, error.into()))?;
        self.file(&format!("{LOGS}{number:04}.json"), &text)
    }

    /// Adds what the caller may do, as far as that was asked.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn access(&mut self, access: &Access) -> Result<(), ArchiveError> {
        let text = serde_json::to_vec(access);
        let text = text.map_err(|error| ArchiveError::writing(&self.target, error.into()))?;
        self.file(ACCESS, &text)
    }

    /// Ends the archive with its coverage and its manifest, and gives it its name.
    ///
    /// # Errors
    /// Fails when it cannot be written whole; then nothing stays.
    pub fn finish(mut self, manifest: Manifest, coverage: &Value) -> Result<(), ArchiveError> {
        let target = self.target.clone();
        let writing = |source| ArchiveError::writing(&target, source);
        let text = serde_json::to_vec_pretty(coverage).map_err(|error| writing(error.into()))?;
        self.file(COVERAGE, &text)?;
        let manifest = Manifest {
            start: self.start,
            end: jiff::Timestamp::now(),
            counts: std::mem::take(&mut self.counts),
            entries: std::mem::take(&mut self.entries),
            ..manifest
        };
        let text = own_digest::sealed_text(&manifest).map_err(|error| writing(error.into()))?;
        self.put(MANIFEST, &text).map_err(writing)?;
        match self.form {
            Form::File(tar) => publish::file(*tar, &target).map_err(writing),
            Form::Folder(folder) => publish::folder(folder, &target).map_err(writing),
        }
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
            Form::Folder(folder) => {
                let path = folder.path().join(name);
                fs::create_dir_all(publish::parent(&path))?;
                File::create_new(path)?.write_all(bytes)
            }
        }
    }
}

fn is_packed(target: &Path) -> bool {
    target.to_string_lossy().ends_with(".tar.zst")
}

fn form(target: &Path) -> io::Result<Form> {
    let parent = publish::parent(target);
    if !is_packed(target) {
        return Ok(Form::Folder(publish::temporary().tempdir_in(parent)?));
    }
    let mut encoder = zstd::Encoder::new(Hashing::new(publish::temporary().tempfile_in(parent)?), LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(Form::File(Box::new(tar::Builder::new(encoder))))
}
