//! The digest by which a manifest vouches for itself: nothing else covers it in a directory.

use super::format::{Manifest, digest, hexadecimal};
use sha2::{Digest, Sha256};

/// The text of a manifest that vouches for itself.
pub(super) fn sealed_text(manifest: &Manifest) -> serde_json::Result<Vec<u8>> {
    let blank = serde_json::to_string_pretty(&Manifest { sha256: blank_digits(), ..manifest.clone() })?;
    let own = digest(blank.as_bytes());
    Ok(blank.replacen(&field(&blank_digits()), &field(&own), 1).into_bytes())
}

/// Whether a text is the one that its digest was made of.
pub(super) fn is_sound(text: &[u8], told: &str) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let is_digest = told.len() == 64 && told.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest && digest_of_blank(text, told) == told
}

/// The digest of a text with its own digits blank. A manifest can be a hundred megabytes, so it is not copied.
fn digest_of_blank(text: &str, told: &str) -> String {
    let Some((before, after)) = text.split_once(&field(told)) else { return digest(text.as_bytes()) };
    let parts = [before, &field(&blank_digits()), after];
    let hash = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part));
    hexadecimal(&hash.finalize())
}

fn blank_digits() -> String {
    "0".repeat(64)
}

/// As `serde_json` writes it; inside a text its quotes would be escaped, so that it stands in one place only.
fn field(digits: &str) -> String {
    format!("\"sha256\": \"{digits}\"")
}
