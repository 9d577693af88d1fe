//! The archive: what was seen, in a file that `zstd -d`, `tar` and `jq` can read without us.
//!
//! `.tar.zst`, or the same as a directory: one plain JSON file for each object, the coverage, the words of the
//! health endpoints and, last, a manifest with a digest of every entry. Beside a file stands its own digest.

mod error;
mod format;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use error::ArchiveError;
pub use format::{COVERAGE, FORMAT, Manifest};
pub use read::{Opened, looks_like_archive, open, open_bytes};
pub use write::ArchiveWriter;
