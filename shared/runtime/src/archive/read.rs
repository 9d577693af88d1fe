//! Reads an archive, and believes nothing of it that its manifest does not vouch for.

use super::error::ArchiveError;
use super::gathered::Opened;
use super::{folder, packed, seal};
use crate::directory::ObjectSink;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// First bytes of every zstd frame (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Opens an archive and hands over its objects, in the order in which they were written.
///
/// # Errors
/// Fails on any damage; what was handed over until then must not be used.
pub fn open(path: &Path, sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    if path.is_dir() {
        return folder::open(path, sink);
    }
    let unreadable = |source| ArchiveError::reading(path, source);
    let size = fs::metadata(path).map_err(unreadable)?.len();
    let digest = seal::check(path, File::open(path).map_err(unreadable)?, size)?;
    seal::compare_with_file_beside(path, &digest)?;
    let packed = io::BufReader::new(File::open(path).map_err(unreadable)?);
    packed::open(path, packed.take(size - seal::LENGTH), size, sink)
}

/// Opens an archive that is in memory.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &Path, bytes: &[u8], sink: &mut dyn ObjectSink) -> Result<Opened, ArchiveError> {
    let size = bytes.len() as u64;
    seal::check(name, bytes, size)?;
    packed::open(name, bytes.take(size - seal::LENGTH), size, sink)
}

/// Whether a path is meant as an archive: by its name, its first bytes, its end, or what stands in the directory.
/// The standard input (`-`) and pipes are not; they hold objects.
///
/// # Errors
/// Fails when there is nothing, or it cannot be read.
pub fn looks_like_archive(path: &Path) -> Result<bool, ArchiveError> {
    let reading = |source| ArchiveError::reading(path, source);
    if path == Path::new("-") {
        return Ok(false);
    }
    let metadata = fs::metadata(path).map_err(reading)?;
    if metadata.is_dir() {
        return Ok(folder::looks_like_archive(path));
    }
    if !metadata.is_file() {
        return Ok(false);
    }
    let mut file = File::open(path).map_err(reading)?;
    Ok(path.to_string_lossy().ends_with(".tar.zst") || is_packed(&mut file).map_err(reading)?)
}

fn is_packed(file: &mut File) -> io::Result<bool> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first)?;
    Ok(first == ZSTD || seal::ends_a_file(file)?)
}
