//! An Alertmanager that keeps alerts quiet: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>.
//!
//! A silence says in its comment which message asked for it. Whoever does not know whether it was made looks for that
//! first, so that it is never there twice.

use super::Outgoing;
use super::notifier::{Notifier, is_connect};
use crate::change::encoded;
use crate::cluster::connection::{self, Outside, RequestFault};
use crate::error::Error;
use form_urlencoded::Serializer;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sre_core::incident::{AlertmanagerPlace, Answered, Channel, SilenceCall, SilenceMatcher, answered};
use sre_core::inquiry::{Alert, SILENCES, Silence, Target};

/// What is read of an answer: a list of alerts may be long.
const ANSWER: usize = 32 << 20;

/// A way to an Alertmanager.
pub struct Alertmanager {
    client: kube::Client,
    place: AlertmanagerPlace,
}

/// Why there is no answer.
struct Silent {
    /// Whether nothing can have been asked.
    is_certain: bool,
    why: String,
}

impl Notifier {
    /// The way to an Alertmanager: by its address, or through the API server.
    ///
    /// # Errors
    /// Says why there is none.
    pub async fn alertmanager(&self, place: &AlertmanagerPlace) -> Result<Alertmanager, Error> {
        let client = match &place.target {
            Target::Url(address) => Outside::client(address, &self.flags, &self.identity, &self.environment)?,
            Target::Service(_) | Target::Node(_) | Target::Database(_) => {
                let mut flags = self.flags.clone();
                if place.context.is_some() && place.context != flags.context {
                    // What was typed of a server and of who asks is of the cluster that is typed, and of no other.
                    (flags.server, flags.cluster, flags.user, flags.token) = (None, None, None, None);
                    (flags.client_certificate, flags.client_key, flags.certificate_authority) = (None, None, None);
                    (flags.tls_server_name, flags.insecure_skip_tls_verify) = (None, false);
                    flags.context.clone_from(&place.context);
                }
                connection::connect(&flags, &self.identity, connection::stderr_sink()).await?.client
            }
        };
        Ok(Alertmanager { client, place: place.clone() })
    }

    /// Asks an Alertmanager for what a message asks it for; `is_again` where that may have been done.
    pub(super) async fn silenced(&self, place: &AlertmanagerPlace, one: &Outgoing, is_again: bool) -> Answered {
        match self.alertmanager(place).await {
            Ok(alertmanager) => alertmanager.does(one, is_again).await,
            Err(error) => Answered::Later(crate::error::explain(&error).message),
        }
    }
}

impl Alertmanager {
    /// The alerts that fire, are quiet for no other reason yet, and that all matchers match, by Alertmanager's own judgement.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn alerts(&self, matchers: &[SilenceMatcher]) -> Result<Vec<Alert>, Error> {
        let mut query = Serializer::new(String::new());
        query.extend_pairs([
            ("active", "true"),
            ("silenced", "false"),
            ("inhibited", "false"),
            ("unprocessed", "true"),
        ]);
        query.extend_pairs(matchers.iter().map(|it| ("filter", it.filter())));
        let mut alerts: Vec<Alert> = self.list(&format!("/api/v2/alerts?{}", query.finish())).await?;
        alerts.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(alerts)
    }

    /// The silences that hold or will, and whose comments tell of a word; those that end first come first.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn silences(&self, word: &str) -> Result<Vec<Silence>, Error> {
        let mut silences: Vec<Silence> = self.list(SILENCES).await?;
        silences.retain(|it| it.status.state != "expired" && it.comment.contains(word));
        silences.sort_by(|a, b| (a.ends_at, &a.id).cmp(&(b.ends_at, &b.id)));
        Ok(silences)
    }

    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        let no_answer = |why: String| Error::NoAnswer {
            server: format!("Alertmanager ({})", self.place),
            user: None,
            reach: Vec::new(),
            fault: RequestFault::Unreachable { why },
        };
        let (status, body) = self.ask(Method::GET, path, None).await.map_err(|it| no_answer(it.why))?;
        if status != 200 {
            return Err(no_answer(why_not(self.judged(status, &body)).unwrap_or_default()));
        }
        serde_json::from_str(&body).map_err(|_| no_answer("its answer is not the one of an Alertmanager".to_owned()))
    }

    async fn does(&self, one: &Outgoing, is_again: bool) -> Answered {
        let Some(call) = &one.message.silence else { return Answered::Refused("it asks for nothing".to_owned()) };
        if is_again {
            match self.is_done(call, &one.message.id).await {
                Ok(true) => return Answered::Taken,
                Ok(false) => {}
                // Nobody knows more than before.
                Err(why) => return Answered::Unclear(format!("whether it is there could not be looked at: {why}")),
            }
        }
        let (method, path, body) = match call {
            SilenceCall::Make { .. } => {
                (Method::POST, SILENCES.to_owned(), Some(one.message.payload(&one.target.channel)))
            }
            SilenceCall::Expire { id } => (Method::DELETE, format!("/api/v2/silence/{}", encoded(id)), None),
        };
        match self.ask(method, &path, body).await {
            Ok((404, _)) if matches!(call, SilenceCall::Expire { .. }) => Answered::Taken,
            Ok((status, body)) => self.judged(status, &body),
            Err(Silent { is_certain: true, why }) => Answered::Later(why),
            Err(Silent { why, .. }) => Answered::Unclear(why),
        }
    }

    /// Whether it was done, whoever did it.
    async fn is_done(&self, call: &SilenceCall, message: &str) -> Result<bool, String> {
        let told = |error: &Error| crate::error::explain(error).message;
        match call {
            SilenceCall::Make { .. } => {
                let silences = self.silences(&format!("({message})")).await.map_err(|error| told(&error))?;
                Ok(!silences.is_empty())
            }
            SilenceCall::Expire { id } => {
                let silences = self.silences("").await.map_err(|error| told(&error))?;
                Ok(silences.iter().all(|it| it.id != *id))
            }
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<(u16, String), Silent> {
        let unclear = |why: &str| Silent { is_certain: false, why: why.to_owned() };
        let path = match &self.place.target {
            Target::Service(port) => port.proxied_path(path),
            Target::Url(_) | Target::Node(_) | Target::Database(_) => path.to_owned(),
        };
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, "application/json");
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let bytes = body.map(|it| it.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(kube::client::Body::from(bytes));
        let request = request.map_err(|_| Silent { is_certain: true, why: "its address is none".to_owned() })?;
        let response = match self.client.send(request).await {
            Ok(response) => response,
            Err(error) if is_connect(&error) => {
                return Err(Silent { is_certain: true, why: "no connection could be made".to_owned() });
            }
            Err(_) => return Err(unclear("the connection broke off, or no answer came in time")),
        };
        let status = response.status().as_u16();
        let read = Limited::new(response.into_body(), ANSWER).collect().await;
        let read = read.map_err(|_| unclear("its answer broke off"))?;
        Ok((status, String::from_utf8_lossy(&read.to_bytes()).into_owned()))
    }

    /// What an answer says. What the API server says itself, it says with a `Status`: it passed nothing on.
    fn judged(&self, status: u16, body: &str) -> Answered {
        let said: Option<Value> = serde_json::from_str(body).ok().filter(|it: &Value| it["kind"] == "Status");
        match (said, &self.place.target) {
            (Some(said), Target::Service(_)) if [401, 403, 404].contains(&status) => {
                Answered::Refused(format!("the API server says: {}", said["message"].as_str().unwrap_or_default()))
            }
            _ => answered(&Channel::Alertmanager(self.place.clone()), status, body, false),
        }
    }
}

fn why_not(answered: Answered) -> Option<String> {
    match answered {
        Answered::Taken => None,
        Answered::Refused(why) | Answered::Later(why) | Answered::Unclear(why) => Some(why),
    }
}
