//! Secrets without their values.
//!
//! A Secret is not decoded here: values may never enter a snapshot, so the one type of the runtime that carries
//! them makes these structs. They are written to archives and read back from them.

use super::{Kind, Object, metadata::ObjectMeta};
use crate::certificate::{CertificateFacts, CertificateProblem};
use serde::{Deserialize, Serialize};

/// What may be known of a Secret; an archive entry reads as one, with the facts beside the metadata.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Secret {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// For example `kubernetes.io/tls`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Sorted by name.
    pub keys: Vec<SecretKey>,
    /// The certificates of `tls.crt`, in their order there.
    pub certificates: Vec<CertificateFacts>,
    /// What is wrong with the content, as far as its type says what it must be.
    pub problems: Vec<SecretProblem>,
}

/// The same without the metadata, as an archive is given it; see [`Secret`] for the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretFacts {
    #[serde(rename = "type")]
    pub type_: String,
    pub keys: Vec<SecretKey>,
    pub certificates: Vec<CertificateFacts>,
    pub problems: Vec<SecretProblem>,
}

/// A key of a Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretKey {
    /// Name of the key.
    pub name: String,
    /// Length of the value in bytes.
    pub size: u64,
}

/// Something wrong with the content of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "problem")]
pub enum SecretProblem {
    /// A key that the type demands is not there.
    KeyMissing {
        /// Name of the key.
        key: String,
    },
    /// The certificate cannot be read.
    CertificateUnreadable {
        /// Name of the key.
        key: String,
        /// Why not.
        reason: CertificateProblem,
    },
    /// The value is not what the type says it is, for example no JSON.
    Malformed {
        /// Name of the key.
        key: String,
    },
    /// The private key belongs to another certificate.
    PrivateKeyMismatch,
}

impl Secret {
    /// Joins metadata and facts; the keys are put in order.
    pub fn new(metadata: ObjectMeta, facts: SecretFacts) -> Self {
        let SecretFacts { type_, keys, certificates, problems } = facts;
        let mut secret = Self { metadata, type_, keys, certificates, problems };
        secret.trim();
        secret
    }

    /// Whether the Secret has a key.
    pub fn has_key(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.name == name)
    }
}

impl Object for Secret {
    const KIND: Kind = Kind::Secret;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.trim();
        self.keys.sort_by(|left, right| left.name.cmp(&right.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_form_reads_back() {
        let key = |name: &str, size| SecretKey { name: name.to_owned(), size };
        let facts = SecretFacts {
            type_: "kubernetes.io/tls".to_owned(),
            keys: vec![key("tls.key", 1704), key("tls.crt", 1200)],
            certificates: Vec::new(),
            problems: vec![
                SecretProblem::KeyMissing { key: "ca.crt".to_owned() },
                SecretProblem::CertificateUnreadable {
                    key: "tls.crt".to_owned(),
                    reason: CertificateProblem::NoCertificate,
                },
            ],
        };
        let entry = serde_json::to_value(&facts).unwrap();
        assert_eq!(entry["keys"][0], serde_json::json!({ "name": "tls.key", "size": 1704 }));
        let secret = Secret::new(ObjectMeta::default(), facts);
        assert_eq!(secret.keys[0].name, "tls.crt");
        assert!(secret.has_key("tls.key") && !secret.has_key("ca.crt"));
        assert_eq!(crate::slim::from_json::<Secret>(entry.to_string().as_bytes()).unwrap(), secret);
    }

    #[test]
    fn values_of_a_raw_secret_are_not_read() {
        let raw = br#"{"metadata":{"name":"db"},"type":"Opaque","data":{"password":"aHVudGVyMg=="}}"#;
        let secret: Secret = crate::slim::from_json(raw).unwrap();
        assert_eq!((secret.type_.as_str(), secret.keys.len()), ("Opaque", 0));
        assert!(!format!("{secret:?}").contains("aHVudGVyMg"));
    }
}
