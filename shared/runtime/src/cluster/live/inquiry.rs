//! Carries questions to what is not the API server, a few at a time, and brings the answers back.

use crate::cluster::connection::{Connection, RequestFault, classify};
use crate::cluster::list::is_broken_connection;
use crate::exec::{self, ExecFault, Limits};
use crate::ui::{self, Bars};
use futures::stream::{self, StreamExt};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use sre_core::check::Sight;
use sre_core::container_command::ReadOnlyCommand;
use sre_core::inquiry::{
    Answer, Answers, Asked, Failure, Question, Target, answer_of_psql, kept_of_summary, path_to_kubelet,
};
use sre_core::postgres::{ACTIVITY, Server};
use sre_core::snapshot::NamespaceScope;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Questions under way at once: whoever is asked has other work to do.
const AT_ONCE: usize = 4;

/// Kubelets that are asked at once: each answers for its own node, and the API server passes all of it on.
const KUBELETS_AT_ONCE: usize = 8;

/// More than any answer here has: a query that gives more is too wide.
const LARGEST_ANSWER: usize = 32 << 20;

/// More than the sessions of any server take up.
const LARGEST_ACTIVITY: usize = 8 << 20;

/// The most time for one answer: who cannot answer in this time is ill, and the run shall not wait for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most time for one kubelet: it has its measurements at hand, and there may be many of them.
const PATIENCE_WITH_A_KUBELET: Duration = Duration::from_secs(10);

/// After this no more kubelets are asked: with hundreds that do not answer, a run would take minutes.
const PATIENCE_WITH_ALL_KUBELETS: Duration = Duration::from_secs(60);

/// Asks: each answer has its time, and all of them have theirs where that is bounded.
pub(super) async fn ask(
    connection: &Connection,
    mut questions: Vec<Question>,
    (deadline, within): (Duration, Option<Duration>),
    bars: &Bars,
) -> Answers {
    let patience = deadline.min(PATIENCE);
    let end = within.map(|within| Instant::now() + within);
    let clients = clients(connection, &questions).await;
    let progress = bars.start("asking", questions.len() as u64);
    // Many questions to a Prometheus that does not answer must not use up the time of all others.
    questions.sort_by_key(|question| question.sight == Sight::Prometheus);
    let asked = questions.into_iter().map(|question| {
        let (progress, clients) = (&progress, &clients);
        async move {
            let left = end.map_or(patience, |end| end.saturating_duration_since(Instant::now()).min(patience));
            let asked = match within.filter(|_| left.is_zero()) {
                Some(within) => Asked { answer: Err(late(within)), question },
                None => ask_one(connection, clients, question, left).await,
            };
            progress.step();
            asked
        }
    });
    Answers::of(stream::iter(asked).buffered(AT_ONCE).collect().await)
}

/// Asks one question.
pub(crate) async fn asked(connection: &Connection, question: Question) -> Asked {
    let clients = clients(connection, std::slice::from_ref(&question)).await;
    ask_one(connection, &clients, question, PATIENCE).await
}

async fn ask_one(connection: &Connection, clients: &Clients, question: Question, patience: Duration) -> Asked {
    let answer = tokio::time::timeout(patience, answer(connection, clients, &question)).await;
    let answer = match answer {
        // The client's own clock may strike first: it is the same time.
        Err(_) | Ok(Err(Failure::TimedOut(_))) => Err(late(patience)),
        Ok(answer) => answer,
    };
    Asked { answer, question }
}

fn late(patience: Duration) -> Failure {
    Failure::TimedOut(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX))
}

/// Asks kubelets, and keeps what is of volumes in these namespaces. Those that there is no time for are left out.
///
/// Who may not ask the first may ask none: the others are spared.
pub(super) async fn ask_kubelets(
    connection: &Connection,
    questions: Vec<Question>,
    namespaces: &NamespaceScope,
    deadline: Duration,
    bars: &Bars,
) -> Answers {
    let (patience, end) = (deadline.min(PATIENCE_WITH_A_KUBELET), Instant::now() + PATIENCE_WITH_ALL_KUBELETS);
    let progress = bars.start("asking kubelets", questions.len() as u64);
    let clients = Clients::new();
    let ask = |question| {
        let (progress, clients) = (&progress, &clients);
        async move {
            let mut asked = ask_one(connection, clients, question, patience).await;
            if let Some(answer) = asked.answer.as_mut().ok().filter(|answer| answer.is_success()) {
                answer.body = kept_of_summary(&answer.body, namespaces);
            }
            progress.step();
            asked
        }
    };
    let mut questions = questions.into_iter();
    let Some(first) = questions.next() else { return Answers::default() };
    let first = ask(first).await;
    if matches!(first.answer, Err(Failure::Forbidden(_))) {
        return Answers::of(vec![first]);
    }
    let others = stream::iter(questions.take_while(|_| Instant::now() < end).map(ask)).buffered(KUBELETS_AT_ONCE);
    Answers::of(stream::iter([first]).chain(others).collect().await)
}

/// Asks PostgreSQL servers by the psql in their containers, and says so beforehand: it is a command in a container, though one
/// that only looks.
pub(super) async fn ask_databases(
    connection: &Connection,
    questions: Vec<Question>,
    deadline: Duration,
    bars: &Bars,
) -> Answers {
    let limits = Limits { time: deadline.min(PATIENCE), bytes: LARGEST_ACTIVITY };
    for question in &questions {
        ui::tell(&format!("asking the PostgreSQL server of {}, by psql in it, read-only", question.target));
    }
    let progress = bars.start("asking databases", questions.len() as u64);
    let asked = questions.into_iter().map(|question| {
        let progress = &progress;
        async move {
            let answer = match &question.target {
                Target::Database(server) => ask_database(connection, server, limits).await,
                other => Err(Failure::Unreachable(format!("{other} is no database"))),
            };
            progress.step();
            Asked { answer, question }
        }
    });
    Answers::of(stream::iter(asked).buffered(AT_ONCE).collect().await)
}

async fn ask_database(connection: &Connection, server: &Server, limits: Limits) -> Result<Answer, Failure> {
    let start = Instant::now();
    let look = ReadOnlyCommand::declared(server.look(ACTIVITY));
    let said = exec::run(&connection.client, look.command(), limits).await;
    let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    match said {
        Ok(said) => answer_of_psql(&said, milliseconds),
        // The server does not always say what is missing.
        Err(ExecFault::Request(RequestFault::Forbidden { message })) => {
            let message = message.trim_end_matches([':', ' ']);
            Err(Failure::Forbidden(format!("no command may be run there (create pods/exec): {message}")))
        }
        Err(ExecFault::Request(fault)) => Err(failure(&fault)),
        Err(ExecFault::Late { limit }) => Err(late(limit)),
        Err(fault) => Err(Failure::Unreachable(fault.to_string())),
    }
}

/// A way to each address, made once: it reads the system's authorities.
type Clients = BTreeMap<String, Result<kube::Client, Failure>>;

async fn clients(connection: &Connection, questions: &[Question]) -> Clients {
    let mut clients = Clients::new();
    for question in questions {
        if let Target::Url(address) = &question.target
            && !clients.contains_key(address)
        {
            let client = connection.elsewhere.client(address).await;
            clients.insert(address.clone(), client.map_err(|error| Failure::Unreachable(error.to_string())));
        }
    }
    clients
}

async fn answer(connection: &Connection, clients: &Clients, question: &Question) -> Result<Answer, Failure> {
    let path = match &question.target {
        Target::Service(port) => port.proxied_path(&question.path),
        Target::Node(name) => path_to_kubelet(name, &question.path),
        // It speaks no HTTP.
        Target::Database(_) => return Err(Failure::Unreachable(format!("no path leads to {}", question.target))),
        Target::Url(address) => {
            let nobody = || Failure::Unreachable(format!("no way to {address}"));
            let client = clients.get(address).ok_or_else(nobody)?.as_ref().map_err(Clone::clone)?;
            return get(client, &question.path).await;
        }
    };
    let answer = get(&connection.client, &path).await?;
    refused_by_the_api_server(answer.status, answer.body.as_bytes()).map_or(Ok(answer), Err)
}

/// One GET of the API server, which may say no.
pub(super) async fn ask_the_api_server(connection: &Connection, path: &str) -> Result<Answer, Failure> {
    get(&connection.client, path).await
}

/// One GET. A connection that was kept open may have been closed meanwhile: then it is asked once more.
async fn get(client: &kube::Client, path: &str) -> Result<Answer, Failure> {
    match attempt(client, path).await {
        Err((_, true)) => attempt(client, path).await.map_err(|(failure, _)| failure),
        Err((failure, false)) => Err(failure),
        Ok(answer) => Ok(answer),
    }
}

/// One try; besides a failure it says whether the connection was stale.
async fn attempt(client: &kube::Client, path: &str) -> Result<Answer, (Failure, bool)> {
    let start = Instant::now();
    let unreachable = |why: String| (Failure::Unreachable(why), false);
    let request = Request::get(path).header(header::ACCEPT, "application/json, */*;q=0.5");
    let request = request.body(kube::client::Body::empty()).map_err(|error| unreachable(error.to_string()))?;
    let response = client.send(request).await;
    let response = response.map_err(|error| (failure(&classify(&error)), is_broken_connection(&error)))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(|_| unreachable("the answer was cut short, or is larger than 32 MiB".to_owned()))?;
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Answer { status, body, milliseconds })
}

fn failure(fault: &RequestFault) -> Failure {
    match fault {
        RequestFault::Timeout => Failure::TimedOut(u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX)),
        RequestFault::Unreachable { why } => Failure::Unreachable(why.clone()),
        fault => Failure::Unreachable(fault.to_string()),
    }
}

#[derive(Deserialize)]
struct Status {
    kind: String,
    #[serde(default)]
    message: String,
}

/// What the API server itself says instead of passing a question on: it answers with a `Status`.
fn refused_by_the_api_server(status: u16, body: &[u8]) -> Option<Failure> {
    if status < StatusCode::BAD_REQUEST.as_u16() {
        return None;
    }
    let said: Status = serde_json::from_slice(body).ok()?;
    if said.kind != "Status" {
        return None;
    }
    match status {
        401 | 403 => Some(Failure::Forbidden(said.message)),
        _ => Some(Failure::Unreachable(said.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_is_told_from_what_the_api_server_says() {
        let status = br#"{"kind":"Status","apiVersion":"v1","message":"no endpoints available for service \"web\""}"#;
        let nobody = Failure::Unreachable("no endpoints available for service \"web\"".to_owned());
        assert_eq!(refused_by_the_api_server(503, status), Some(nobody));
        assert!(matches!(refused_by_the_api_server(403, status), Some(Failure::Forbidden(_))));
        assert_eq!(refused_by_the_api_server(503, br#"{"status":"unhealthy"}"#), None);
        assert_eq!(refused_by_the_api_server(200, status), None);
    }
}
