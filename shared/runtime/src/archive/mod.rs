//! The archive: what was seen, in a file that `zstd -d`, `tar` and `jq` can read without us.
//!
//! `.tar.zst`, or the same as a directory: one plain JSON file for each object, the coverage, the words of the
//! health endpoints and, last, a manifest with a digest of every entry and of itself. Beside a file stands its own digest.

mod bundle;
mod error;
mod folder;
mod format;
mod gathered;
mod name;
mod object;
mod own_digest;
mod packed;
mod publish;
mod read;
mod seal;
#[cfg(test)]
mod tests;
mod write;

pub use bundle::{Bundle, is_bundle, open_bundle};
pub use error::ArchiveError;
pub use format::{COVERAGE, FORMAT, Manifest};
pub use gathered::Opened;
pub(crate) use name::beside;
pub use read::{looks_like_archive, open, open_bytes};
pub(crate) use seal::Hashing;
pub use write::ArchiveWriter;
