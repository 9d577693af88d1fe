//! The line of a log that says why its process ended or does not work.

use super::signature::Words;
use super::telling::{Told, is_own, read};
use super::{Line, LogName, LogRead, Signature};
use crate::object::ObjectRef;
use crate::slim::Pod;
use crate::slim::container_status::{ContainerStateTerminated, ContainerStatus};
use crate::view::{View, is_ready};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How old what a running process says may be, and how long before its end what one says that has ended.
const RECENT: SignedDuration = SignedDuration::from_mins(15);

/// How soon after a line the process must have ended for the state to bear the line out: a kubelet tells whole seconds.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(10);

/// Whether the process has ended whose log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// It has: the reason stands at the end.
    Ended,
    /// It runs, and its pod is not ready.
    Running,
    /// It runs, and its pod is ready.
    Working,
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
    /// Whether the state of the container bears it out: its process ended at once.
    pub is_borne_out: bool,
}

/// A line that gives a reason, which something stands against.
#[derive(Clone)]
pub struct Hint<'v> {
    /// What it would explain.
    pub would: Explanation<'v>,
    /// What stands against it.
    pub why: &'static str,
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
    for log in &view.snapshot.logs {
        let Some((Some(one), _)) = of_log(view, log) else { continue };
        let key = (view.owner_of(one.pod), log.log.container.as_str());
        let is_better = |known: &Explanation<'_>| known.instance != Instance::Ended && one.instance == Instance::Ended;
        if best.get(&key).is_none_or(is_better) {
            best.insert(key, one);
        }
    }
    best.into_values().collect()
}

/// What the logs that were read say besides, with less right: of each container every reason once.
pub fn hints<'v>(view: &View<'v>) -> Vec<Hint<'v>> {
    let mut seen: BTreeSet<(ObjectRef, &str, &str)> = BTreeSet::new();
    let all = view.snapshot.logs.iter().filter_map(|log| of_log(view, log)).flat_map(|(_, lost)| lost);
    all.filter(|hint| {
        let would = &hint.would;
        seen.insert((view.owner_of(would.pod), would.log.container.as_str(), would.signature.id))
    })
    .collect()
}

/// The line of a log that says why, and those that say so with less right.
fn of_log<'v>(view: &View<'v>, log: &'v LogRead) -> Option<(Option<Explanation<'v>>, Vec<Hint<'v>>)> {
    let pod = view.get::<Pod>(&log.log.namespace, &log.log.pod)?;
    let tail = log.tail.as_ref().ok()?;
    let status = status_of(pod, &log.log.container)?;
    let instance = instance(pod, status, &log.log);
    let is_timely = |line: &Line| instance == Instance::Ended || line.at.is_none_or(|at| view.age(at) <= RECENT);
    let of_line = |line: &'v Line, signature: &'static Signature, is_borne_out: bool| {
        let subject = (signature.subject)(&Words::of(&line.text));
        Explanation { log: &log.log, pod, instance, line, signature, subject, is_borne_out }
    };
    let reading = read(tail, instance);
    let reason = reading.reason.filter(|told| is_timely(told.line));
    let reason = reason.map(|told| of_line(told.line, told.signature, is_borne_out(status, &log.log, instance, &told)));
    let own = reason.as_ref().filter(|it| is_own(it.signature));
    let refuted = own.and_then(|it| refutation(status, it));
    let lost = reading.lost.into_iter().filter(|lost| is_timely(lost.line));
    let lost = lost.map(|lost| Hint { would: of_line(lost.line, lost.signature, false), why: lost.why });
    Some(match (reason, refuted) {
        (Some(would), Some(why)) => (None, [Hint { would, why }].into_iter().chain(lost).collect()),
        (reason, _) => (reason, lost.collect()),
    })
}

fn instance(pod: &Pod, status: &ContainerStatus, log: &LogName) -> Instance {
    let runs = status.state.running.is_some() && !log.previous;
    match runs {
        true if is_ready(pod) => Instance::Working,
        true => Instance::Running,
        false => Instance::Ended,
    }
}

/// What the end of a process says against a line that would explain it: who is killed, or ends well, or long after, does not
/// end of it.
fn refutation(status: &ContainerStatus, one: &Explanation<'_>) -> Option<&'static str> {
    let end = end_of(status, one.log).filter(|_| one.instance == Instance::Ended)?;
    let after = one.line.at.zip(end.finished_at.at()).map(|(at, ended)| ended.duration_since(at));
    match end.exit_code {
        0 => Some("the process ended without an error"),
        137 | 143 => Some("the process was killed"),
        _ if after.is_some_and(|after| after > RECENT) => Some("the process ran on long after it"),
        _ => None,
    }
}

/// How the instance ended that wrote a log: what waits to be started again has written nothing yet.
fn end_of<'s>(status: &'s ContainerStatus, log: &LogName) -> Option<&'s ContainerStateTerminated> {
    let is_before = log.previous || status.state.waiting.is_some();
    if is_before { status.last_state.terminated.as_deref() } else { status.state.terminated.as_deref() }
}

/// Whether the process ended with an error at once after a line; where times are not known, with nothing between.
fn is_borne_out(status: &ContainerStatus, log: &LogName, instance: Instance, told: &Told<'_>) -> bool {
    let end = end_of(status, log).filter(|end| instance == Instance::Ended && end.exit_code != 0);
    let Some(end) = end else { return false };
    match (told.line.at, end.finished_at.at()) {
        (Some(at), Some(ended)) => told.is_last && ended.duration_since(at) <= AT_ONCE,
        _ => told.is_last,
    }
}

pub(super) fn status_of<'p>(pod: &'p Pod, container: &str) -> Option<&'p ContainerStatus> {
    pod.container_statuses().find(|status| status.name == container)
}

/// The facts of a container, for those who describe what its log says.
pub(super) fn is_telling_of(status: &ContainerStatus) -> bool {
    let has_ended = status.state.terminated.as_ref().is_some_and(|end| end.exit_code != 0 || status.restart_count > 0);
    has_ended || status.last_state.terminated.is_some() || status.state.running.is_some() && !status.ready
}
