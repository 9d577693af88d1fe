//! Earlier runs: what this one is compared with, what is kept of it, and the list of them.

mod compare;
mod edits;
mod list;
mod run;

pub use compare::{Comparison, Status, was_looked_at};
pub use edits::Edits;
pub use list::{command, list};

use crate::args::Request;
use crate::judgement::Judgement;
use crate::report;
use crate::routine::Routine;
use crate::usage::{self, Usage};
pub use run::{Past, Run};

use jiff::{SignedDuration, Timestamp};
use sre_core::cause::Judged;
use sre_core::finding::Severity;
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use sre_runtime::state::State;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of this command's runs.
const FOLDER: &str = "daily-check";

/// Runs that are kept of one cluster and scope: two months of mornings.
const KEPT: usize = 60;

/// Runs whose counts are drawn before this one's.
const DRAWN: usize = 13;

/// In seconds.
const HOUR: i64 = 3600;

/// What to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The last run of the same cluster and scope.
    Last,
    /// Nothing; and nothing is kept.
    None,
    /// A file, or the id of a kept run.
    Named(String),
}

impl Baseline {
    /// Reads what `--baseline` was given; without it live runs are compared with the last one, stored ones with none.
    pub fn of(typed: Option<&str>, session: &Session) -> Self {
        match typed {
            Some("last") => Self::Last,
            Some("none") => Self::None,
            Some(name) => Self::Named(name.to_owned()),
            None if session.is_live() => Self::Last,
            None => Self::None,
        }
    }
}

/// Compares the findings of now with the run that was asked for.
///
/// # Errors
/// Fails when the run that was asked for by name is not there.
pub fn compared(
    request: &Request,
    session: &mut Session,
    view: &View<'_>,
    judged: &[Judged],
) -> Result<Option<Comparison>, Error> {
    let is_evening = request.routine == Routine::Evening;
    let compare = |baseline: &Run| {
        let comparison = compare::compare(baseline, &request.checks, view, judged);
        let edits = || of_a_day(request, view).or_else(|| Edits::since(baseline, view));
        // Nobody else tells of them, and earlier runs are read for it.
        Comparison { edits: is_evening.then(edits).flatten(), ..comparison }
    };
    match &request.baseline {
        Baseline::None => Ok(None),
        Baseline::Named(name) => Ok(Some(compare(&named(name, view)?))),
        Baseline::Last => {
            let runs = last(request, session, view);
            let trend = runs.iter().map(|run| (run.taken_at, Severity::ALL.map(|severity| run.standing(severity))));
            let Some(last) = runs.last() else { return Ok(None) };
            let comparison = Comparison { trend: trend.collect(), ..compare(last) };
            let usage = if is_evening { measured(request, session, view, &runs)? } else { Vec::new() };
            Ok(Some(Comparison { usage, ..comparison }))
        }
    }
}

/// What was edited in about a day, whatever run the findings are compared with: since the newest run that is a day old,
/// else since the oldest of the day.
fn of_a_day(request: &Request, view: &View<'_>) -> Option<Edits> {
    let state = State::of_process().ok()?;
    let folder = folder(&view.snapshot.cluster()?, &request.scope);
    let names = state.names(&folder).ok()?;
    let order = by_use_for_a_day(&names, view.now());
    // What cannot be read was told where it is compared with.
    order.into_iter().filter_map(|name| read(&state, &folder.join(name)).ok()).find_map(|run| Edits::since(&run, view))
}

/// Kept runs from before the look, those first against which the edits of a day are known best.
fn by_use_for_a_day(names: &[String], now: Timestamp) -> Vec<&str> {
    let before = names.iter().filter_map(|name| Some((made(name).filter(|made| *made < now)?, name.as_str())));
    let (mut old, young): (Vec<_>, Vec<_>) =
        before.partition(|(made, _)| now.duration_since(*made) >= SignedDuration::from_hours(24));
    old.reverse();
    old.into_iter().chain(young).map(|(_, name)| name).collect()
}

/// What is to be kept of this run, if it looked at a live cluster and nobody forbade it.
pub fn to_keep(request: &Request, session: &Session, judgement: &Judgement<'_>) -> Option<Run> {
    let (view, judged, comparison) = (&judgement.view, &judgement.judged, judgement.comparison.as_ref());
    if !session.is_live() || request.baseline == Baseline::None {
        return None;
    }
    let cluster = view.snapshot.cluster()?;
    let origin = &view.snapshot.origin;
    let first_seen = |one: &Judged| {
        comparison.and_then(|it| it.findings.get(&one.id)).map_or(view.now(), |(_, first_seen)| *first_seen)
    };
    let told: BTreeSet<&str> = report::told(request, judgement).iter().map(|one| one.id.as_str()).collect();
    let past = |one: &Judged| Past { told: told.contains(one.id.as_str()), ..Past::of(one, first_seen(one)) };
    Some(Run {
        id: format!("{}-{}", view.now().strftime("%Y%m%dT%H%M%SZ"), session.run_id()),
        context: origin.context.clone(),
        server: origin.server.clone(),
        scope: request.scope.clone(),
        taken_at: view.now(),
        findings: judged.iter().map(past).chain(comparison.into_iter().flat_map(compare::unseen)).collect(),
        inventory: run::inventory(view),
        revisions: run::revisions_to_keep(view),
        usage: usage::now(view),
        cluster,
    })
}

/// Keeps a run; the report stands whatever becomes of that.
pub fn keep(session: &mut Session, run: &Run) {
    let folder = folder(&run.cluster, &run.scope);
    let bytes = serde_json::to_vec(run).unwrap_or_default();
    let kept = State::of_process().and_then(|state| {
        state.keep(&folder.join(format!("{}.json", run.id)), &bytes)?;
        state.bound(&folder, KEPT)
    });
    if let Err(error) = kept {
        session.fails_with(error);
    }
}

/// A cluster's runs of one scope.
fn folder(cluster: &str, scope: &str) -> PathBuf {
    Path::new(FOLDER).join(cluster).join(sre_core::finding::digest(scope))
}

/// What the nodes used in the morning and the evening before, as far as runs were made and kept then.
fn measured(
    request: &Request,
    session: &mut Session,
    view: &View<'_>,
    last: &[Run],
) -> Result<Vec<(Timestamp, Usage)>, Error> {
    let Some(cluster) = view.snapshot.cluster() else { return Ok(Vec::new()) };
    let (state, folder) = (State::of_process()?, folder(&cluster, &request.scope));
    let names = state.names(&folder).unwrap_or_default();
    let mut usage = Vec::new();
    for name in telling(&names, view.now()) {
        let known = last.iter().find(|run| name.strip_suffix(".json") == Some(run.id.as_str()));
        let run = known.map_or_else(|| read(&state, &folder.join(name)), |run| Ok(run.clone()));
        match run {
            Ok(run) => usage.extend(run.usage.map(|usage| (run.taken_at, usage))),
            Err(error) => session.fails_with(error),
        }
    }
    Ok(usage)
}

/// The names of the runs that an evening is held against: the one nearest to a day ago, within six hours, and the first
/// of the last fourteen hours, unless it was just made.
fn telling(names: &[String], now: Timestamp) -> Vec<&String> {
    let ages: Vec<(i64, &String)> =
        names.iter().filter_map(|name| Some((now.duration_since(made(name)?).as_secs(), name))).collect();
    let from_day = |age: i64| (age - 24 * HOUR).abs();
    let yesterday = ages.iter().filter(|(age, _)| from_day(*age) <= 6 * HOUR).min_by_key(|(age, _)| from_day(*age));
    let today = ages.iter().filter(|(age, _)| (HOUR..=14 * HOUR).contains(age)).max_by_key(|(age, _)| *age);
    yesterday.into_iter().chain(today).map(|(_, name)| *name).collect()
}

/// When a kept run was made, by its name.
fn made(name: &str) -> Option<Timestamp> {
    name.split('-').next()?.parse().ok()
}

/// The last runs, the oldest first; one that cannot be read is told, and does not end this one.
fn last(request: &Request, session: &mut Session, view: &View<'_>) -> Vec<Run> {
    let Some(cluster) = view.snapshot.cluster() else { return Vec::new() };
    let state = match State::of_process() {
        Ok(state) => state,
        Err(error) => {
            session.fails_with(nowhere_to_keep(error));
            return Vec::new();
        }
    };
    let folder = folder(&cluster, &request.scope);
    let names = match state.names(&folder) {
        Ok(names) => names,
        Err(error) => {
            session.fails_with(error);
            return Vec::new();
        }
    };
    let mut runs = Vec::new();
    for name in &names[names.len().saturating_sub(DRAWN)..] {
        match read(&state, &folder.join(name)) {
            Ok(run) => runs.push(run),
            Err(error) => session.warn(&error),
        }
    }
    runs
}

/// The report stands, and says what to type so that nothing is looked for.
fn nowhere_to_keep(error: Error) -> Error {
    match error {
        Error::Local { path, source } => {
            let why = format!("{source}; --baseline none compares with nothing, and keeps nothing");
            Error::Local { path, source: io::Error::new(source.kind(), why) }
        }
        other => other,
    }
}

fn read(state: &State, file: &Path) -> Result<Run, Error> {
    Run::parse(&state.read(file)?).map_err(|what| unreadable(&file.display().to_string(), &what))
}

fn named(name: &str, view: &View<'_>) -> Result<Run, Error> {
    if Path::new(name).is_file() {
        let bytes = fs::read(name).map_err(|error| unreadable(name, &error.to_string()))?;
        return Run::parse(&bytes).map_err(|what| unreadable(name, &what));
    }
    let nowhere = || Error::Usage {
        message: format!("--baseline {name}: neither a file nor the id of a kept run of this cluster"),
        hint: "see which runs are kept: kubectl sre daily-check history".to_owned(),
    };
    let state = State::of_process()?;
    let cluster = Path::new(FOLDER).join(view.snapshot.cluster().ok_or_else(nowhere)?);
    for scope in state.names(&cluster)? {
        let file = cluster.join(scope).join(format!("{name}.json"));
        if state.names(file.parent().unwrap_or(&cluster))?.iter().any(|kept| *kept == format!("{name}.json")) {
            return read(&state, &file);
        }
    }
    Err(nowhere())
}

fn unreadable(what: &str, why: &str) -> Error {
    Error::Usage {
        message: format!("the earlier run {what} cannot be read: {why}"),
        hint: "name another one, or compare with nothing: --baseline none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_is_held_against_the_one_before_and_the_morning() {
        let now: Timestamp = "2026-11-28T18:00:00Z".parse().expect("a time");
        let chosen = |days: &[&str]| {
            let names: Vec<String> = days.iter().map(|day| format!("{day}-1a2b-3c.json")).collect();
            telling(&names, now).into_iter().map(|name| name[..13].to_owned()).collect::<Vec<_>>()
        };
        let all = ["20261126T180000Z", "20261127T070000Z", "20261127T183000Z", "20261127T210000Z", "20261128T070000Z"];
        assert_eq!(chosen(&all), ["20261127T1830", "20261128T0700"]);
        assert_eq!(chosen(&["20261128T090000Z", "20261128T120000Z", "20261128T175900Z"]), ["20261128T0900"]);
        assert_eq!(chosen(&["20261128T175900Z", "20261120T180000Z", "notes"]), Vec::<String>::new());
    }

    #[test]
    fn edits_of_a_day_are_those_since_the_newest_run_that_is_a_day_old() {
        let names = ["20261101T070000Z-1", "20261126T060000Z-2", "20261127T080000Z-3", "20261127T180000Z-4", "odd"];
        let names = names.map(|name| format!("{name}.json"));
        let order = |now: &str| {
            let order = by_use_for_a_day(&names, now.parse().expect("a time"));
            order.into_iter().map(|name| name.split('-').next().unwrap_or_default()).collect::<Vec<_>>()
        };
        let (first, second, third, fourth) =
            ("20261101T070000Z", "20261126T060000Z", "20261127T080000Z", "20261127T180000Z");
        assert_eq!(order("2026-11-27T20:00:00Z"), [second, first, third, fourth]);
        assert_eq!(order("2026-11-27T19:00:00Z")[0], second);
        assert_eq!(order("2026-11-26T05:00:00Z"), [first], "what was kept later is not before it");
        assert_eq!(order("2026-11-02T05:00:00Z"), [first], "nothing is a day old");
    }
}
