//! Reads the certificates and keys that a connection uses, and says early what is wrong with them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::error::ConnectError;
use super::kubeconfig::{Cluster, Hidden, User};

const AUTHORITY: &str = "certificate authority";

/// Holds a client certificate with its key, both as PEM.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ClientIdentity {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

/// Returns the authority's certificates as DER; inline data wins over a file, as in client-go.
///
/// # Errors
/// A file that cannot be read; content without a valid certificate.
pub(crate) fn authority(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, ConnectError> {
    let Some(source) = authority_source(cluster)? else { return Ok(None) };
    Ok(Some(certificates(AUTHORITY, &source)?.iter().map(|certificate| certificate.to_vec()).collect()))
}

/// Returns the authority's certificates as they are kept, in PEM.
///
/// # Errors
/// A file that cannot be read, data that is not base64.
pub(crate) fn authority_pem(cluster: &Cluster) -> Result<Option<Vec<u8>>, ConnectError> {
    Ok(authority_source(cluster)?.map(|source| source.bytes))
}

fn authority_source(cluster: &Cluster) -> Result<Option<Source>, ConnectError> {
    content(AUTHORITY, cluster.certificate_authority_data.as_deref(), cluster.certificate_authority.as_deref())
}

/// Returns the digest that tells one authority from another: hexadecimal SHA-256 of its certificates.
pub(crate) fn digest(authority: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    authority.iter().for_each(|certificate| hash.update(certificate));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the user's client certificate and key.
///
/// # Errors
/// Files that cannot be read, one without the other, content that means nothing, a certificate out of date at `now`.
pub(crate) fn client_identity(user: &User, now: Timestamp) -> Result<Option<ClientIdentity>, ConnectError> {
    let certificate =
        content("client certificate", user.client_certificate_data.as_deref(), user.client_certificate.as_deref())?;
    let key_data = user.client_key_data.as_ref().map(|Hidden(data)| data.as_str());
    let key = content("client key", key_data, user.client_key.as_deref())?;
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(incomplete("a client certificate", "--client-key FILE")),
        (None, Some(_)) => Err(incomplete("a client key", "--client-certificate FILE")),
        (Some(certificate), Some(key)) => checked_identity(&certificate, &key, now).map(Some),
    }
}

/// Checks a certificate and key, wherever they came from.
///
/// # Errors
/// Content that means nothing, or a certificate out of date at `now`.
pub(crate) fn checked_identity(
    certificate: &Source,
    key: &Source,
    now: Timestamp,
) -> Result<ClientIdentity, ConnectError> {
    let chain = certificates("client certificate", certificate)?;
    if let Some(leaf) = chain.first() {
        check_dates(leaf, certificate, now)?;
    }
    // The parser's reason is dropped: it could quote the key.
    PrivateKeyDer::from_pem_slice(&key.bytes).map_err(|_| invalid("client key", key, "it is no PEM private key"))?;
    Ok(ClientIdentity { certificate: certificate.bytes.clone(), key: key.bytes.clone() })
}

/// Holds bytes and the place that a message names for them.
pub(crate) struct Source {
    pub place: String,
    pub bytes: Vec<u8>,
}

fn content(what: &'static str, data: Option<&str>, path: Option<&str>) -> Result<Option<Source>, ConnectError> {
    if let Some(data) = data.filter(|data| !data.is_empty()) {
        return decode(what, data).map(Some);
    }
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(None) };
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Source { place: path.to_owned(), bytes })),
        Err(source) => Err(ConnectError::FileUnreadable { what, path: PathBuf::from(Path::new(path)), source }),
    }
}

/// Decodes inline data; Go's decoder skips line breaks, and generators wrap lines.
fn decode(what: &'static str, data: &str) -> Result<Source, ConnectError> {
    let compact: String = data.chars().filter(|c| !c.is_whitespace()).collect();
    let place = "the kubeconfig".to_owned();
    match STANDARD.decode(compact) {
        Ok(bytes) => Ok(Source { place, bytes }),
        Err(_) => Err(ConnectError::CertificateInvalid { what, place, why: "it is not base64".into() }),
    }
}

fn certificates(what: &'static str, source: &Source) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&source.bytes).collect();
    let found = found.map_err(|_| invalid(what, source, "it is not PEM"))?;
    if found.is_empty() {
        return Err(invalid(what, source, "it holds no certificate"));
    }
    for certificate in &found {
        X509Certificate::from_der(certificate).map_err(|_| invalid(what, source, "it is not an X.509 certificate"))?;
    }
    Ok(found)
}

fn check_dates(leaf: &CertificateDer<'_>, source: &Source, now: Timestamp) -> Result<(), ConnectError> {
    let (_, parsed) =
        X509Certificate::from_der(leaf).map_err(|_| invalid("client certificate", source, "it is not X.509"))?;
    let end = parsed.validity().not_after.timestamp();
    match Timestamp::from_second(end) {
        Ok(expired) if expired < now => Err(ConnectError::CertificateExpired { place: source.place.clone(), expired }),
        _ => Ok(()),
    }
}

fn invalid(what: &'static str, source: &Source, why: &str) -> ConnectError {
    ConnectError::CertificateInvalid { what, place: source.place.clone(), why: why.to_owned() }
}

fn incomplete(given: &str, missing: &str) -> ConnectError {
    ConnectError::Incomplete { given: given.to_owned(), missing: missing.to_owned() }
}
