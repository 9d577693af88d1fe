//! The server's version and clock: the first question, whose answer tells whether there is a cluster at all.

use crate::cluster::connection::{RequestFault, classify, content_fault, status_fault};
use crate::cluster::list::{Tries, is_broken_connection};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// More than any answer here has.
const LARGEST_ANSWER: usize = 1 << 20;

/// What the server says of itself.
pub(crate) struct Server {
    pub(super) git_version: String,
    /// Its clock, by the `Date` header; ours only if it sends none.
    pub(crate) now: Timestamp,
}

/// An answer, whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    pub(super) fn fault(&self) -> RequestFault {
        status_fault(self.status, &self.headers, &self.body)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

/// Asks for the version.
///
/// A caller who may not see it, or whom a busy server puts off, may be answered all the same by the lists; then the version
/// stays unknown.
pub(crate) async fn ask(client: &kube::Client, deadline: Duration) -> Result<Server, RequestFault> {
    let answer = get(client, "/version", deadline, |answer| answer.status.is_success()).await?;
    let date = answer.headers.get(header::DATE).and_then(|value| value.to_str().ok());
    let now = date.and_then(|text| rfc2822::parse(text).ok()).map_or_else(Timestamp::now, |zoned| zoned.timestamp());
    if let Some(fault) = content_fault(answer.status, &answer.headers) {
        return Err(fault);
    }
    if answer.status == StatusCode::FORBIDDEN || is_busy(answer.status) {
        return Ok(Server { git_version: String::new(), now });
    }
    if !answer.status.is_success() {
        return Err(answer.fault());
    }
    let version = serde_json::from_slice::<Version>(&answer.body);
    let version = version.map_err(|_| RequestFault::Other { message: "the answer to /version is none".to_owned() })?;
    Ok(Server { git_version: version.git_version, now })
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// One GET, whose answer is read whole and bounded; what is no answer yet is tried again as lists are.
pub(super) async fn get(
    client: &kube::Client,
    path: &str,
    deadline: Duration,
    is_answer: impl Fn(&Answer) -> bool,
) -> Result<Answer, RequestFault> {
    let start = Instant::now();
    let left = || deadline.saturating_sub(start.elapsed());
    let mut tries = Tries::default();
    let answered = async {
        loop {
            let read = read(client, path).await;
            let pause = match &read {
                Ok(answer) if is_answer(answer) => None,
                Ok(answer) => tries.refused(answer.status.as_u16(), answer.retry_after(), left()),
                Err(Unread::Broken(_)) => tries.broken(),
                Err(Unread::Final(_)) => None,
            };
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return read.map_err(Unread::fault),
            }
        }
    };
    tokio::time::timeout(deadline, answered).await.unwrap_or(Err(RequestFault::Timeout))
}

/// Why there is no whole answer.
enum Unread {
    /// The connection broke before the first byte, and may not break again.
    Broken(RequestFault),
    Final(RequestFault),
}

impl Unread {
    fn of(error: &kube::Error) -> Self {
        let fault = classify(error);
        if is_broken_connection(error) { Self::Broken(fault) } else { Self::Final(fault) }
    }

    fn fault(self) -> RequestFault {
        match self {
            Self::Broken(fault) | Self::Final(fault) => fault,
        }
    }
}

async fn read(client: &kube::Client, path: &str) -> Result<Answer, Unread> {
    let request = Request::get(path).body(kube::client::Body::empty());
    let request = request.map_err(|error| Unread::Final(RequestFault::Other { message: error.to_string() }))?;
    let (parts, body) = client.send(request).await.map_err(|error| Unread::of(&error))?.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    let cut = |_| Unread::Final(RequestFault::Unreachable { why: format!("the answer to {path} was cut short") });
    Ok(Answer { status: parts.status, headers: parts.headers, body: body.map_err(cut)?.to_bytes() })
}
