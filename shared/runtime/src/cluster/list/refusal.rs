//! An answer that is an error: what the server says about it.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use prost::Message;
use serde::Deserialize;

use super::ListFault;
use super::fault::Setback;
use super::walk::compression;
use crate::cluster::stream::{Compression, gunzip};

/// The most bytes of an error's body that are read; a `Status` has a few hundred.
const LIMIT: usize = 64 << 10;

/// How long to wait for the end of an error.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most characters of a plain text that are shown.
const SHOWN: usize = 200;

/// Holds what is known about an answer that is no list.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub retry_after: Option<Duration>,
    message: String,
    /// The content type, when the answer is a page for people and so not of the API server.
    page: Option<String>,
}

impl Refusal {
    /// Reads the rest of the answer, as far as it is worth it.
    pub async fn read(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let said = Said::read(&head.headers, &unpacked(&head.headers, bounded(body).await));
        let told = header(&head.headers, RETRY_AFTER).parse().ok().or(said.retry_after_seconds);
        let content_type = header(&head.headers, CONTENT_TYPE);
        Refusal {
            status: head.status.as_u16(),
            retry_after: told.map(Duration::from_secs),
            message: said.message,
            page: content_type.contains("html").then(|| content_type.to_owned()),
        }
    }

    /// Decides what the refusal means for the list, once it is not tried again.
    pub fn setback(self) -> Setback {
        let Refusal { status, retry_after, message, page } = self;
        Setback::Final(match status {
            _ if page.is_some() => return Setback::Final(wrong_page(page.unwrap_or_default(), status)),
            401 => ListFault::Unauthenticated,
            403 => ListFault::Forbidden { message },
            404 => ListFault::NotFound,
            406 | 415 => return Setback::EncodingRefused { status, message },
            410 => return Setback::Gone,
            429 => ListFault::TooMany { retry_after },
            _ => ListFault::Unavailable { status, message },
        })
    }
}

fn wrong_page(content_type: String, status: u16) -> ListFault {
    ListFault::WrongContentType { got: format!("{content_type} with HTTP {status}") }
}

/// Reads the body unless it is too long or too slow: the status alone is enough to go on with.
async fn bounded(body: Body) -> Vec<u8> {
    let whole = Limited::new(body, LIMIT).collect();
    match tokio::time::timeout(PATIENCE, whole).await {
        Ok(Ok(whole)) => whole.to_bytes().to_vec(),
        _ => Vec::new(),
    }
}

fn header(headers: &HeaderMap, name: http::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn unpacked(headers: &HeaderMap, body: Vec<u8>) -> Vec<u8> {
    match compression(headers) {
        Ok(Compression::None) => body,
        Ok(Compression::Gzip) => gunzip(&body, LIMIT).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

/// The fields of a `Status` that matter here
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>).
#[derive(Debug, Default)]
struct Said {
    message: String,
    retry_after_seconds: Option<u64>,
}

impl Said {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        match header(headers, CONTENT_TYPE) {
            kind if kind.contains("html") => Some(Said::default()),
            kind if kind.contains("protobuf") => Said::from_protobuf(body),
            kind if kind.contains("json") => serde_json::from_slice::<JsonStatus>(body).ok().map(Said::from),
            _ => Some(Said { message: first_line(body), retry_after_seconds: None }),
        }
        .unwrap_or_default()
    }

    fn from_protobuf(body: &[u8]) -> Option<Self> {
        let raw = Unknown::decode(body.strip_prefix(b"k8s\0")?).ok()?.raw;
        let status = ProtobufStatus::decode(raw.as_slice()).ok()?;
        let seconds = status.details.map(|details| details.retry_after_seconds);
        Some(Said { message: status.message, retry_after_seconds: seconds.and_then(positive) })
    }
}

impl From<JsonStatus> for Said {
    fn from(status: JsonStatus) -> Self {
        let seconds = status.details.map(|details| details.retry_after_seconds);
        Said { message: status.message, retry_after_seconds: seconds.and_then(positive) }
    }
}

fn positive(seconds: i32) -> Option<u64> {
    u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}

fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim().lines().next().unwrap_or_default().chars().take(SHOWN).collect()
}

#[derive(Deserialize)]
struct JsonStatus {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Option<Details>,
}

#[derive(Clone, PartialEq, Message)]
struct Unknown {
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtobufStatus {
    #[prost(string, tag = "3")]
    message: String,
    #[prost(message, optional, tag = "5")]
    details: Option<Details>,
}

#[derive(Clone, Deserialize, PartialEq, Message)]
struct Details {
    #[prost(int32, tag = "5")]
    #[serde(default, rename = "retryAfterSeconds")]
    retry_after_seconds: i32,
}
