//! Digests of values, the same for ever and everywhere.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A value as JSON without blanks, the fields of each object in the order of their names.
pub fn canonical(value: &impl Serialize) -> String {
    // Objects of `serde_json` are maps that are sorted by key.
    serde_json::to_value(value).map_or_else(|_| String::new(), |value| value.to_string())
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_fields_is_always_the_same() {
        let value: serde_json::Value =
            serde_json::from_str(r#"{"b": 1, "a": {"d": [2, 1], "c": null}}"#).expect("JSON");
        assert_eq!(canonical(&value), r#"{"a":{"c":null,"d":[2,1]},"b":1}"#);
    }

    #[test]
    fn a_digest_is_the_published_one() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
