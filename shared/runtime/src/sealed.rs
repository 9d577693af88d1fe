//! Secret values: the one type that carries them, and what it gives out.
//!
//! A Secret is decoded here, from either encoding, and only facts leave: key names, sizes, and the
//! certificate of `tls.crt`. Values are overwritten when the carrier goes.

mod helm;
mod text;

pub use helm::{Releases, Unreadable};
pub(crate) use text::SealedText;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use prost::Message;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sre_core::certificate::CertificateFacts;
use sre_core::slim::{Lenient, ObjectMeta, Secret, SecretFacts, SecretKey, SecretProblem};
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroize;

/// Type of the Secrets in which Helm keeps its releases.
pub const HELM_RELEASE: &str = "helm.sh/release.v1";

/// Type of the Secrets that hold a certificate and its private key.
const TLS: &str = "kubernetes.io/tls";

/// Field of an archived Secret that holds its facts in place of values.
const FACTS: &str = "sealed";

/// Annotation in which kubectl keeps whole objects, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A Secret with its values, which never leave it.
#[derive(Debug)]
pub struct Sealed {
    wire: Wire,
}

/// Field numbers: `k8s.io.api.core.v1.Secret` of the published `generated.proto`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[prost(skip_debug)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    #[prost(message, required, tag = "1")]
    metadata: ObjectMeta,
    #[prost(btree_map = "string, bytes", tag = "2")]
    #[serde(deserialize_with = "from_base64")]
    data: BTreeMap<String, Vec<u8>>,
    #[prost(string, tag = "3")]
    #[serde(rename = "type")]
    type_: String,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    items: Vec<Wire>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: String,
}

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(sealed)")
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.wire.data.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Sealed {
    /// Reads a Secret as the API server sends it in protobuf.
    ///
    /// # Errors
    /// Says that the bytes are no Secret; the words hold none of them.
    pub fn from_protobuf(bytes: &[u8]) -> Result<Self, String> {
        Wire::decode(bytes).map(|wire| Self { wire }).map_err(|_| "no Secret in protobuf".to_owned())
    }

    /// Reads a Secret as JSON has it, with values in base64.
    ///
    /// # Errors
    /// Says where the bytes are no Secret; the words hold none of them.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let place = |error: serde_json::Error| format!("no Secret: line {}, column {}", error.line(), error.column());
        let Lenient(wire) = serde_json::from_slice::<Lenient<Wire>>(bytes).map_err(place)?;
        Ok(Self { wire })
    }

    /// Reads a page of Secrets as JSON has it, and the token of the next.
    ///
    /// # Errors
    /// Says where the bytes are no such list; the words hold none of them.
    pub(crate) fn page_from_json(bytes: &[u8]) -> Result<(Vec<Self>, Option<String>), String> {
        let place = |error: serde_json::Error| format!("no Secrets: line {}, column {}", error.line(), error.column());
        let page: Page = serde_json::from_slice(bytes).map_err(place)?;
        let token = Some(page.metadata.next).filter(|it| !it.is_empty());
        Ok((page.items.into_iter().map(|wire| Self { wire }).collect(), token))
    }

    /// The type of the Secret.
    pub fn secret_type(&self) -> &str {
        &self.wire.type_
    }

    /// The Secret without its values.
    pub fn secret(&self) -> Secret {
        Secret::new(self.wire.metadata.clone(), self.facts())
    }

    /// What may be known of the content.
    pub fn facts(&self) -> SecretFacts {
        let size = |(name, value): (&String, &Vec<u8>)| SecretKey { name: name.clone(), size: value.len() as u64 };
        let mut facts = SecretFacts {
            type_: self.wire.type_.clone(),
            keys: self.wire.data.iter().map(size).collect(),
            certificates: Vec::new(),
            problems: Vec::new(),
        };
        if let Some(pem) = self.wire.data.get("tls.crt") {
            self.read_certificate(pem, &mut facts);
        }
        if self.wire.type_ == TLS {
            let missing = ["tls.crt", "tls.key"].into_iter().filter(|key| !self.wire.data.contains_key(*key));
            facts.problems.extend(missing.map(|key| SecretProblem::KeyMissing { key: key.to_owned() }));
        }
        facts.problems.extend(self.malformed().map(|key| SecretProblem::Malformed { key: key.to_owned() }));
        facts
    }

    /// The key whose value is not what the type demands, beyond what the API server refuses itself.
    fn malformed(&self) -> Option<&'static str> {
        let (key, is_fit): (_, fn(&[u8]) -> bool) = match self.wire.type_.as_str() {
            "kubernetes.io/dockerconfigjson" => (".dockerconfigjson", |text| {
                serde_json::from_slice::<Registries>(text).is_ok_and(|read| read.auths.values().all(Login::is_fit))
            }),
            "kubernetes.io/dockercfg" => (".dockercfg", |text| {
                let read = serde_json::from_slice::<BTreeMap<String, Login>>(text);
                read.is_ok_and(|logins| logins.values().all(Login::is_fit))
            }),
            "kubernetes.io/ssh-auth" => ("ssh-privatekey", is_private_key),
            _ => return None,
        };
        self.wire.data.get(key).is_some_and(|value| !is_fit(value)).then_some(key)
    }

    fn read_certificate(&self, pem: &[u8], facts: &mut SecretFacts) {
        match CertificateFacts::read_pem(pem) {
            Ok(certificates) => facts.certificates = certificates,
            Err(reason) => {
                facts.problems.push(SecretProblem::CertificateUnreadable { key: "tls.crt".to_owned(), reason });
                return;
            }
        }
        let (Some(key), Some(leaf)) = (self.wire.data.get("tls.key"), facts.certificates.first()) else { return };
        let Ok(key) = PrivateKeyDer::from_pem_slice(key) else {
            return facts.problems.push(SecretProblem::Malformed { key: "tls.key".to_owned() });
        };
        // Of a kind of key that cannot be reckoned with here, nothing is known to be wrong.
        if public_key_digest(&key).is_some_and(|digest| digest != leaf.public_key_digest) {
            facts.problems.push(SecretProblem::PrivateKeyMismatch);
        }
    }
}

/// What container runtimes read of a file of registry logins.
#[derive(Deserialize)]
struct Registries {
    auths: BTreeMap<String, Login>,
}

/// A login; what is not a login in base64 makes the whole file useless.
#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    auth: Option<String>,
}

impl Login {
    fn is_fit(&self) -> bool {
        let Some(text) = self.auth.as_ref().filter(|text| !text.is_empty()) else { return true };
        let decoded = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
        decoded.is_ok_and(|mut login| {
            let has_both = login.contains(&b':');
            login.zeroize();
            has_both
        })
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.auth.zeroize();
    }
}

/// Whether it is written as OpenSSH, OpenSSL or PuTTY write one.
fn is_private_key(text: &[u8]) -> bool {
    let is_key = |text: &str| {
        (text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----")) || text.contains("PuTTY-User-Key-File")
    };
    std::str::from_utf8(text).is_ok_and(is_key)
}

/// Digest of the public key that belongs to a private one, as certificates are compared by.
fn public_key_digest(private_key: &PrivateKeyDer<'_>) -> Option<String> {
    let signer = any_supported_type(private_key).ok()?;
    let public = signer.public_key()?;
    let digest = Sha256::digest(public.as_ref());
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads a Secret from JSON: with values as the API has it, or with facts as our archives have it.
///
/// # Errors
/// Says where the bytes are no Secret; the words hold none of them.
pub fn secret_from_json(bytes: &[u8]) -> Result<Secret, String> {
    let place = |error: serde_json::Error| format!("no Secret: line {}, column {}", error.line(), error.column());
    let Lenient(archived) = serde_json::from_slice::<Lenient<Archived>>(bytes).map_err(place)?;
    match archived.sealed {
        Some(facts) => Ok(Secret::new(archived.metadata, facts)),
        None => Sealed::from_json(bytes).map(|sealed| sealed.secret()),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Archived {
    metadata: ObjectMeta,
    sealed: Option<SecretFacts>,
}

/// The form of a Secret for an archive: the object without values, its facts in their place.
///
/// # Errors
/// Says where the bytes are no Secret; the words hold none of them.
pub fn archived_form(bytes: &[u8]) -> Result<(Secret, Vec<u8>), String> {
    let sealed = Sealed::from_json(bytes)?;
    let place = |error: serde_json::Error| format!("no Secret: line {}, column {}", error.line(), error.column());
    let mut object: Value = serde_json::from_slice(bytes).map_err(place)?;
    let Some(fields) = object.as_object_mut() else { return Err("no Secret: no object".to_owned()) };
    for values in ["data", "stringData"] {
        fields.remove(values);
    }
    if let Some(annotations) = fields.get_mut("metadata").and_then(|it| it.get_mut("annotations")?.as_object_mut()) {
        annotations.remove(LAST_APPLIED);
    }
    fields.insert(FACTS.to_owned(), serde_json::to_value(sealed.facts()).unwrap_or_default());
    let text = serde_json::to_vec(&object).map_err(place)?;
    Ok((sealed.secret(), text))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<u8>>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    let mut values = BTreeMap::new();
    for (key, mut text) in texts {
        let value = STANDARD.decode(text.as_bytes());
        text.zeroize();
        values.insert(key, value.map_err(|_| serde::de::Error::custom("a value is no base64"))?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPAQUE: &str = r#"{"apiVersion":"v1","kind":"Secret","type":"Opaque",
        "metadata":{"name":"db","namespace":"shop","annotations":
            {"kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"password\":\"aHVudGVyMg==\"}}"}},
        "data":{"password":"aHVudGVyMg==","user":null}}"#;

    #[test]
    fn names_and_sizes_leave_and_values_do_not() {
        let sealed = Sealed::from_json(OPAQUE.as_bytes()).unwrap();
        let secret = sealed.secret();
        let keys: Vec<(&str, u64)> = secret.keys.iter().map(|key| (key.name.as_str(), key.size)).collect();
        assert_eq!(keys, [("password", 7), ("user", 0)]);
        for text in [format!("{sealed:?}"), format!("{secret:?}")] {
            assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
        }
    }

    #[test]
    fn the_archived_form_has_facts_and_reads_back_the_same() {
        let (secret, text) = archived_form(OPAQUE.as_bytes()).unwrap();
        let written = String::from_utf8(text.clone()).unwrap();
        assert!(!written.contains("aHVudGVyMg") && !written.contains("last-applied"), "{written}");
        assert_eq!(secret_from_json(&text).unwrap(), secret);
        assert_eq!(secret_from_json(OPAQUE.as_bytes()).unwrap(), secret);
    }

    #[test]
    fn errors_hold_no_value() {
        let broken = OPAQUE.replace("aHVudGVyMg==", "!hunter2!");
        let error = Sealed::from_json(broken.as_bytes()).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(Sealed::from_protobuf(b"\x0a\xffhunter2").unwrap_err().starts_with("no Secret"));
    }

    #[test]
    fn protobuf_gives_the_same_facts() {
        let sealed = Sealed::from_json(OPAQUE.as_bytes()).unwrap();
        let bytes = sealed.wire.encode_to_vec();
        assert_eq!(Sealed::from_protobuf(&bytes).unwrap().facts(), sealed.facts());
    }

    #[test]
    fn a_private_key_of_another_certificate_is_noticed() {
        let issued = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        let secret = |key: &str| {
            let wire = Wire {
                metadata: ObjectMeta::default(),
                data: BTreeMap::from([
                    ("tls.crt".to_owned(), issued.cert.pem().into_bytes()),
                    ("tls.key".to_owned(), key.as_bytes().to_vec()),
                ]),
                type_: TLS.to_owned(),
            };
            Sealed { wire }.facts()
        };
        assert_eq!(secret(&issued.signing_key.serialize_pem()).problems, []);
        assert_eq!(secret(&other.signing_key.serialize_pem()).problems, [SecretProblem::PrivateKeyMismatch]);
        assert_eq!(secret(&issued.signing_key.serialize_pem()).certificates[0].dns_names, ["shop.example"]);
        assert!(matches!(&secret("nonsense").problems[..], [SecretProblem::Malformed { .. }]));
    }

    #[test]
    fn logins_and_keys_that_nothing_can_read_are_noticed() {
        let is_malformed = |type_: &str, key: &str, value: &str| {
            let data = BTreeMap::from([(key.to_owned(), value.as_bytes().to_vec())]);
            let facts = Sealed { wire: Wire { type_: type_.to_owned(), data, ..Wire::default() } }.facts();
            assert!(!format!("{facts:?}").contains(value));
            matches!(&facts.problems[..], [SecretProblem::Malformed { key: named }] if named == key)
        };
        let logins = |text: &str| is_malformed("kubernetes.io/dockerconfigjson", ".dockerconfigjson", text);
        assert!(!logins(r#"{"auths":{"registry.example":{"auth":"dXNlcjpwYXNz"}}}"#));
        assert!(!logins(r#"{"auths":{"registry.example":{"username":"user","password":"pass"}},"credsStore":"x"}"#));
        assert!(!logins(r#"{"auths":{}}"#));
        assert!(logins(r#"{"registry.example":{"auth":"dXNlcjpwYXNz"}}"#), "the old form");
        assert!(logins(r#"{"auths":{"registry.example":{"auth":"user:pass"}}}"#), "no base64");
        assert!(logins(r#"{"auths":{"registry.example":{"auth":"dXNlcg=="}}}"#), "no password");
        let old = |text: &str| is_malformed("kubernetes.io/dockercfg", ".dockercfg", text);
        assert!(!old(r#"{"registry.example":{"auth":"dXNlcjpwYXNz"}}"#));
        assert!(old(r#"["registry.example"]"#));
        let key = |text: &str| is_malformed("kubernetes.io/ssh-auth", "ssh-privatekey", text);
        assert!(!key("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----"));
        assert!(key("ssh-ed25519 AAAA on-call"), "a public key");
    }
}
