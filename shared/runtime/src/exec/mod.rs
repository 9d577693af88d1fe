//! Commands in containers, through the API server.
//!
//! The connection is the one of all other requests: same credentials, same proxy, same authorities. Nothing is sent twice,
//! as a command is not idempotent. It offers no terminal. What a command says is bounded and comes when it has ended; only to
//! whoever keeps a file of it, it is passed on as it comes.

mod conversation;
mod fault;

pub use conversation::Output;
pub use fault::ExecFault;

use crate::cluster::connection::{RequestFault, classify, status_fault};
use crate::cluster::list::percent_encoded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use ring::rand::SecureRandom as _;
use sre_core::container_command::{ContainerCommand, Said};
use std::time::Duration;

/// The protocol: each message begins with the number of its channel, and one says that the input has ended. All supported
/// servers have it
/// (<https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>).
const PROTOCOL: &str = "v5.channel.k8s.io";

/// What is hashed with the key of a handshake ([RFC 6455, section 1.3](https://www.rfc-editor.org/rfc/rfc6455#section-1.3)).
const WEB_SOCKET: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Most of a refusal that is read.
const LONGEST_REFUSAL: usize = 16 * 1024;

/// How long a command may take, and how much it may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the request to the end of the command.
    pub time: Duration,
    /// What is kept of each of its outputs, in bytes.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), bytes: 1024 * 1024 }
    }
}

/// Runs a command and waits for its end.
///
/// # Errors
/// Says why it did not run, or that its end was not seen.
pub(crate) async fn run(client: &kube::Client, command: &ContainerCommand, limits: Limits) -> Result<Said, ExecFault> {
    run_into(client, command, limits, None).await
}

/// The same, with somebody who takes what it writes to its standard output.
///
/// # Errors
/// Says besides why that was not taken.
pub(crate) async fn run_into(
    client: &kube::Client,
    command: &ContainerCommand,
    limits: Limits,
    output: Option<Output<'_>>,
) -> Result<Said, ExecFault> {
    let all = async {
        let socket = upgraded(client, command).await?;
        conversation::hold(TokioIo::new(socket), command, limits.bytes, output).await
    };
    tokio::time::timeout(limits.time, all).await.unwrap_or(Err(ExecFault::Late { limit: limits.time }))
}

async fn upgraded(client: &kube::Client, command: &ContainerCommand) -> Result<Upgraded, ExecFault> {
    let key = key()?;
    let request = Request::get(path(command))
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .header(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
        .body(Body::empty())
        .map_err(|error| ExecFault::Request(RequestFault::Other { message: error.to_string() }))?;
    let answer = client.send(request).await.map_err(|error| ExecFault::Request(classify(&error)))?;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refusal(answer).await);
    }
    agreed(&answer, &key)?;
    hyper::upgrade::on(answer).await.map_err(|error| ExecFault::BrokenOff { why: error.to_string() })
}

fn path(command: &ContainerCommand) -> String {
    let words = command.words.iter().map(|word| format!("&command={}", percent_encoded(word)));
    let container = command.container.iter().map(|name| format!("&container={}", percent_encoded(name)));
    let options: String = container.chain(words).collect();
    format!(
        "/api/v1/namespaces/{}/pods/{}/exec?stdin={}&stdout=true&stderr=true&tty=false{options}",
        command.namespace,
        command.pod,
        command.input.is_some()
    )
}

fn key() -> Result<String, ExecFault> {
    let mut bytes = [0; 16];
    let random = ring::rand::SystemRandom::new().fill(&mut bytes);
    let fault = |_| ExecFault::Request(RequestFault::Other { message: "the system gives no random bytes".to_owned() });
    random.map(|()| STANDARD.encode(bytes)).map_err(fault)
}

/// Makes sure that the answer is one to this very handshake.
fn agreed(answer: &Response<Body>, key: &str) -> Result<(), ExecFault> {
    let said = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{WEB_SOCKET}").as_bytes());
    if said(header::SEC_WEBSOCKET_ACCEPT) != STANDARD.encode(digest) {
        return Err(ExecFault::NoWebSocket { why: "the answer is to another handshake".to_owned() });
    }
    if said(header::SEC_WEBSOCKET_PROTOCOL) != PROTOCOL {
        return Err(ExecFault::NoWebSocket { why: format!("the server does not speak {PROTOCOL}") });
    }
    Ok(())
}

async fn refusal(answer: Response<Body>) -> ExecFault {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LONGEST_REFUSAL).collect().await.map(|it| it.to_bytes()).unwrap_or_default();
    if head.status.is_success() {
        return ExecFault::NoWebSocket { why: format!("the answer is {}", head.status.as_u16()) };
    }
    ExecFault::Request(status_fault(head.status, &head.headers, &body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_arrives_as_it_was_written() {
        let words = ["psql", "-c", "select 'a&b' || '%'"].map(str::to_owned).to_vec();
        let (namespace, pod) = ("shop".to_owned(), "db-0".to_owned());
        let command = ContainerCommand { namespace, pod, container: Some("postgres".to_owned()), words, input: None };
        let path = path(&command);
        let (before, after) = path.split_once('?').expect("options");
        assert_eq!(before, "/api/v1/namespaces/shop/pods/db-0/exec");
        assert!(after.starts_with("stdin=false&stdout=true&stderr=true&tty=false&container=postgres&command=psql"));
        let last = after.rsplit_once("&command=").map(|(_, word)| word).expect("a word");
        assert!(last.contains("%26") && last.contains("%25") && !last.contains(' '), "{last}");
    }

    #[test]
    fn an_answer_to_another_handshake_is_none() {
        // The example of RFC 6455, section 1.3.
        let answer = |accept: &str, protocol: &str| {
            let answer = Response::builder().header("Sec-WebSocket-Accept", accept);
            let answer = answer.header("Sec-WebSocket-Protocol", protocol).body(Body::empty()).expect("an answer");
            agreed(&answer, "dGhlIHNhbXBsZSBub25jZQ==").is_ok()
        };
        assert!(answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", PROTOCOL));
        assert!(!answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "v4.channel.k8s.io"));
        assert!(!answer("AAAA", PROTOCOL));
    }
}
