//! Packed support bundles and other `.tar.gz` of objects and logs: what would be read if they were unpacked, read as it
//! streams by. Nothing is unpacked to a name.

use super::error::ArchiveError;
use super::format::{ALWAYS_ALLOWED, LONGEST_PATH};
use crate::directory::{DirectoryFacts, Files, LogFile, ObjectSink};
use flate2::read::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// First bytes of every gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Objects and logs pack to a fiftieth at the most; far beyond that it is made to harm.
const LARGEST_RATIO: u64 = 200;

/// What no bundle may unpack to.
const LARGEST_WHOLE: u64 = 16 << 30;

/// More files than any bundle has.
const MOST_FILES: usize = 500_000;

/// Names that do not fit into a header stand in an entry of their own, with little besides.
const LARGEST_EXTENSION: u64 = 64 * LONGEST_PATH;

/// What a bundle holds besides its objects.
#[derive(Debug)]
pub struct Bundle {
    /// What was found, and what could not be read.
    pub facts: DirectoryFacts,
    /// Its logs.
    pub logs: Vec<LogFile>,
}

/// Whether a path is a packed bundle: a file that begins as gzip does.
///
/// # Errors
/// Fails when there is nothing, or it cannot be read.
pub fn is_bundle(path: &Path) -> Result<bool, ArchiveError> {
    let reading = |source| ArchiveError::reading(path, source);
    if path == Path::new("-") || !fs::metadata(path).map_err(reading)?.is_file() {
        return Ok(false);
    }
    let mut first = Vec::new();
    File::open(path).map_err(reading)?.take(2).read_to_end(&mut first).map_err(reading)?;
    Ok(first == GZIP)
}

/// Opens a packed bundle and hands over its objects, in the order in which they stand in it.
///
/// # Errors
/// Fails when it is damaged, leads out of itself or unpacks to more than it can hold; what was handed over until then
/// must not be used.
pub fn open_bundle(path: &Path, sink: &mut dyn ObjectSink) -> Result<Bundle, ArchiveError> {
    let reading = |source| ArchiveError::reading(path, source);
    let file = File::open(path).map_err(reading)?;
    let size = file.metadata().map_err(reading)?.len();
    let allowed = size.saturating_mul(LARGEST_RATIO).clamp(ALWAYS_ALLOWED, LARGEST_WHOLE);
    let unreadable = |error| failed(path, error);
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)).take(allowed + 1));
    let ends = tempfile::tempfile().map_err(reading)?;
    let mut unpacked =
        Unpacked { path, allowed, files: Files::new(sink), logs: Vec::new(), ends: Arc::new(ends), seen: 0 };
    let mut told = None;
    // Raw: else the reader itself would swallow names and extensions of any size.
    for entry in tar.entries().map_err(unreadable)?.raw(true) {
        let mut entry = entry.map_err(unreadable)?;
        unpacked.admit(entry.size())?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            told = name_of_next(path, &mut entry, kind.is_gnu_longname())?.or(told);
            continue;
        }
        if kind.is_pax_global_extensions() || kind.is_gnu_longlink() {
            continue;
        }
        let name = checked_name(path, told.take().unwrap_or_else(|| entry.path_bytes().into_owned()))?;
        // Links are not followed, as in a directory.
        if kind.is_file() {
            unpacked.file(&name, &mut entry)?;
        }
    }
    let mut rest = tar.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(unreadable)?;
    if rest.limit() == 0 {
        return Err(too_large(path));
    }
    Ok(Bundle { facts: unpacked.files.finish(), logs: unpacked.logs })
}

/// What was read so far.
struct Unpacked<'a> {
    path: &'a Path,
    /// Bytes that may still come.
    allowed: u64,
    files: Files<'a>,
    logs: Vec<LogFile>,
    /// All logs behind each other.
    ends: Arc<File>,
    seen: usize,
}

impl Unpacked<'_> {
    fn admit(&mut self, size: u64) -> Result<(), ArchiveError> {
        self.seen += 1;
        self.allowed = self.allowed.checked_sub(size).ok_or_else(|| too_large(self.path))?;
        if self.seen > MOST_FILES {
            return Err(ArchiveError::damaged(self.path, "it has more entries than a bundle can have"));
        }
        Ok(())
    }

    /// Takes a file: objects are handed over, the place of a log is kept, all else is passed over.
    fn file(&mut self, name: &Path, entry: &mut impl Read) -> Result<(), ArchiveError> {
        let failed = |error| failed(self.path, error);
        if Files::may_hold_objects(name) {
            let mut file = tempfile::tempfile().map_err(failed)?;
            io::copy(entry, &mut file).and_then(|_| file.rewind()).map_err(failed)?;
            self.files.add(name, &self.path.join(name).to_string_lossy(), &file);
        } else if LogFile::is_log(name) {
            let start = (&*self.ends).seek(SeekFrom::End(0)).map_err(failed)?;
            let length = io::copy(entry, &mut &*self.ends).map_err(failed)?;
            self.logs.extend(LogFile::within(name, &self.ends, start..start + length));
        }
        Ok(())
    }
}

/// The name of the next entry, where it does not fit into its header.
fn name_of_next(
    path: &Path,
    entry: &mut tar::Entry<'_, impl Read>,
    is_plain: bool,
) -> Result<Option<Vec<u8>>, ArchiveError> {
    if entry.size() > LARGEST_EXTENSION {
        return Err(ArchiveError::damaged(path, "a name in it is longer than any"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|error| failed(path, error))?;
    if is_plain {
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
        return Ok(Some(bytes));
    }
    let mut told = tar::PaxExtensions::new(&bytes).filter_map(Result::ok).filter(|it| it.key_bytes() == b"path");
    Ok(told.next().map(|it| it.value_bytes().to_vec()))
}

fn checked_name(path: &Path, name: Vec<u8>) -> Result<PathBuf, ArchiveError> {
    let name = String::from_utf8(name).map_err(|_| ArchiveError::damaged(path, "a name in it is no text"))?;
    let is_inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if is_inside {
        Ok(Path::new(&name).components().filter(|part| *part != Component::CurDir).collect())
    } else {
        Err(ArchiveError::damaged(path, format!("{name} leads out of the archive")))
    }
}

fn too_large(path: &Path) -> ArchiveError {
    ArchiveError::damaged(path, "it unpacks to far more than an archive of its size can hold")
}

/// Damage is what the packing says; the rest is the system's.
fn failed(path: &Path, error: io::Error) -> ArchiveError {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => {
            ArchiveError::damaged(path, error.to_string())
        }
        _ => ArchiveError::reading(path, error),
    }
}
