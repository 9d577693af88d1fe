//! Earlier runs: what this one is compared with, what is kept of it, and the list of them.

mod compare;
mod list;
mod run;

pub use compare::{Comparison, Status, was_looked_at};
pub use list::{command, list};

use crate::args::Request;
use crate::routine::Routine;
use crate::usage::{self, Usage};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
pub use run::{Past, Run};

use sre_core::cause::Judged;
use sre_core::finding::Severity;
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use sre_runtime::state::State;
use std::fs;
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
/// Fails when the run that was asked for is not there, or nothing is known of where runs are kept.
pub fn compared(
    request: &Request,
    session: &mut Session,
    view: &View<'_>,
    judged: &[Judged],
) -> Result<Option<Comparison>, Error> {
    let compare = |baseline: &Run| compare::compare(baseline, &request.checks, view, judged);
    match &request.baseline {
        Baseline::None => Ok(None),
        Baseline::Named(name) => Ok(Some(compare(&named(name, view)?))),
        Baseline::Last => {
            let runs = last(request, session, view)?;
            let trend = runs.iter().map(|run| (run.taken_at, Severity::ALL.map(|severity| run.standing(severity))));
            let Some(last) = runs.last() else { return Ok(None) };
            let comparison = Comparison { trend: trend.collect(), ..compare(last) };
            if request.routine != Routine::Evening {
                return Ok(Some(comparison));
            }
            let usage = measured(request, session, view, &runs)?;
            Ok(Some(Comparison { usage, ..comparison }))
        }
    }
}

/// What is to be kept of this run, if it looked at a live cluster and nobody forbade it.
pub fn to_keep(
    request: &Request,
    session: &Session,
    view: &View<'_>,
    judged: &[Judged],
    comparison: Option<&Comparison>,
) -> Option<Run> {
    if !session.is_live() || request.baseline == Baseline::None {
        return None;
    }
    let cluster = view.snapshot.cluster()?;
    let origin = &view.snapshot.origin;
    let first_seen = |one: &Judged| {
        comparison.and_then(|it| it.findings.get(&one.id)).map_or(view.now(), |(_, first_seen)| *first_seen)
    };
    Some(Run {
        id: format!("{}-{}", view.now().strftime("%Y%m%dT%H%M%SZ"), session.run_id()),
        context: origin.context.clone(),
        server: origin.server.clone(),
        scope: request.scope.clone(),
        taken_at: view.now(),
        findings: judged.iter().map(|one| Past::of(one, first_seen(one))).collect(),
        inventory: run::inventory(view),
        revisions: run::revisions(view).into_iter().map(|(name, (_, version))| (name, version)).collect(),
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
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", name.split('-').next()?).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The last runs, the oldest first; one that cannot be read is told, and does not end this one.
fn last(request: &Request, session: &mut Session, view: &View<'_>) -> Result<Vec<Run>, Error> {
    let Some(cluster) = view.snapshot.cluster() else { return Ok(Vec::new()) };
    let state = State::of_process()?;
    let folder = folder(&cluster, &request.scope);
    let names = match state.names(&folder) {
        Ok(names) => names,
        Err(error) => {
            session.fails_with(error);
            return Ok(Vec::new());
        }
    };
    let mut runs = Vec::new();
    for name in &names[names.len().saturating_sub(DRAWN)..] {
        match read(&state, &folder.join(name)) {
            Ok(run) => runs.push(run),
            Err(error) => session.fails_with(error),
        }
    }
    Ok(runs)
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
}
