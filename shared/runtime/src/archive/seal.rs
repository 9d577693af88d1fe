//! The end of an archive's file, which vouches for every byte before it.
//!
//! A zstd frame that decoders skip (RFC 8878, 3.1.2): a head, then the SHA-256 of all bytes before it. The checksum of the
//! data does not cover the head of its own frame, and a file beside may be lost on the way.

use super::error::ArchiveError;
use super::format::hexadecimal;
use super::name::beside;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How it begins.
pub(super) const HEAD: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0];

/// Its bytes.
pub(super) const LENGTH: u64 = HEAD.len() as u64 + 32;

/// Passes bytes on and keeps their digest.
pub(crate) struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// Gives back what was written to, and the digest of all of it.
    pub(crate) fn end(self) -> (W, String) {
        (self.inner, hexadecimal(&self.hash.finalize()))
    }

    /// Writes the seal; gives back what was written to, and the digest of all of it.
    pub(super) fn seal(mut self) -> io::Result<(W, String)> {
        let so_far = self.hash.clone().finalize();
        self.write_all(&[&HEAD[..], &so_far].concat())?;
        Ok(self.end())
    }
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

/// Whether a file ends like an archive, whatever it begins with.
pub(super) fn ends_a_file(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() < LENGTH {
        return Ok(false);
    }
    let mut head = [0; HEAD.len()];
    file.seek(SeekFrom::End(-(LENGTH.cast_signed())))?;
    file.read_exact(&mut head)?;
    Ok(head == HEAD)
}

/// Compares bytes with the digest at their end; gives the digest of all of them.
pub(super) fn check(path: &Path, mut packed: impl Read, size: u64) -> Result<String, ArchiveError> {
    let reading = |source| ArchiveError::reading(path, source);
    let Some(length) = size.checked_sub(LENGTH) else { return Err(ArchiveError::damaged(path, "its end is missing")) };
    let mut hash = Hashing::new(io::sink());
    let read = io::copy(&mut packed.by_ref().take(length), &mut hash).map_err(reading)?;
    let mut seal = Vec::new();
    packed.take(LENGTH + 1).read_to_end(&mut seal).map_err(reading)?;
    let mut hash = hash.hash;
    if read < length || seal != [&HEAD[..], &hash.clone().finalize()].concat() {
        return Err(ArchiveError::damaged(path, "its bytes are not those that its end vouches for"));
    }
    hash.update(&seal);
    Ok(hexadecimal(&hash.finalize()))
}

/// Compares a digest with the one in the file beside, if there is one.
pub(super) fn compare_with_file_beside(path: &Path, seen: &str) -> Result<(), ArchiveError> {
    let beside = beside(path);
    let told = match fs::read(&beside) {
        Ok(told) => told,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ArchiveError::reading(&beside, error)),
    };
    let told = told.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    if told.eq_ignore_ascii_case(seen.as_bytes()) {
        return Ok(());
    }
    Err(ArchiveError::damaged(path, format!("its digest is not the one in {}", beside.display())))
}
