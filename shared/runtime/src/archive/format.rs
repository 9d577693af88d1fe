//! Names, limits and the manifest of an archive.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sre_core::slim::Kind;
use std::collections::BTreeMap;

/// Version of the format; a reader refuses a later one.
pub const FORMAT: u32 = 1;

/// Entry that says what was read and what not.
pub const COVERAGE: &str = "coverage.json";

/// The last entry.
pub(super) const MANIFEST: &str = "manifest.json";

/// Folder of the objects.
pub(super) const OBJECTS: &str = "objects/";

/// An object of an API server is at most 1.5 MiB in etcd; custom servers allow more.
pub(super) const LARGEST_ENTRY: u64 = 64 << 20;

/// More objects than any API server serves at an acceptable speed.
pub(super) const MOST_ENTRIES: usize = 5_000_000;

/// JSON of Kubernetes objects packs to a fiftieth at the most; far beyond that it is made to harm.
pub(super) const LARGEST_RATIO: u64 = 2_000;

/// What every archive may unpack to, however small it is.
pub(super) const ALWAYS_ALLOWED: u64 = 64 << 20;

/// What no archive may unpack to.
pub(super) const LARGEST_WHOLE: u64 = 64 << 30;

/// A file ends in a zstd frame that decoders skip (RFC 8878, 3.1.2): this head, then the SHA-256 of all bytes before it.
///
/// The checksum of the data does not cover the head of its own frame, and a sidecar may be lost on the way.
pub(super) const SEAL_HEAD: [u8; 8] = [0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0];

/// Bytes of the seal.
pub(super) const SEAL: u64 = SEAL_HEAD.len() as u64 + 32;

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
    /// SHA-256 of each other entry, hexadecimal.
    pub entries: BTreeMap<String, String>,
}

/// The name of an object's entry: `objects/apps_v1/deployments/shop/web.json`.
///
/// Characters that a file system or `tar` could misread are written as `%XX`, so that no two objects share a name.
pub(super) fn entry_name(kind: Kind, namespace: &str, name: &str) -> String {
    let info = kind.info();
    let place = if namespace.is_empty() { "_cluster".to_owned() } else { safe(namespace) };
    format!("{OBJECTS}{}/{}/{place}/{}.json", info.api_version.replace('/', "_"), info.plural, safe(name))
}

fn safe(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let all_dots = name.bytes().all(|byte| byte == b'.');
    let written = |byte: u8| {
        if plain(byte) && !all_dots { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    name.bytes().map(written).collect()
}

/// SHA-256 in hexadecimal, as `sha256sum` writes it.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
