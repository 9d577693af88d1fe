//! Reads the answers that are no success: their status, their headers, and the API's own message.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use prost::Message as _;
use serde::Deserialize;

use super::fault::RequestFault;

/// A server's message is cut after this many characters.
const LONGEST_MESSAGE: usize = 500;
/// What stands before every Kubernetes object in protobuf.
const PROTOBUF_MAGIC: &[u8] = b"k8s\0";

/// Puts an answer that is no success into its class; `body` may be cut short and is never quoted.
///
/// Only the `message` of a Kubernetes `Status`, in JSON or protobuf, is read from it.
pub fn status_fault(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> RequestFault {
    if let Some(fault) = content_fault(status, headers) {
        return fault;
    }
    let said = said(body);
    let header =
        headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
    let retry_after = header.or(said.retry_after_seconds).map(Duration::from_secs);
    fault(status.as_u16(), &said.message, retry_after)
}

/// Returns the fault of an answer that no API server gives: a page for a browser.
pub fn content_fault(status: StatusCode, headers: &HeaderMap) -> Option<RequestFault> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media_type.as_str(), "text/html" | "application/xhtml+xml")
        .then(|| RequestFault::WrongContentType { status: status.as_u16(), content_type: media_type })
}

/// Puts a `Status` that the client has read into its class.
pub(crate) fn api_fault(status: &kube::core::Status) -> RequestFault {
    // The client puts whatever it could not parse into the message.
    let is_real = status.reason != "Failed to parse error data";
    let message = if is_real { status.message.as_str() } else { "" };
    let seconds = status.details.as_ref().map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0);
    fault(status.code, message, seconds.map(|seconds| Duration::from_secs(u64::from(seconds))))
}

fn fault(status: u16, message: &str, retry_after: Option<Duration>) -> RequestFault {
    let message = tame(status, message);
    match status {
        401 => RequestFault::Unauthenticated,
        403 => RequestFault::Forbidden { message },
        404 => RequestFault::NotFound,
        409 => RequestFault::Conflict { message },
        410 => RequestFault::Gone,
        422 => RequestFault::Invalid { message },
        429 => RequestFault::TooMany { retry_after },
        500.. => RequestFault::Server { status, message },
        _ => RequestFault::Other { message: format!("the server answered {status}: {message}") },
    }
}

/// Makes one printable, bounded line of a server's words.
fn tame(status: u16, message: &str) -> String {
    let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_MESSAGE).collect();
    match line.trim() {
        "" => StatusCode::from_u16(status)
            .ok()
            .and_then(|code| code.canonical_reason())
            .unwrap_or("no reason given")
            .to_owned(),
        words => words.to_owned(),
    }
}

#[derive(Default)]
struct Said {
    message: String,
    retry_after_seconds: Option<u64>,
}

fn said(body: &[u8]) -> Said {
    match body.strip_prefix(PROTOBUF_MAGIC) {
        Some(rest) => said_in_protobuf(rest).unwrap_or_default(),
        None => said_in_json(body).unwrap_or_default(),
    }
}

#[derive(Deserialize)]
struct JsonStatus {
    kind: String,
    #[serde(default)]
    message: String,
    details: Option<JsonDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonDetails {
    retry_after_seconds: Option<u64>,
}

fn said_in_json(body: &[u8]) -> Option<Said> {
    let status: JsonStatus = serde_json::from_slice(body).ok()?;
    let retry_after_seconds = status.details.and_then(|details| details.retry_after_seconds);
    (status.kind == "Status").then_some(Said { message: status.message, retry_after_seconds })
}

/// The envelope of every object, `runtime.Unknown`.
#[derive(prost::Message)]
struct Envelope {
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

/// The fields of `metav1.Status` that are read here.
#[derive(prost::Message)]
struct ProtobufStatus {
    #[prost(string, tag = "3")]
    message: String,
    #[prost(message, optional, tag = "5")]
    details: Option<ProtobufDetails>,
}

#[derive(prost::Message)]
struct ProtobufDetails {
    #[prost(int32, tag = "5")]
    retry_after_seconds: i32,
}

fn said_in_protobuf(body: &[u8]) -> Option<Said> {
    let status = ProtobufStatus::decode(Envelope::decode(body).ok()?.raw.as_slice()).ok()?;
    let seconds = status.details.and_then(|details| u64::try_from(details.retry_after_seconds).ok());
    Some(Said { message: status.message, retry_after_seconds: seconds.filter(|seconds| *seconds > 0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), http::HeaderValue::from_static(value))).collect()
    }

    fn json(code: u16, body: &str) -> RequestFault {
        status_fault(StatusCode::from_u16(code).expect("a status"), &headers(&[]), body.as_bytes())
    }

    #[test]
    fn each_status_has_its_class() {
        let body = r#"{"kind":"Status","message":"pods is forbidden\u001b[2J"}"#;
        assert_eq!(json(401, body), RequestFault::Unauthenticated);
        assert_eq!(json(403, body), RequestFault::Forbidden { message: "pods is forbidden [2J".into() });
        assert_eq!(json(404, "404 page not found"), RequestFault::NotFound);
        assert_eq!(json(410, body), RequestFault::Gone);
        assert_eq!(json(429, "slow down"), RequestFault::TooMany { retry_after: None });
    }

    #[test]
    fn a_body_that_is_no_status_is_not_quoted() {
        for body in ["password: hunter2", r#"{"kind":"Secret","message":"hunter2"}"#] {
            assert_eq!(json(500, body), RequestFault::Server { status: 500, message: "Internal Server Error".into() });
        }
    }

    #[test]
    fn the_wait_is_read_from_the_header_then_from_the_status() {
        let body = br#"{"kind":"Status","details":{"retryAfterSeconds":7}}"#;
        let wait = |headers| match status_fault(StatusCode::TOO_MANY_REQUESTS, &headers, body) {
            RequestFault::TooMany { retry_after } => retry_after.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(headers(&[(RETRY_AFTER, "3")])), Some(3));
        assert_eq!(wait(headers(&[])), Some(7));
    }

    #[test]
    fn a_page_for_a_browser_is_no_answer_of_the_api() {
        let page = headers(&[(CONTENT_TYPE, "text/html; charset=utf-8")]);
        let fault = status_fault(StatusCode::FORBIDDEN, &page, b"<html>");
        assert_eq!(fault, RequestFault::WrongContentType { status: 403, content_type: "text/html".into() });
        assert_eq!(content_fault(StatusCode::OK, &headers(&[(CONTENT_TYPE, "application/json")])), None);
    }

    #[test]
    fn a_status_in_protobuf_is_read_too() {
        let details = Some(ProtobufDetails { retry_after_seconds: 4 });
        let raw = ProtobufStatus { message: "no".into(), details }.encode_to_vec();
        let body = [PROTOBUF_MAGIC, &Envelope { raw }.encode_to_vec()].concat();
        let answer = |code| status_fault(code, &headers(&[]), &body);
        assert_eq!(answer(StatusCode::FORBIDDEN), RequestFault::Forbidden { message: "no".into() });
        let wait = Some(Duration::from_secs(4));
        assert_eq!(answer(StatusCode::TOO_MANY_REQUESTS), RequestFault::TooMany { retry_after: wait });
    }
}
