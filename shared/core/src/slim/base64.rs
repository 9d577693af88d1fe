//! Bytes in JSON: standard base64, as certificates are written.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// Reads a JSON string of base64.
pub(super) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_str(Text)
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Vec<u8>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        decode(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Decodes standard base64; line breaks are skipped, as Go does.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let body = &digits[..digits.len() - padding];
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    for group in body.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, &byte| Some(bits << 6 | sextet(byte)?))?;
        let aligned = bits << (6 * (4 - group.len())) << 8;
        bytes.extend_from_slice(&aligned.to_be_bytes()[..group.len() * 6 / 8]);
    }
    Some(bytes)
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_examples_decode() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba")] {
            assert_eq!(decode(text).unwrap(), bytes.as_bytes(), "{text}");
        }
        assert_eq!(decode("/+8=").unwrap(), [0xff, 0xef]);
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["Zg", "Z===", "Zg=a", "Zm9*", "===="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
