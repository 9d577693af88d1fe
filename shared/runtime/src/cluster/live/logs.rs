//! The ends of logs, which the API server fetches from kubelets.

use super::inquiry::ask_the_api_server;
use crate::cluster::connection::Connection;
use crate::ui::Bars;
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use sre_core::inquiry::{Answer, Failure};
use sre_core::logs::{LogName, LogRead, LogsWanted, Tail, Unread};
use std::time::{Duration, Instant};

/// Logs under way at once: each goes through the API server to a kubelet.
const AT_ONCE: usize = 6;

/// The most time for one log.
const PATIENCE: Duration = Duration::from_secs(10);

/// After this no more logs are asked for: with many kubelets that do not answer, a run would take minutes.
const PATIENCE_WITH_ALL: Duration = Duration::from_secs(30);

/// Lines that are asked for.
const LINES: usize = 100;

/// Lines that are asked for where somebody searches in them.
const LINES_OF_SEARCH: usize = 2_000;

/// Lines that are asked for where more of them are too much.
const FEW_LINES: usize = 10;

/// Bytes that are asked for, and so many more where somebody searches.
const BYTES: usize = 256 << 10;
/// See [`BYTES`].
const BYTES_OF_SEARCH: usize = 2 << 20;

/// Fetches the ends of logs.
pub(crate) async fn fetch(
    connection: &Connection,
    wanted: &LogsWanted,
    deadline: Duration,
    bars: &Bars,
) -> Vec<LogRead> {
    let (logs, is_search) = (&wanted.logs, wanted.is_search);
    let (patience, end) = (deadline.min(PATIENCE), Instant::now() + PATIENCE_WITH_ALL);
    let progress = bars.start("reading logs", logs.len() as u64);
    let read = logs.iter().map(|log| {
        let progress = &progress;
        async move {
            let late = || Unread::TimedOut(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
            let tail = match Instant::now() < end {
                true => match tokio::time::timeout(patience, fetch_one(connection, log, is_search)).await {
                    // The client's own clock may strike first: it is the same time.
                    Err(_) | Ok(Err(Unread::TimedOut(_))) => Err(late()),
                    Ok(tail) => tail,
                },
                false => Err(Unread::Unavailable("there was no time left for it".to_owned())),
            };
            let sibling = Some(log.sibling()).filter(|sibling| !logs.contains(sibling));
            let read = match (tail, sibling) {
                // It has started and ended again since its pod was read: now that is its last instance.
                (Err(gone @ Unread::Gone(_)), Some(log)) => {
                    let tail = tokio::time::timeout(patience, fetch_one(connection, &log, is_search)).await;
                    LogRead { log, tail: tail.ok().and_then(Result::ok).ok_or(gone) }
                }
                (tail, _) => LogRead { log: log.clone(), tail },
            };
            progress.step();
            read
        }
    });
    stream::iter(read).buffered(AT_ONCE).collect().await
}

/// A kubelet counts bytes from the first of the lines, so that long lines push the last out: then fewer are asked for.
async fn fetch_one(connection: &Connection, log: &LogName, is_search: bool) -> Result<Tail, Unread> {
    let (lines, bytes) = if is_search { (LINES_OF_SEARCH, BYTES_OF_SEARCH) } else { (LINES, BYTES) };
    let mut text = ask(connection, log, lines, bytes).await?;
    for few in [LINES, FEW_LINES].into_iter().filter(|few| *few < lines) {
        if text.len() < bytes {
            break;
        }
        text = ask(connection, log, few, bytes).await?;
    }
    Ok(Tail::of_at_most(&text, lines))
}

async fn ask(connection: &Connection, log: &LogName, lines: usize, bytes: usize) -> Result<String, Unread> {
    let answer = ask_the_api_server(connection, &path(log, lines, bytes)).await;
    judged(answer)
}

fn path(log: &LogName, lines: usize, bytes: usize) -> String {
    let (namespace, pod, container, previous) = (&log.namespace, &log.pod, &log.container, log.previous);
    let previous = if previous { "&previous=true" } else { "" };
    format!(
        "/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}&tailLines={lines}&limitBytes={bytes}&timestamps=true{previous}"
    )
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    message: String,
}

fn judged(answer: Result<Answer, Failure>) -> Result<String, Unread> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(Failure::Forbidden(why)) => return Err(Unread::Forbidden(why)),
        Err(Failure::TimedOut(milliseconds)) => return Err(Unread::TimedOut(milliseconds)),
        Err(Failure::Unreachable(why)) => return Err(Unread::Unavailable(why)),
    };
    if answer.is_success() {
        return match lost(&answer.body) {
            Some(why) => Err(Unread::Gone(why)),
            None => Ok(answer.body),
        };
    }
    let said = serde_json::from_str::<Status>(&answer.body).map(|status| status.message);
    let said = said.unwrap_or_else(|_| answer.body.chars().take(200).collect());
    Err(match answer.status {
        401 | 403 => Unread::Forbidden(said),
        404 => Unread::NoLog(said),
        400 if said.contains("waiting to start") || said.contains("is terminated") => Unread::NoLog(said),
        400 if said.contains("previous terminated container") => Unread::Gone(said),
        _ if said.is_empty() => Unread::Unavailable(format!("the answer has status {}", answer.status)),
        _ => Unread::Unavailable(said),
    })
}

/// What a kubelet writes instead of a log that is gone; it calls that a success.
fn lost(body: &str) -> Option<String> {
    let first = body.lines().next().unwrap_or_default();
    let is_lost = first.starts_with("unable to retrieve container logs for ")
        || first.starts_with("failed to create fsnotify watcher")
        || first.starts_with("failed to try resolving symlinks in path ");
    (is_lost && body.lines().count() == 1).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Result<String, Unread> {
        judged(Ok(Answer { status, body: body.to_owned(), milliseconds: 1 }))
    }

    fn refused(status: u16, message: &str) -> Result<String, Unread> {
        answered(status, &serde_json::json!({"kind": "Status", "message": message}).to_string())
    }

    #[test]
    fn what_is_no_log_is_told_by_why() {
        assert_eq!(answered(200, "line\n"), Ok("line\n".to_owned()));
        assert_eq!(refused(403, "no"), Err(Unread::Forbidden("no".to_owned())));
        assert!(matches!(refused(400, "container \"a\" in pod \"b\" is waiting to start: x"), Err(Unread::NoLog(_))));
        assert!(matches!(refused(400, "previous terminated container \"a\" not found"), Err(Unread::Gone(_))));
        assert!(matches!(refused(404, "pods \"b\" not found"), Err(Unread::NoLog(_))));
        assert!(matches!(refused(500, "Get \"https://10.0.0.1:10250\": refused"), Err(Unread::Unavailable(_))));
        let gone = "unable to retrieve container logs for containerd://1a2b";
        assert_eq!(answered(200, gone), Err(Unread::Gone(gone.to_owned())));
    }

    #[test]
    fn the_end_of_one_instance_is_asked_for() {
        let log = LogName { namespace: "shop".into(), pod: "web-1".into(), container: "app".into(), previous: true };
        let asked = path(&log, LINES, BYTES);
        let expected = "/api/v1/namespaces/shop/pods/web-1/log?container=app&tailLines=100&limitBytes=262144&timestamps=true&previous=true";
        assert_eq!(asked, expected);
    }
}
