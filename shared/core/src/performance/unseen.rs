//! What a triage cannot tell of performance, why, and what to ask instead.

use super::{builtin, databases, measures};
use crate::check::Sight;
use crate::profile::{Measure, Profile};
use crate::slim::Kind;
use crate::slim::usage::PodMetrics;
use crate::snapshot::{ReadState, Snapshot};
use crate::view::View;

/// Why measurements could not be had; empty words where they could.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmeasured {
    /// Of Prometheus.
    pub prometheus: String,
    /// Of metrics.k8s.io.
    pub usage: String,
}

/// A question that cannot be answered from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// What is not known.
    pub question: String,
    /// Why.
    pub why: String,
    /// What to ask or to type instead.
    pub ask: String,
}

/// Notes why measurements could not be had, and lets a triage go on without them: only what a profile names must answer.
pub fn unmeasured(snapshot: &mut Snapshot, profile: &Profile) -> Unmeasured {
    let usage = Sight::Of(Kind::PodMetrics);
    let words = |sight, nobody: &str| match snapshot.coverage.state(sight) {
        ReadState::Read { .. } => String::new(),
        ReadState::NotInstalled => nobody.to_owned(),
        ReadState::NotCollected => "no measurements were collected".to_owned(),
        ReadState::NotAsked if sight == Sight::Prometheus => {
            "in one namespace no Prometheus is looked for; a profile names it".to_owned()
        }
        ReadState::NotAsked => "they were not asked for".to_owned(),
        ReadState::Gap(gap) => format!("{}: {}", gap.reason.word(), gap.detail),
    };
    let why = Unmeasured {
        prometheus: words(Sight::Prometheus, "no Prometheus was found"),
        usage: words(usage, "metrics.k8s.io is not installed"),
    };
    for (sight, is_named) in [(Sight::Prometheus, profile.prometheus.is_some()), (usage, false)] {
        if !is_named && snapshot.coverage.gap(sight).is_some() {
            snapshot.coverage.record(sight, ReadState::NotAsked);
        }
    }
    why
}

/// What was asked and nobody measures, what could not be asked, and what only people know.
pub fn unseen(view: &View<'_>, lost: &Unmeasured) -> Vec<Unseen> {
    let trouble = |measure: &Measure| view.snapshot.answers.trouble(&measure.query, view.now());
    let has_asked = databases::all_told(view);
    let has_usage = !view.all::<PodMetrics>().is_empty();
    let unanswered = measures(&view.profile).into_iter().filter(|it| view.samples(&it.query).is_empty());
    // What metrics.k8s.io tells of memory and CPU stands in for it.
    let unanswered = unanswered.filter(|it| !(has_usage && matches!(it.class, "memory-near-limit" | "cpu-throttled")));
    // So does what all databases say of themselves.
    let unanswered = unanswered.filter(|it| !(has_asked && it.class == "database-connections-exhausted"));
    let of_measures = unanswered.map(|measure| Unseen {
        question: measure.name.to_string(),
        why: match trouble(&measure) {
            Some(Err(why)) => why,
            None if !lost.prometheus.is_empty() => lost.prometheus.clone(),
            Some(Ok(())) | None => "Prometheus has no such series".to_owned(),
        },
        ask: ask(view, &measure),
    });
    // What was answered with a warning is used, and there may be more of it.
    let partly = measures(&view.profile).into_iter().filter(|it| !view.samples(&it.query).is_empty());
    let partly = partly.filter_map(|measure| {
        let why = trouble(&measure)?.err()?;
        Some(Unseen { question: measure.name.to_string(), why, ask: ask(view, &measure) })
    });
    let is_one = view.snapshot.namespaces.one().is_some();
    let cut = builtin::measures(&view.profile).into_iter();
    let cut = cut.filter(|it| is_one && view.samples(&it.query).len() >= builtin::MOST).map(|measure| Unseen {
        question: measure.name.to_string(),
        why: format!("Prometheus told the {} worst of the whole cluster only", builtin::MOST),
        ask: ask(view, &measure),
    });
    let asked: Vec<&str> = measures(&view.profile).iter().map(|it| it.class).collect();
    let of_people = view.profile.answers.iter().filter(|it| it.settings.is_empty() && !asked.contains(&it.class));
    let of_people = of_people.filter_map(|it| {
        let question = it.class.replace('-', " ");
        Some(Unseen { question, why: "nothing in the cluster shows it".to_owned(), ask: it.ask.clone()? })
    });
    of_measures.chain(partly).chain(cut).chain(of_people).collect()
}

fn ask(view: &View<'_>, measure: &Measure) -> String {
    let of_profile = view.profile.answers.iter().filter(|it| it.class == measure.class).find_map(|it| it.ask.clone());
    of_profile.unwrap_or_else(|| {
        let command = match measure.class {
            "memory-near-limit" | "cpu-throttled" | "memory-growing" => {
                "kubectl top pod -A --containers, now and in an hour"
            }
            "database-connections-exhausted" => {
                "kubectl sre incident triage TYPE/NAME -n NAMESPACE --ask-database, which asks the server itself"
            }
            "storage-slow" => "whoever runs the disks: operations a second, and the time that one takes",
            _ => "whoever runs it, or its own metrics endpoint",
        };
        command.to_owned()
    })
}
