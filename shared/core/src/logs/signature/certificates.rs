//! Certificates that a process does not take, or its peer.

use super::words::address;
use super::{Gives, Signature};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "certificate-expired",
        says: |it| {
            it.has(&[
                "certificate has expired",
                "cert_has_expired",
                "certificateexpiredexception",
                "certificate expired",
            ]) || it.holds(&["certificate"]) && it.has(&["not yet valid", "certificatenotyetvalid"])
        },
        subject: address,
        sentence: |of| format!("the certificate{} is outside of its dates", whose(of)),
        gives: Gives::Certificate,
        is_general: false,
    },
    Signature {
        id: "certificate-of-another",
        says: |it| {
            it.has(&["certificate is valid for", "err_tls_cert_altname_invalid", "no subject alternative"])
                && !it.holds(&["certificate is valid for another", "days"])
                || it.has(&["hostname mismatch"]) && it.holds(&["certificate"])
        },
        subject: address,
        sentence: |of| format!("the certificate{} is for another name", whose(of)),
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "certificate-untrusted",
        says: |it| {
            it.has(&[
                "signed by unknown authority",
                "unable to get local issuer certificate",
                "self signed certificate",
                "self-signed certificate in",
                "depth_zero_self_signed_cert",
                "unable_to_verify_leaf_signature",
                "pkix path building failed",
                "certificate verify failed",
                "certificate_verify_failed",
            ]) && !it.holds(&["generat", "created"])
        },
        subject: address,
        sentence: |of| format!("it does not trust the certificate{}", whose(of)),
        gives: Gives::Words,
        is_general: false,
    },
];

fn whose(host: Option<&str>) -> String {
    host.map_or_else(String::new, |host| format!(" of {host}"))
}
