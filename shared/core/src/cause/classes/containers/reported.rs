//! What the events of a pod say about one of its containers.

use super::super::image_pulls::is_pull_failure;
use super::{Trouble, seen::Seen, words::says};
use crate::slim::Event;

/// Which probe made the kubelet kill a container.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Killer {
    LivenessProbe,
    StartupProbe,
}

impl Killer {
    pub fn trouble(self) -> Trouble {
        match self {
            Self::LivenessProbe => Trouble::LivenessKill,
            Self::StartupProbe => Trouble::StartupProbe,
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::LivenessProbe => &["liveness probe", "liveness"],
            Self::StartupProbe => &["startup probe", "startup"],
        }
    }
}

/// The events that are about a container, or about the whole pod, newest first.
pub(super) fn events<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Event> {
    let part = format!("{{{}}}", seen.status.name);
    let alone = seen.pod.spec.all_containers().count() <= 1;
    let named = seen.status.name.as_str();
    let all = seen.view.events_about(&crate::slim::Object::reference(seen.pod)).iter().copied();
    all.filter(move |event| {
        let path = event.involved_object.field_path.as_str();
        path.ends_with(&part) || path.is_empty() && (alone || says_name(&event.message, named))
    })
}

fn says_name(message: &str, name: &str) -> bool {
    message.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').any(|word| word == name)
}

/// All that is said of why a container does not start: its own messages, and the warnings about it.
pub(super) fn said(seen: &Seen<'_>) -> String {
    let ending = seen.ending().map_or("", |end| &end.message);
    let failed =
        events(seen).filter(|event| matches!(event.reason.as_str(), "Failed" | "FailedStart" | "RunContainerError"));
    let failed = failed.filter(|event| !is_pull_failure(&event.message)).map(|event| event.message.as_str());
    [seen.waiting_message(), ending].into_iter().chain(failed).collect::<Vec<_>>().join("\n")
}

/// Whether the kubelet says that it waits before the next restart.
pub(super) fn backs_off(seen: &Seen<'_>) -> bool {
    events(seen).any(|event| {
        event.reason == "BackOff" && says(&event.message, &["restarting failed"]) && seen.is_recent(event.last_seen())
    })
}

/// The probe that killed a container.
///
/// A failing probe alone is no proof: a process that dies by itself fails its probes, too. It counts when the process
/// was stopped from outside.
pub(super) fn killer(seen: &Seen<'_>) -> Option<Killer> {
    let killed = |killer: &Killer| kills(seen, *killer).next().is_some();
    let stopped = seen.ending().is_some_and(|end| matches!(end.exit_code, 137 | 143));
    let failing = |killer: &Killer| stopped && failures(seen, *killer).next().is_some();
    let both = [Killer::LivenessProbe, Killer::StartupProbe];
    both.into_iter().find(killed).or_else(|| both.into_iter().find(failing))
}

/// Whether a probe killed a container a moment ago, or again and again.
pub(super) fn kills_again(seen: &Seen<'_>) -> bool {
    let Some(killer) = killer(seen) else { return false };
    kills(seen, killer).any(|event| seen.is_recent(event.last_seen()) || event.occurrences() >= 3)
}

fn kills<'a>(seen: &Seen<'a>, killer: Killer) -> impl Iterator<Item = &'a Event> {
    of_last_life(seen).filter(move |event| event.reason == "Killing" && says(&event.message, killer.words()))
}

/// The failures of a probe that the kubelet reported, newest first.
pub(super) fn failures<'a>(seen: &Seen<'a>, killer: Killer) -> impl Iterator<Item = &'a Event> {
    let probe = |event: &&Event| matches!(event.reason.as_str(), "Unhealthy" | "ProbeError");
    of_last_life(seen).filter(probe).filter(move |event| says(&event.message, &killer.words()[..1]))
}

/// Events that are not older than the life that ended last: an old kill does not explain a new end.
fn of_last_life<'a>(seen: &Seen<'a>) -> impl Iterator<Item = &'a Event> {
    let began = seen.ending().and_then(|end| end.started_at.at());
    events(seen).filter(move |event| began.is_none() || event.last_seen().is_none() || event.last_seen() >= began)
}

/// Whether a postStart hook failed.
pub(super) fn start_hook_failed(seen: &Seen<'_>) -> bool {
    of_last_life(seen).any(|event| matches!(event.reason.as_str(), "FailedPostStartHook" | "PostStartHookError"))
}

/// Whether a preStop hook failed.
pub(super) fn stop_hook_failed(seen: &Seen<'_>) -> bool {
    of_last_life(seen).any(|event| event.reason == "FailedPreStopHook")
}

/// The newest event that tells most: a failed hook, a failing probe, a failure to start.
pub(super) fn telling<'a>(seen: &Seen<'a>, trouble: Trouble) -> Option<&'a Event> {
    match trouble {
        Trouble::LivenessKill => {
            failures(seen, Killer::LivenessProbe).next().or_else(|| kills(seen, Killer::LivenessProbe).next())
        }
        Trouble::StartupProbe => {
            failures(seen, Killer::StartupProbe).next().or_else(|| kills(seen, Killer::StartupProbe).next())
        }
        Trouble::HookFailed => events(seen).find(|event| event.reason.contains("Hook")),
        Trouble::CommandInvalid | Trouble::RuntimeError | Trouble::ArchitectureMismatch => {
            events(seen).find(|event| event.reason == "Failed")
        }
        _ => None,
    }
}
