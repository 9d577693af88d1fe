//! What went wrong with a request, in the few classes that a report and an exit code tell apart.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};

use super::error::ConnectError;
use super::status;

/// Says why a request has no usable answer; no variant carries a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestFault {
    /// No connection came about, or it broke.
    #[error("cannot reach the server: {why}")]
    Unreachable { why: String },
    /// The server's certificate did not convince us.
    #[error("the server's certificate is not trusted: {why}")]
    CertificateUntrusted { why: String },
    /// The server does not know who we are.
    #[error("not authenticated")]
    Unauthenticated,
    /// The server knows who we are and refuses.
    #[error("forbidden: {message}")]
    Forbidden { message: String },
    /// The object, kind or path does not exist.
    #[error("not found")]
    NotFound,
    /// Somebody else was faster: the object is another, or another version of it.
    #[error("conflict: {message}")]
    Conflict { message: String },
    /// The server takes the object for wrong.
    #[error("invalid: {message}")]
    Invalid { message: String },
    /// The server asks to slow down.
    #[error("too many requests")]
    TooMany { retry_after: Option<Duration> },
    /// The list's continuation or version is too old.
    #[error("the requested version is gone")]
    Gone,
    /// The server failed.
    #[error("the server failed with {status}: {message}")]
    Server { status: u16, message: String },
    /// Something else than the API answered, such as a login page.
    #[error("the answer ({status}) is {content_type} instead of an API object")]
    WrongContentType { status: u16, content_type: String },
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// Anything else.
    #[error("{message}")]
    Other { message: String },
}

/// Puts an error of the client into its class.
pub fn classify(error: &kube::Error) -> RequestFault {
    match error {
        kube::Error::Api(status) => status::api_fault(status),
        kube::Error::SerdeError(source) => undecodable(source),
        kube::Error::FromUtf8(_) => RequestFault::Other { message: "the answer is not text".to_owned() },
        other => classify_chain(other),
    }
}

/// Keeps the place only: the decoder's own words quote the value that it stumbled over.
fn undecodable(source: &serde_json::Error) -> RequestFault {
    let (line, column) = (source.line(), source.column());
    RequestFault::Other { message: format!("the answer cannot be decoded (line {line}, column {column})") }
}

fn classify_chain(error: &(dyn StdError + 'static)) -> RequestFault {
    let chain = chain(error);
    if let Some(fault) = chain.iter().find_map(|cause| credential_fault(*cause).or_else(|| tls_fault(*cause))) {
        return fault;
    }
    let connecting = chain
        .iter()
        .any(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect()));
    let late = chain.iter().any(|cause| is_timeout(*cause));
    let why = chain.last().map(ToString::to_string).unwrap_or_default();
    match (late, connecting) {
        (true, true) => RequestFault::Unreachable { why: "no connection in time".to_owned() },
        (true, false) => RequestFault::Timeout,
        (false, _) if connecting || chain.iter().any(|cause| is_transport(*cause)) => RequestFault::Unreachable { why },
        _ => RequestFault::Other { message: why },
    }
}

/// Lists an error and its causes; an I/O error hides the error inside it from `source`.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    /// No real chain is that long; a cycle is.
    const DEEPEST: usize = 32;
    std::iter::successors(Some(error), |cause| cause_of(*cause)).take(DEEPEST).collect()
}

fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn credential_fault(cause: &(dyn StdError + 'static)) -> Option<RequestFault> {
    let error = cause.downcast_ref::<ConnectError>()?;
    Some(RequestFault::Other { message: error.to_string() })
}

fn tls_fault(cause: &(dyn StdError + 'static)) -> Option<RequestFault> {
    Some(match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(error) => {
            RequestFault::CertificateUntrusted { why: certificate_words(error) }
        }
        rustls::Error::AlertReceived(alert) if is_about_us(*alert) => RequestFault::Unauthenticated,
        rustls::Error::InvalidMessage(_) => RequestFault::Unreachable { why: "it does not speak TLS".to_owned() },
        other => RequestFault::Unreachable { why: other.to_string() },
    })
}

fn certificate_words(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "it is signed by an unknown authority".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name than the server's".to_owned()
        }
        CertificateError::BadSignature => "its signature is not the authority's".to_owned(),
        other => other.to_string(),
    }
}

/// These alerts are a server's verdict on the client's certificate.
fn is_about_us(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            // The authority was replaced by one of the same name, as a cluster's renewed authority is.
            | AlertDescription::DecryptError
    )
}

fn is_timeout(cause: &(dyn StdError + 'static)) -> bool {
    cause.is::<tokio::time::error::Elapsed>()
        || cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

fn is_transport(cause: &(dyn StdError + 'static)) -> bool {
    cause.is::<io::Error>() || cause.is::<hyper::Error>() || cause.is::<hyper_util::client::legacy::Error>()
}
