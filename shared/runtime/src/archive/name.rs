//! Names of entries, and of the file beside an archive.

use super::format::{OBJECTS, digest};
use sre_core::slim::Kind;
use std::path::{Path, PathBuf};

/// File systems take 255 bytes; a name of Kubernetes may have 253, and some characters are written as three.
const LONGEST: usize = 240;

/// How much of a longer name stays readable.
const KEPT: usize = 160;

/// The name of an object's entry: `objects/apps_v1/deployments/shop/web.json`, with the usual version of its kind,
/// whichever it was served in: an object has one name.
///
/// Characters that a file system or `tar` could misread or fold are written as `%XX`, and what is too long ends in `~` and
/// its digest, so that no two objects share a name.
pub(super) fn entry_name(kind: Kind, namespace: &str, name: &str) -> String {
    let info = kind.info();
    let place = if namespace.is_empty() { "_cluster".to_owned() } else { safe(namespace) };
    format!("{OBJECTS}{}/{}/{place}/{}.json", info.api_version.replace('/', "_"), info.plural, safe(name))
}

/// The file that holds the digest of an archive.
pub(crate) fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

fn safe(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let all_dots = name.bytes().all(|byte| byte == b'.');
    let written = |byte: u8| {
        if plain(byte) && !all_dots { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let safe: String = name.bytes().map(written).collect();
    if safe.len() <= LONGEST { safe } else { format!("{}~{}", &safe[..KEPT], digest(name.as_bytes())) }
}
