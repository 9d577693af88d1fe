//! The line of a log that says why its process ended or does not work.

use super::signature::{Words, of_line};
use super::{Line, LogName, LogRead, Signature, Tail};
use crate::object::ObjectRef;
use crate::slim::Pod;
use crate::slim::container_status::ContainerStatus;
use crate::view::View;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// How far from the end a line can say why a process ended: behind it stand traces and what a shutdown says.
const NEAR: usize = 60;

/// How far before a crash a line can say why it came.
const BEFORE_CRASH: usize = 12;

/// How old what a running process says may be.
const RECENT: SignedDuration = SignedDuration::from_mins(15);

/// Whether the process has ended whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// It has: the reason stands at the end.
    Ended,
    /// It runs.
    Running,
}

/// A line that says why.
#[derive(Clone)]
pub struct Explanation<'v> {
    /// The log.
    pub log: &'v LogName,
    /// The pod.
    pub pod: &'v Pod,
    /// Whether the process has ended.
    pub instance: Instance,
    /// The line.
    pub line: &'v Line,
    /// The reason that it gives.
    pub signature: &'static Signature,
    /// What it is about.
    pub subject: Option<String>,
}

impl Explanation<'_> {
    /// The reason in one sentence.
    pub fn sentence(&self) -> String {
        (self.signature.sentence)(self.subject.as_deref())
    }
}

/// What the logs that were read explain: for each container of an owner the line that says most.
pub fn explained<'v>(view: &View<'v>) -> Vec<Explanation<'v>> {
    let mut best: BTreeMap<(ObjectRef, &str), Explanation<'v>> = BTreeMap::new();
    for read in &view.snapshot.logs {
        let Some(one) = explanation(view, read) else { continue };
        let key = (view.owner_of(one.pod), read.log.container.as_str());
        let is_better =
            |known: &Explanation<'_>| known.instance == Instance::Running && one.instance == Instance::Ended;
        if best.get(&key).is_none_or(is_better) {
            best.insert(key, one);
        }
    }
    best.into_values().collect()
}

fn explanation<'v>(view: &View<'v>, read: &'v LogRead) -> Option<Explanation<'v>> {
    let pod = view.get::<Pod>(&read.log.namespace, &read.log.pod)?;
    let tail = read.tail.as_ref().ok()?;
    let instance = instance(pod, &read.log)?;
    let (line, signature) = telling(tail, instance)?;
    let is_old = line.at.is_some_and(|at| view.age(at) > RECENT);
    if instance == Instance::Running && is_old {
        return None;
    }
    let subject = (signature.subject)(&Words::of(&line.text));
    Some(Explanation { log: &read.log, pod, instance, line, signature, subject })
}

fn instance(pod: &Pod, log: &LogName) -> Option<Instance> {
    let status = status_of(pod, &log.container)?;
    let runs = status.state.running.is_some() && !log.previous;
    Some(if runs { Instance::Running } else { Instance::Ended })
}

pub(super) fn status_of<'p>(pod: &'p Pod, container: &str) -> Option<&'p ContainerStatus> {
    pod.container_statuses().find(|status| status.name == container)
}

/// The newest line that gives a reason, unless what comes later says that it is over. A crash is only how it ended: what
/// stands just before it may say why.
fn telling(tail: &Tail, instance: Instance) -> Option<(&Line, &'static Signature)> {
    let near = if instance == Instance::Ended { NEAR } else { NEAR / 2 };
    let mut crash: Option<(usize, &Line, &'static Signature)> = None;
    for (distance, line) in tail.lines.iter().rev().take(near).enumerate() {
        let words = Words::of(&line.text);
        if crash.is_some_and(|(at, ..)| distance > at + BEFORE_CRASH) || goes_on(&words) {
            break;
        }
        let Some(signature) = of_line(&words).filter(|_| !is_calm(&words)) else { continue };
        match (signature.is_general, crash) {
            (false, _) => return Some((line, signature)),
            (true, None) => crash = Some((distance, line, signature)),
            (true, Some(_)) => {}
        }
    }
    crash.map(|(_, line, signature)| (line, signature))
}

/// Whether a line says that the process works, so that what stands before it is over.
fn goes_on(words: &Words<'_>) -> bool {
    words.has(&[
        "listening on",
        "listening at",
        "server started",
        "started server",
        "ready to accept",
        "ready to serve",
        "accepting connections",
        "connected to ",
        "connection established",
        "connected successfully",
        "successfully connected",
        "reconnected",
        "retry succeeded",
    ]) && !words.has(&["not ", "n't ", "fail", "unable", "cannot", "lost", "error", "refused", "panic"])
        && !words.has(&["metrics", "health", "pprof", "debug"])
}

/// Whether a line is meant to inform: its writer saw no trouble in it.
fn is_calm(words: &Words<'_>) -> bool {
    const CALM: [&str; 4] = ["INFO", "DEBUG", "TRACE", "NOTICE"];
    const GRAVE: [&str; 8] = ["ERROR", "ERR", "FATAL", "CRITICAL", "PANIC", "WARN", "WARNING", "SEVERE"];
    let start: String = words.line.chars().take(80).collect();
    // What stands before `=` is the name of something else.
    let mut levels = start.split_inclusive(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.ends_with('='));
    let level = levels.find_map(|word| {
        let word = word.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
        (CALM.contains(&word) || GRAVE.contains(&word)).then_some(word)
    });
    let is_marked = level.is_some_and(|word| CALM.contains(&word));
    if level.is_some() {
        return is_marked;
    }
    let begins = |word: &str| {
        let mut first = words.lower.split_whitespace().take(3);
        first.any(|it| it.trim_matches(['[', ']', ':', '-', '|']) == word)
    };
    let plain = words.lower.replace('"', "").replace(": ", ":");
    let fields = ["level", "lvl", "severity"].into_iter().flat_map(|field| {
        ["info", "debug", "trace", "20", "30"].map(|value| [format!("{field}={value}"), format!("{field}:{value}")])
    });
    let is_field = |field: &String| {
        let at = plain.find(field.as_str());
        at.is_some_and(|at| !plain[at + field.len()..].starts_with(|it: char| it.is_ascii_alphanumeric()))
    };
    let is_named = fields.flatten().any(|field| is_field(&field)) || begins("info") || begins("debug");
    let is_glog = words.line.len() > 5
        && words.line.starts_with('I')
        && words.line[1..].bytes().take(4).all(|byte| byte.is_ascii_digit());
    is_glog || is_named || words.has(&["[info]", "[debug]"])
}

/// The facts of a container, for those who describe what its log says.
pub(super) fn is_telling_of(status: &ContainerStatus) -> bool {
    let has_ended = status.state.terminated.as_ref().is_some_and(|end| end.exit_code != 0 || status.restart_count > 0);
    has_ended || status.last_state.terminated.is_some() || status.state.running.is_some() && !status.ready
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, instance: Instance) -> Option<(&'static str, String)> {
        telling(&Tail::of(text), instance).map(|(line, signature)| (signature.id, line.text.clone()))
    }

    fn id(text: &str) -> Option<&'static str> {
        told(text, Instance::Ended).map(|(id, _)| id)
    }

    #[test]
    fn the_newest_reason_counts_and_traces_behind_it_do_no_harm() {
        let go = "starting\ndial tcp 10.0.0.1:5432: connect: connection refused\npanic: no database\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\nexit status 2\n";
        assert_eq!(id(go), Some("connection-refused"));
        let python =
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\nKeyError: 'DATABASE_URL'\n";
        assert_eq!(id(python), Some("setting-missing"));
        assert_eq!(id("panic: index out of range\n"), Some("crashed"));
        let far = format!("connection refused\n{}panic: index out of range\n", "step\n".repeat(20));
        assert_eq!(id(&far), Some("crashed"), "it went on for a while");
    }

    #[test]
    fn what_is_over_or_was_meant_to_inform_explains_nothing() {
        assert_eq!(id("dial tcp db:5432: connection refused, retry 1\nconnected to db:5432\ndone\n"), None);
        assert_eq!(id("WARN dial tcp db:5432: connection refused\nlistening on :8080\nreceived signal 15\n"), None);
        assert_eq!(id("level=info msg=\"peer said: connection refused\"\n"), None);
        assert_eq!(id("2026-01-01 INFO permission denied for guest, as it should be\n"), None);
        assert_eq!(id("I0102 03:04:05.6 main.go:1] dial tcp db:5432: connection refused\n"), None);
        assert_eq!(
            id("E0102 03:04:05.6 main.go:1] dial tcp db:5432: connection refused\n"),
            Some("connection-refused")
        );
        assert_eq!(id("not connected to db\nfailed: could not connect to db:5432\n"), Some("connection-failed"));
    }

    #[test]
    fn nothing_is_made_of_a_log_that_says_nothing() {
        assert_eq!(id("one\ntwo\n"), None);
        assert_eq!(id(""), None);
    }
}
