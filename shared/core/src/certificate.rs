//! What X.509 certificates say: names, dates, digest of the public key. Signatures are not checked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::time::ASN1Time;

/// What is kept of a certificate; all of it is public.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateFacts {
    /// Distinguished name of the owner, for example `CN=shop.example`.
    pub subject: String,
    /// Distinguished name of the signer.
    pub issuer: String,
    /// Serial number, hexadecimal with colons.
    pub serial: String,
    /// Valid from here on.
    pub not_before: Timestamp,
    /// Valid until here.
    pub not_after: Timestamp,
    /// Host names that it stands for, wildcards included.
    pub dns_names: Vec<String>,
    /// Addresses that it stands for.
    pub ip_addresses: Vec<IpAddr>,
    /// Whether it may sign others.
    pub is_ca: bool,
    /// Whether owner and signer have the same name.
    pub self_signed: bool,
    /// SHA-256 of the public key (its whole SubjectPublicKeyInfo), hexadecimal.
    pub public_key_digest: String,
}

/// Why certificates cannot be read; never repeats what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateProblem {
    /// There is no PEM block of a certificate.
    #[error("no PEM block of a certificate")]
    NoCertificate,
    /// A PEM block has no end or holds no base64.
    #[error("a PEM block is damaged")]
    BrokenPem,
    /// A PEM block of a certificate holds no X.509 certificate.
    #[error("a PEM block holds no X.509 certificate")]
    BrokenCertificate,
}

impl CertificateFacts {
    /// Reads every certificate of a PEM text, in their order; other blocks are passed over.
    pub fn read_pem(text: &[u8]) -> Result<Vec<Self>, CertificateProblem> {
        let mut certificates = Vec::new();
        for block in Pem::iter_from_buffer(text) {
            let block = block.map_err(|_| CertificateProblem::BrokenPem)?;
            if block.label == "CERTIFICATE" {
                certificates.push(Self::read_der(&block.contents)?);
            }
        }
        if certificates.is_empty() { Err(CertificateProblem::NoCertificate) } else { Ok(certificates) }
    }

    /// Reads one certificate.
    pub fn read_der(bytes: &[u8]) -> Result<Self, CertificateProblem> {
        let (_, certificate) =
            x509_parser::parse_x509_certificate(bytes).map_err(|_| CertificateProblem::BrokenCertificate)?;
        facts(&certificate).ok_or(CertificateProblem::BrokenCertificate)
    }

    /// Whether it stands for the host name or address; a wildcard stands for exactly one label.
    pub fn covers(&self, host: &str) -> bool {
        match host.parse::<IpAddr>() {
            Ok(address) => self.ip_addresses.contains(&address),
            Err(_) => self.dns_names.iter().any(|name| stands_for(name, host)),
        }
    }

    /// Whether the other's name is that of this one's signer, as a chain in order has it.
    pub fn is_issued_by(&self, other: &Self) -> bool {
        self.issuer == other.subject
    }
}

fn facts(certificate: &X509Certificate<'_>) -> Option<CertificateFacts> {
    let (dns_names, ip_addresses) = alternative_names(certificate);
    Some(CertificateFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial: certificate.raw_serial_as_string(),
        not_before: timestamp(certificate.validity().not_before)?,
        not_after: timestamp(certificate.validity().not_after)?,
        dns_names,
        ip_addresses,
        is_ca: certificate.is_ca(),
        self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
        public_key_digest: hexadecimal(&Sha256::digest(certificate.public_key().raw)),
    })
}

fn alternative_names(certificate: &X509Certificate<'_>) -> (Vec<String>, Vec<IpAddr>) {
    let (mut hosts, mut addresses) = (Vec::new(), Vec::new());
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return (hosts, addresses) };
    for name in &extension.value.general_names {
        match name {
            GeneralName::DNSName(host) => hosts.push((*host).to_owned()),
            GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
            _ => {}
        }
    }
    (hosts, addresses)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

fn timestamp(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn stands_for(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && same(rest, parent)),
        None => same(name, host),
    }
}

fn same(left: &str, right: &str) -> bool {
    left.trim_end_matches('.').eq_ignore_ascii_case(right.trim_end_matches('.'))
}

#[cfg(test)]
mod tests;
