//! The way out to people: one request a message, with short deadlines, and again where nobody can be told twice by that.

use super::{Outgoing, PATIENCE, mail};
use crate::cluster::connection::{Environment, Identity, Outside};
use crate::flags::{ClusterFlags, RequestTimeout};
use crate::sealed::SealedText;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use sre_core::incident::{Answered, Channel, Message, NotifyTarget, SecretPlace, answered, origin_and_path};
use std::time::Duration;

/// How often a message is tried.
const TRIES: u32 = 3;
/// What a service may ask to be waited for within a command.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// What is read of an answer.
const ANSWER: usize = 64 << 10;

/// What services are told by.
pub struct Notifier {
    pub(super) flags: ClusterFlags,
    pub(super) identity: Identity,
    pub(super) environment: Environment,
}

/// What one request came to.
struct Tried {
    answered: Answered,
    /// What the service asks to be waited for.
    wait: Option<Duration>,
}

impl Notifier {
    pub(crate) fn new(flags: &ClusterFlags, identity: Identity) -> Self {
        let mut flags = flags.clone();
        flags.request_timeout.get_or_insert(RequestTimeout(Some(PATIENCE)));
        Self { flags, identity, environment: Environment::from_process() }
    }

    /// Whether the secret of a target is there and can be one.
    ///
    /// # Errors
    /// Says why not; the words hold nothing of it.
    pub fn ready(target: &NotifyTarget) -> Result<(), String> {
        match &target.channel {
            Channel::Mail(_) => target.secret.as_ref().map_or(Ok(()), |place| SealedText::read(place).map(drop)),
            Channel::Alertmanager(_) => Ok(()),
            Channel::Slack | Channel::Pagerduty { .. } | Channel::Webhook => destination(target).map(drop),
        }
    }

    /// Sends a message, again where that is safe.
    pub async fn send(&self, outgoing: &Outgoing) -> Answered {
        let mut tried = self.try_once(outgoing, outgoing.attempts > 0).await;
        for number in 1..TRIES {
            let is_safe = match &tried.answered {
                Answered::Later(_) => true,
                Answered::Unclear(_) => outgoing.target.channel.takes_once(),
                Answered::Taken | Answered::Refused(_) => false,
            };
            let wait = tried.wait.unwrap_or(Duration::from_millis(500 << number));
            if !is_safe || wait > LONGEST_WAIT {
                break;
            }
            tokio::time::sleep(wait).await;
            tried = self.try_once(outgoing, true).await;
        }
        tried.answered
    }

    async fn try_once(&self, outgoing: &Outgoing, is_again: bool) -> Tried {
        let plain = |answered| Tried { answered, wait: None };
        match &outgoing.target.channel {
            Channel::Mail(mail) => {
                let patience = self.flags.request_timeout.and_then(|RequestTimeout(limit)| limit);
                plain(mail::send(mail, outgoing, patience).await)
            }
            Channel::Alertmanager(place) => plain(self.silenced(place, outgoing, is_again).await),
            Channel::Slack | Channel::Pagerduty { .. } | Channel::Webhook => self.post(outgoing).await,
        }
    }

    async fn post(&self, Outgoing { delivery, target, message, .. }: &Outgoing) -> Tried {
        let plain = |answered| Tried { answered, wait: None };
        let (origin, path, body) = match destination(target).and_then(|to| Ok((to.0, to.1, body(target, message)?))) {
            Ok(parts) => parts,
            Err(why) => return plain(Answered::Refused(why)),
        };
        let client = match Outside::client(&origin, &self.flags, &self.identity, &self.environment) {
            Ok(client) => client,
            Err(_) => return plain(Answered::Refused("its address leads nowhere".to_owned())),
        };
        let request = Request::builder()
            .method(Method::POST)
            .uri(path.expose_path())
            .header(CONTENT_TYPE, "application/json")
            // Several targets may lead to one service.
            .header("Idempotency-Key", delivery)
            .body(kube::client::Body::from(body));
        let Ok(request) = request else { return plain(Answered::Refused("its address is none".to_owned())) };
        let response = match client.send(request).await {
            Ok(response) => response,
            Err(error) if is_connect(&error) => {
                return plain(Answered::Later("no connection could be made".to_owned()));
            }
            Err(_) => {
                return plain(Answered::Unclear("the connection broke off, or no answer came in time".to_owned()));
            }
        };
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok()?.trim().parse().ok());
        let wait = asked
            .map(Duration::from_secs)
            .filter(|_| status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE);
        let read = Limited::new(response.into_body(), ANSWER).collect().await;
        let Ok(read) = read else { return plain(Answered::Unclear("its answer broke off".to_owned())) };
        // Before it is cut: half of a secret is one too.
        let text = hidden(&String::from_utf8_lossy(&read.to_bytes()), target);
        Tried { answered: waiting(answered(&target.channel, status.as_u16(), &text, wait.is_some()), wait), wait }
    }
}

/// What a service answered, without what it may repeat of the secret; nothing where that is not known any more.
fn hidden(text: &str, target: &NotifyTarget) -> String {
    secret(target).map_or_else(|_| String::new(), |secret| without_parts(text, secret.expose()))
}

/// A text without a secret, and without the parts of one that is an address: all but its host.
fn without_parts(text: &str, secret: &str) -> String {
    const SHORTEST: usize = 8;
    let behind_host = secret.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let parts = behind_host.into_iter().flat_map(|path| path.split(['/', '?', '&', '=']));
    let mut all: Vec<&str> = parts.chain(behind_host).filter(|part| part.len() >= SHORTEST).collect();
    all.extend((!secret.is_empty()).then_some(secret));
    all.sort_by_key(|part| std::cmp::Reverse(part.len()));
    all.into_iter().fold(text.to_owned(), |text, part| text.replace(part, "<hidden>"))
}

/// An answer, with how long the service asks to wait.
fn waiting(answered: Answered, wait: Option<Duration>) -> Answered {
    match (answered, wait) {
        (Answered::Later(why), Some(wait)) => Answered::Later(format!("{why}, and asks to wait {} s", wait.as_secs())),
        (answered, _) => answered,
    }
}

/// The path of an address, which is the secret of it.
struct Path(SealedPath);

/// Either ours to know, or sealed.
enum SealedPath {
    Known(&'static str),
    Secret(zeroize::Zeroizing<String>),
}

impl Path {
    fn expose_path(&self) -> &str {
        match &self.0 {
            SealedPath::Known(path) => path,
            SealedPath::Secret(path) => path,
        }
    }
}

/// What only the one who sends may know.
fn secret(target: &NotifyTarget) -> Result<SealedText, String> {
    target.secret.as_ref().map_or_else(|| Err("it has no secret".to_owned()), SealedText::read)
}

/// Scheme and host, and the path.
fn destination(target: &NotifyTarget) -> Result<(String, Path), String> {
    let words = || target.secret.as_ref().map(SecretPlace::words).unwrap_or_default();
    let secret = secret(target)?;
    if let Channel::Pagerduty { address } = &target.channel {
        let key = secret.expose();
        let is_key = key.len() == 32 && key.bytes().all(|it| it.is_ascii_alphanumeric());
        let wrong = || format!("{} holds no routing key: 32 letters and digits", words());
        return if is_key { Ok((address.clone(), Path(SealedPath::Known("/v2/enqueue")))) } else { Err(wrong()) };
    }
    let (origin, path) = origin_and_path(secret.expose()).map_err(|why| format!("{}: {why}", words()))?;
    Ok((origin, Path(SealedPath::Secret(path.into()))))
}

/// What is sent; only here the routing key stands in it.
fn body(target: &NotifyTarget, message: &Message) -> Result<Bytes, String> {
    let mut payload = message.payload(&target.channel);
    if let Channel::Pagerduty { .. } = &target.channel {
        payload["routing_key"] = Value::from(secret(target)?.expose());
    }
    Ok(Bytes::from(payload.to_string()))
}

/// Whether nothing was sent, because there was no connection to send it over.
pub(super) fn is_connect(error: &kube::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|it| it.is_connect()) {
            return true;
        }
        source = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::without_parts;

    #[test]
    fn no_part_of_an_address_is_repeated() {
        let secret = "https://hooks.example.com/services/T0000/SUPERSECRETPATH?token=abcdefghij";
        for said in
            ["bad url /services/T0000/SUPERSECRETPATH", "SUPERSECRETPATH is unknown", "no abcdefghij here", secret]
        {
            let clean = without_parts(said, secret);
            assert!(!clean.contains("SUPERSECRETPATH") && !clean.contains("abcdefghij"), "{clean}");
        }
        assert_eq!(without_parts("hooks.example.com is busy", secret), "hooks.example.com is busy");
        assert_eq!(without_parts("key 4711-4711-4711 is unknown", "4711-4711-4711"), "key <hidden> is unknown");
    }
}
