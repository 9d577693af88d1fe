//! Names, limits and the manifest of an archive.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Version of the format; a reader refuses a later one.
pub const FORMAT: u32 = 1;

/// Entry that says what was read and what not.
pub const COVERAGE: &str = "coverage.json";

/// Entry that says what the caller may do, as far as that was asked.
pub(super) const ACCESS: &str = "access.json";

/// The last entry.
pub(super) const MANIFEST: &str = "manifest.json";

/// Folder of what others than the API server answered.
pub(super) const ANSWERS: &str = "answers/";

/// Folder of the ends of logs.
pub(super) const LOGS: &str = "logs/";

/// Folder of the objects.
pub(super) const OBJECTS: &str = "objects/";

/// An object of an API server is at most 1.5 MiB in etcd; custom servers allow more.
pub(super) const LARGEST_ENTRY: u64 = 64 << 20;

/// What stands beside the objects (coverage, health endpoints) is kept in memory; it is a few kilobytes.
pub(super) const LARGEST_REST: u64 = 64 << 20;

/// The manifest has about 200 bytes for each entry.
pub(super) const LARGEST_MANIFEST: u64 = MOST_ENTRIES as u64 * 200;

/// More objects than any API server serves at an acceptable speed.
pub(super) const MOST_ENTRIES: usize = 5_000_000;

/// JSON of Kubernetes objects packs to a fiftieth at the most; far beyond that it is made to harm.
pub(super) const LARGEST_RATIO: u64 = 2_000;

/// What every archive may unpack to, however small it is.
pub(super) const ALWAYS_ALLOWED: u64 = 64 << 20;

/// What no archive may unpack to.
pub(super) const LARGEST_WHOLE: u64 = 64 << 30;

/// The folder of an object is four names deep; more is made to harm.
pub(super) const DEEPEST: usize = 16;

/// Four names of at most 255 bytes, the most that file systems take.
pub(super) const LONGEST_PATH: u64 = 1024;

/// The last entry: what the archive is, and a digest of every other entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// Name of the program that wrote it.
    pub tool: String,
    /// Version of that program.
    pub tool_version: String,
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// Address of the API server.
    pub server: Option<String>,
    /// Version of the API server.
    pub server_version: Option<String>,
    /// User of the kubeconfig.
    pub user: Option<String>,
    /// Flags that led to the cluster, each a word; no token is among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<String>,
    /// Digest of the certificates that the server was checked with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Uid of the namespace `kube-system`, which stands for the cluster.
    pub cluster_uid: Option<String>,
    /// The one namespace that was read; absent for all.
    pub namespace: Option<String>,
    /// The server's clock when it was read; every decision takes this as its time.
    pub taken_at: jiff::Timestamp,
    /// When reading began, by our clock.
    pub start: jiff::Timestamp,
    /// When reading ended, by our clock.
    pub end: jiff::Timestamp,
    /// Objects by kind.
    pub counts: BTreeMap<String, usize>,
    /// What somebody who reads it should know.
    pub warnings: Vec<String>,
    /// SHA-256 of this file with these digits written as zeros.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// SHA-256 of each other entry, hexadecimal; only written, a reader compares them while they come in.
    #[serde(skip_deserializing)]
    pub entries: BTreeMap<String, String>,
}

/// SHA-256 in hexadecimal, as `sha256sum` writes it.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
