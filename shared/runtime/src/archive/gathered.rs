//! The entries of an archive while they come in, and the judgement at their end.

use super::error::ArchiveError;
use super::format::{ANSWERS, COVERAGE, FORMAT, LARGEST_ENTRY, LARGEST_MANIFEST, LARGEST_REST, MANIFEST, MOST_ENTRIES};
use super::format::{Manifest, OBJECTS, digest};
use super::own_digest;
use crate::directory::{ObjectSink, hand_over};
use serde_json::Value;
use sre_core::inquiry::Asked;
use std::collections::BTreeMap;
use std::path::Path;

/// What an archive holds besides its objects.
#[derive(Debug)]
pub struct Opened {
    /// The manifest.
    pub manifest: Manifest,
    /// What was read when it was made, and what not.
    pub coverage: Value,
    /// What others than the API server were asked, and what they answered.
    pub answers: Vec<Asked>,
    /// Other entries, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The two forms of an archive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    File,
    Folder,
}

/// What was read so far.
pub(super) struct Gathered<'a> {
    path: &'a Path,
    form: Form,
    digests: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes of the files.
    kept: u64,
    manifest: Option<Vec<u8>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(path: &'a Path, form: Form) -> Self {
        Self { path, form, digests: BTreeMap::new(), files: BTreeMap::new(), kept: 0, manifest: None }
    }

    /// Whether an entry of this size is to be read at all.
    pub(super) fn admit(&self, name: &str, size: u64) -> Result<(), ArchiveError> {
        let most = match name {
            MANIFEST => LARGEST_MANIFEST,
            name if name.starts_with(OBJECTS) => LARGEST_ENTRY,
            _ => LARGEST_REST.saturating_sub(self.kept),
        };
        if size > most {
            return Err(self.damaged(format!("{name} is larger than it can be")));
        }
        if self.digests.len() >= MOST_ENTRIES {
            return Err(self.damaged("it has more entries than an archive can have"));
        }
        Ok(())
    }

    /// Takes an entry, and hands it over if it is an object.
    pub(super) fn add(&mut self, name: String, bytes: Vec<u8>, sink: &mut dyn ObjectSink) -> Result<(), ArchiveError> {
        if self.manifest.is_some() {
            return Err(self.damaged(format!("{name} stands behind the manifest")));
        }
        if name == MANIFEST {
            self.manifest = Some(bytes);
            return Ok(());
        }
        if self.digests.insert(name.clone(), digest(&bytes)).is_some() {
            return Err(self.damaged(format!("{name} is there twice")));
        }
        if name.starts_with(OBJECTS) {
            hand_over(&bytes, &name, sink).map_err(|why| self.damaged(format!("{name}: {why}")))?;
        } else {
            self.kept += bytes.len() as u64;
            self.files.insert(name, bytes);
        }
        Ok(())
    }

    pub(super) fn damaged(&self, what: impl Into<String>) -> ArchiveError {
        ArchiveError::damaged(self.path, what)
    }

    /// Compares everything with the manifest.
    pub(super) fn finish(mut self) -> Result<Opened, ArchiveError> {
        let manifest = self.manifest()?;
        if manifest.format > FORMAT {
            return Err(ArchiveError::Format { path: self.path.to_owned(), format: manifest.format });
        }
        if let Some(name) = first_difference(&manifest.entries, &self.digests) {
            return Err(self.damaged(format!("{name} is not what the manifest says")));
        }
        let coverage = self.files.remove(COVERAGE).ok_or_else(|| self.damaged("it has no coverage"))?;
        let coverage = serde_json::from_slice(&coverage);
        let coverage = coverage.map_err(|error| self.damaged(format!("the coverage: {error}")))?;
        let answers = self.answers()?;
        Ok(Opened { manifest, coverage, answers, files: self.files })
    }

    fn answers(&mut self) -> Result<Vec<Asked>, ArchiveError> {
        let names: Vec<String> = self.files.keys().filter(|name| name.starts_with(ANSWERS)).cloned().collect();
        let taken = names.into_iter().filter_map(|name| self.files.remove_entry(&name)).collect::<Vec<_>>();
        let read = taken.into_iter().map(|(name, bytes)| {
            serde_json::from_slice(&bytes).map_err(|error| self.damaged(format!("{name}: {error}")))
        });
        read.collect()
    }

    /// The manifest, if it vouches for itself; a file's seal does that too.
    fn manifest(&mut self) -> Result<Manifest, ArchiveError> {
        let text = self.manifest.take().ok_or_else(|| self.damaged("it has no manifest, so its end is missing"))?;
        let parsed = serde_json::from_slice::<Manifest>(&text);
        let manifest = parsed.map_err(|error| self.damaged(format!("the manifest: {error}")))?;
        let sealed_elsewhere = self.form == Form::File && manifest.sha256.is_empty();
        if sealed_elsewhere || own_digest::is_sound(&text, &manifest.sha256) {
            return Ok(manifest);
        }
        Err(self.damaged("the manifest is not the one that was written"))
    }
}

/// The first entry that only one side has, or that differs.
fn first_difference<'a>(told: &'a BTreeMap<String, String>, seen: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let differing = told.iter().filter(|(name, digest)| seen.get(*name) != Some(digest));
    let unknown = seen.keys().filter(|name| !told.contains_key(*name));
    differing.map(|(name, _)| name).chain(unknown).map(String::as_str).next()
}
