//! The entries of an archive while they come in, and the judgement at their end.

use super::error::ArchiveError;
use super::format::{ACCESS, ANSWERS, COVERAGE, FORMAT, LOGS, MANIFEST, Manifest, OBJECTS, hexadecimal};
use super::format::{LARGEST_ENTRY, LARGEST_MANIFEST, LARGEST_REST, MOST_ENTRIES};
use super::own_digest;
use crate::directory::{ObjectSink, hand_over};
use serde::Deserialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use sre_core::access::Access;
use sre_core::inquiry::Asked;
use sre_core::logs::LogRead;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
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
    /// The ends of logs.
    pub logs: Vec<LogRead>,
    /// What its caller may do, as far as that was asked.
    pub access: Access,
    /// Other entries, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// The two forms of an archive.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    File,
    Folder,
}

/// SHA-256 by name, as small as can be: there are hundreds of thousands of entries.
type Digests = BTreeMap<Box<str>, [u8; 32]>;

/// What was read so far.
pub(super) struct Gathered<'a> {
    path: &'a Path,
    form: Form,
    digests: Digests,
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes of the files.
    kept: u64,
    manifest: Option<Vec<u8>>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(path: &'a Path, form: Form) -> Self {
        Self { path, form, digests: Digests::new(), files: BTreeMap::new(), kept: 0, manifest: None }
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
        if self.digests.insert(name.as_str().into(), Sha256::digest(&bytes).into()).is_some() {
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
        let text = self.manifest.take().ok_or_else(|| self.damaged("it has no manifest, so its end is missing"))?;
        let manifest = self.manifest(&text)?;
        if manifest.format > FORMAT {
            return Err(ArchiveError::Format { path: self.path.to_owned(), format: manifest.format });
        }
        self.compare(&text)?;
        let coverage = self.files.remove(COVERAGE).ok_or_else(|| self.damaged("it has no coverage"))?;
        let coverage = serde_json::from_slice(&coverage);
        let coverage = coverage.map_err(|error| self.damaged(format!("the coverage: {error}")))?;
        let answers = self.read_all(ANSWERS)?;
        let logs = self.read_all(LOGS)?;
        let access = self.access()?;
        Ok(Opened { manifest, coverage, answers, logs, access, files: self.files })
    }

    fn access(&mut self) -> Result<Access, ArchiveError> {
        let Some(bytes) = self.files.remove(ACCESS) else { return Ok(Access::default()) };
        serde_json::from_slice(&bytes).map_err(|error| self.damaged(format!("{ACCESS}: {error}")))
    }

    /// Takes every entry of a folder.
    fn read_all<T: DeserializeOwned>(&mut self, folder: &str) -> Result<Vec<T>, ArchiveError> {
        let names: Vec<String> = self.files.keys().filter(|name| name.starts_with(folder)).cloned().collect();
        let taken = names.into_iter().filter_map(|name| self.files.remove_entry(&name)).collect::<Vec<_>>();
        let read = taken.into_iter().map(|(name, bytes)| {
            serde_json::from_slice(&bytes).map_err(|error| self.damaged(format!("{name}: {error}")))
        });
        read.collect()
    }

    /// The manifest, if it vouches for itself; a file's seal does that too.
    fn manifest(&self, text: &[u8]) -> Result<Manifest, ArchiveError> {
        let manifest: Manifest = serde_json::from_slice(text).map_err(|error| self.malformed(&error))?;
        let sealed_elsewhere = self.form == Form::File && manifest.sha256.is_empty();
        if sealed_elsewhere || own_digest::is_sound(text, &manifest.sha256) {
            return Ok(manifest);
        }
        Err(self.damaged("the manifest is not the one that was written"))
    }

    /// Compares every digest with that of the manifest.
    fn compare(&mut self, manifest: &[u8]) -> Result<(), ArchiveError> {
        let entries: Entries<'_> = serde_json::from_slice(manifest).map_err(|error| self.malformed(&error))?;
        let told = entries.entries.map_or("{}", RawValue::get);
        let comparing = Comparing { unmatched: std::mem::take(&mut self.digests) };
        let difference = comparing.deserialize(&mut serde_json::Deserializer::from_str(told));
        match difference.map_err(|error| self.malformed(&error))? {
            Some(name) => Err(self.damaged(format!("{name} is not what the manifest says"))),
            None => Ok(()),
        }
    }

    fn malformed(&self, error: &serde_json::Error) -> ArchiveError {
        self.damaged(format!("the manifest: {error}"))
    }
}

/// The digests of a manifest, not yet read.
#[derive(Deserialize)]
struct Entries<'a> {
    #[serde(borrow)]
    entries: Option<&'a RawValue>,
}

/// Reads the digests of a manifest one by one beside those that were seen, so that there is one map of them in memory and
/// not two; gives the first entry that only one side has, or that differs.
struct Comparing {
    unmatched: Digests,
}

impl<'de> DeserializeSeed<'de> for Comparing {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Comparing {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("digests by name")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut difference = None;
        while let Some((Text(name), Text(told))) = map.next_entry::<Text<'_>, Text<'_>>()? {
            let seen = self.unmatched.remove(&*name);
            if difference.is_none() && seen.is_none_or(|digest| hexadecimal(&digest) != told) {
                difference = Some(name.into_owned());
            }
        }
        Ok(difference.or_else(|| self.unmatched.into_keys().next().map(String::from)))
    }
}

/// A text that is only looked at.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
