//! Why a list is not whole.

use std::time::Duration;

/// Tells why there is no whole list.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ListFault {
    #[error("forbidden: {message}")]
    Forbidden { message: String },
    #[error("not authenticated")]
    Unauthenticated,
    /// The server does not serve this kind: it is not installed.
    #[error("not served")]
    NotFound,
    #[error("timed out after {}", seconds(after))]
    TimedOut { after: Duration },
    /// The answer stopped, or did not add up, in the second attempt too.
    #[error("cut short after {items} items: {why}")]
    CutShort { items: usize, why: String },
    /// The server, or a server behind it, refused with this HTTP status.
    #[error("unavailable: HTTP {status}{}", after_colon(message))]
    Unavailable { status: u16, message: String },
    /// The server asks to come back later, more often or for longer than there is time.
    #[error("too many requests")]
    TooMany { retry_after: Option<Duration> },
    /// The server forgot the list between its pages, in the second attempt too.
    #[error("the list expired while it was read")]
    Expired,
    /// Something answered that is no Kubernetes list; a proxy's page, for example.
    #[error("not an answer of a Kubernetes API server: {got}")]
    WrongContentType { got: String },
    #[error("unreachable: {why}")]
    Unreachable { why: String },
    #[error("the server's certificate is not trusted: {why}")]
    CertificateUntrusted { why: String },
}

fn seconds(duration: &Duration) -> String {
    format!("{} s", (duration.as_secs_f64() * 10.0).round() / 10.0)
}

fn after_colon(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// What stopped one walk through the pages, before it is known whether there will be another.
#[derive(Debug)]
pub enum Setback {
    /// The body ended early or does not add up.
    Cut {
        why: String,
    },
    /// The server no longer knows the list that the continue token belongs to.
    Gone,
    /// The server has not got the encoding that was asked for.
    EncodingRefused {
        status: u16,
        message: String,
    },
    Final(ListFault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_one_line() {
        let stalled = ListFault::TimedOut { after: Duration::from_millis(1500) };
        assert_eq!(stalled.to_string(), "timed out after 1.5 s");
        let down = ListFault::Unavailable { status: 503, message: "service unavailable".into() };
        assert_eq!(down.to_string(), "unavailable: HTTP 503: service unavailable");
    }
}
