//! Reads an archive, and believes nothing of it that its manifest does not vouch for.

use super::error::ArchiveError;
use super::format::{
    ALWAYS_ALLOWED, COVERAGE, FORMAT, LARGEST_ENTRY, LARGEST_RATIO, LARGEST_WHOLE, MANIFEST, MOST_ENTRIES, Manifest,
    OBJECTS, SEAL, SEAL_HEAD, digest, hexadecimal,
};
use super::write::beside;
use crate::directory::{ObjectSink, hand_over};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};

/// First bytes of every zstd frame (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What an archive holds besides its objects.
#[derive(Debug)]
pub struct Opened {
    /// The manifest.
    pub manifest: Manifest,
    /// What was read when it was made, and what not.
    pub coverage: Value,
    /// Other entries, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Whether a path is meant as an archive: by its name, its first bytes, or its manifest.
///
/// # Errors
/// Fails when there is nothing, or it cannot be read.
pub fn looks_like_archive(path: &Path) -> Result<bool, ArchiveError> {
    let metadata = fs::metadata(path).map_err(|source| ArchiveError::reading(path, source))?;
    if metadata.is_dir() {
        return Ok(path.join(MANIFEST).exists());
    }
    let mut first = Vec::new();
    let file = File::open(path).map_err(|source| ArchiveError::reading(path, source))?;
    file.take(4).read_to_end(&mut first).map_err(|source| ArchiveError::reading(path, source))?;
    Ok(first == ZSTD || path.to_string_lossy().ends_with(".tar.zst"))
}

/// Opens an archive and hands over its objects, in the order in which they were written.
///
/// # Errors
/// Fails on any damage; what was handed over until then must not be used.
pub fn open(path: &Path, sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    if path.is_dir() {
        return open_directory(path, sink);
    }
    let unreadable = |source| ArchiveError::reading(path, source);
    let size = fs::metadata(path).map_err(unreadable)?.len();
    check_seal(path, File::open(path).map_err(unreadable)?, size)?;
    let packed = io::BufReader::new(File::open(path).map_err(unreadable)?).take(size - SEAL);
    open_stream(path, packed, size, sink)
}

/// Opens an archive that is in memory.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &Path, bytes: &[u8], sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    let size = bytes.len() as u64;
    check_seal(name, bytes, size)?;
    open_stream(name, bytes.take(size - SEAL), size, sink)
}

/// Compares the bytes with the digest at their end, and with the one in the file beside, if there is one.
fn check_seal<R: Read>(path: &Path, mut packed: R, size: u64) -> Result<(), ArchiveError> {
    if size < SEAL {
        return Err(ArchiveError::damaged(path, "its end is missing"));
    }
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    let mut left = size - SEAL;
    while left > 0 {
        let most = block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match packed.read(&mut block[..most]).map_err(|source| ArchiveError::reading(path, source))? {
            0 => return Err(ArchiveError::damaged(path, "it changed while it was read")),
            count => {
                hash.update(&block[..count]);
                left -= count as u64;
            }
        }
    }
    let mut seal = Vec::new();
    packed.read_to_end(&mut seal).map_err(|source| ArchiveError::reading(path, source))?;
    if seal != [&SEAL_HEAD[..], &hash.clone().finalize()].concat() {
        return Err(ArchiveError::damaged(path, "its bytes are not those that its end vouches for"));
    }
    hash.update(&seal);
    compare_with_file_beside(path, &hexadecimal(&hash.finalize()))
}

fn compare_with_file_beside(path: &Path, seen: &str) -> Result<(), ArchiveError> {
    match fs::read_to_string(beside(path)) {
        Ok(told) if told.split_whitespace().next() != Some(seen) => {
            Err(ArchiveError::damaged(path, format!("its digest is not the one in {}", beside(path).display())))
        }
        _ => Ok(()),
    }
}

fn open_stream<R: io::BufRead>(
    path: &Path,
    packed: R,
    size: u64,
    sink: &mut dyn ObjectSink,
) -> Result<Opened, ArchiveError> {
    let unreadable = |error: io::Error| ArchiveError::damaged(path, error.to_string());
    let allowed = size.saturating_mul(LARGEST_RATIO).clamp(ALWAYS_ALLOWED, LARGEST_WHOLE);
    let plain = zstd::Decoder::with_buffer(packed).map_err(unreadable)?.take(allowed + 1);
    let mut tar = tar::Archive::new(plain);
    let mut gathered = Gathered::new(path);
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let name = entry_name(path, &entry)?;
        if entry.size() > LARGEST_ENTRY {
            return Err(ArchiveError::damaged(path, format!("{name} is larger than any object")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(unreadable)?;
        gathered.add(name, bytes, sink)?;
    }
    read_to_the_end(path, tar.into_inner())?;
    gathered.finish()
}

/// Behind the entries there is nothing but the zeros that end a tar.
fn read_to_the_end<R: Read>(path: &Path, mut rest: io::Take<R>) -> Result<(), ArchiveError> {
    let mut block = vec![0; 1 << 16];
    loop {
        let count = rest.read(&mut block).map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
        if count == 0 && rest.limit() == 0 {
            return Err(ArchiveError::damaged(path, "it unpacks to far more than an archive of its size can hold"));
        }
        if count == 0 {
            return Ok(());
        }
        if block[..count].iter().any(|byte| *byte != 0) {
            return Err(ArchiveError::damaged(path, "there is something behind its end"));
        }
    }
}

fn entry_name<R: Read>(path: &Path, entry: &tar::Entry<'_, R>) -> Result<String, ArchiveError> {
    let name = entry.path().map_err(|error| ArchiveError::damaged(path, error.to_string()))?;
    let shown = name.to_string_lossy().into_owned();
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(ArchiveError::damaged(path, format!("{shown} is no plain file")));
    }
    let inside = name.components().all(|part| matches!(part, Component::Normal(_)));
    if inside { Ok(shown) } else { Err(ArchiveError::damaged(path, format!("{shown} leads out of the archive"))) }
}

fn open_directory(path: &Path, sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    let mut gathered = Gathered::new(path);
    let mut names = Vec::new();
    list(path, "", &mut names)?;
    // The manifest is the last entry, as in a file.
    names.sort_by_key(|name| (name == MANIFEST, name.clone()));
    for name in names {
        let bytes = fs::read(path.join(&name)).map_err(|source| ArchiveError::reading(&path.join(&name), source))?;
        gathered.add(name, bytes, sink)?;
    }
    gathered.finish()
}

fn list(root: &Path, below: &str, names: &mut Vec<String>) -> Result<(), ArchiveError> {
    let folder = root.join(below);
    let entries = fs::read_dir(&folder).map_err(|source| ArchiveError::reading(&folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| ArchiveError::reading(&folder, source))?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if below.is_empty() { own } else { format!("{below}/{own}") };
        let kind = entry.file_type().map_err(|source| ArchiveError::reading(&folder, source))?;
        if kind.is_dir() {
            list(root, &name, names)?;
        } else if kind.is_file() {
            names.push(name);
        } else {
            return Err(ArchiveError::damaged(root, format!("{name} is no plain file")));
        }
    }
    Ok(())
}

/// What was read so far.
struct Gathered<'a> {
    path: &'a Path,
    digests: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    manifest: Option<Vec<u8>>,
}

impl<'a> Gathered<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, digests: BTreeMap::new(), files: BTreeMap::new(), manifest: None }
    }

    fn add(&mut self, name: String, bytes: Vec<u8>, sink: &mut dyn ObjectSink) -> Result<(), ArchiveError> {
        if self.manifest.is_some() {
            return Err(self.damaged(format!("{name} stands behind the manifest")));
        }
        if self.digests.len() >= MOST_ENTRIES {
            return Err(self.damaged("it has more entries than an archive can have"));
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
            self.files.insert(name, bytes);
        }
        Ok(())
    }

    fn damaged(&self, what: impl Into<String>) -> ArchiveError {
        ArchiveError::damaged(self.path, what)
    }

    fn finish(mut self) -> Result<Opened, ArchiveError> {
        let text = self.manifest.take().ok_or_else(|| self.damaged("it has no manifest, so its end is missing"))?;
        let parsed = serde_json::from_slice::<Manifest>(&text);
        let manifest = parsed.map_err(|error| self.damaged(format!("the manifest: {error}")))?;
        if manifest.format > FORMAT {
            return Err(ArchiveError::Format { path: self.path.to_owned(), format: manifest.format });
        }
        if let Some(name) = first_difference(&manifest.entries, &self.digests) {
            return Err(self.damaged(format!("{name} is not what the manifest says")));
        }
        let coverage = self.files.remove(COVERAGE).ok_or_else(|| self.damaged("it has no coverage"))?;
        let coverage = serde_json::from_slice(&coverage);
        let coverage = coverage.map_err(|error| self.damaged(format!("the coverage: {error}")))?;
        Ok(Opened { manifest, coverage, files: self.files })
    }
}

/// The first entry that only one side has, or that differs.
fn first_difference<'a>(told: &'a BTreeMap<String, String>, seen: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let differing = told.iter().filter(|(name, digest)| seen.get(*name) != Some(digest));
    let unknown = seen.keys().filter(|name| !told.contains_key(*name));
    differing.map(|(name, _)| name).chain(unknown).map(String::as_str).next()
}
