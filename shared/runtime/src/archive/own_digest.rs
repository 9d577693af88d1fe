//! The digest by which a manifest vouches for itself: nothing else covers it in a directory.

use super::format::{Manifest, digest};

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
    is_digest && digest(text.replacen(&field(told), &field(&blank_digits()), 1).as_bytes()) == told
}

fn blank_digits() -> String {
    "0".repeat(64)
}

/// As `serde_json` writes it; inside a text its quotes would be escaped, so that it stands in one place only.
fn field(digits: &str) -> String {
    format!("\"sha256\": \"{digits}\"")
}
