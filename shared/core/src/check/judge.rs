//! Runs checks against a view: findings, what could not be decided, and what found nothing.

use super::{Check, Sight};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::snapshot::{Coverage, Gap, ReadState};
use crate::view::View;

/// What the checks came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings, and an `unknown` one for each gap that hid what a check needs.
    pub findings: Vec<Finding>,
    /// Ids of the checks that ran whole and found nothing.
    pub passed: Vec<&'static str>,
    /// Ids of the checks that were left out, with what was not there to look at.
    pub skipped: Vec<(&'static str, Sight)>,
}

/// Runs every check that the snapshot allows.
pub fn judge(checks: &[&Check], view: &View<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    for check in checks {
        judge_one(check, view, &mut outcome);
    }
    outcome
}

fn judge_one(check: &Check, view: &View<'_>, outcome: &mut Outcome) {
    let coverage = &view.snapshot.coverage;
    if let Some(absent) = nothing_to_judge(check, coverage) {
        outcome.skipped.push((check.id, absent));
        return;
    }
    let hidden: Vec<(Sight, &Gap)> = hidden_from(check, coverage);
    let blind = hidden.iter().any(|(sight, _)| check.relies_on.contains(sight));
    let mut findings = if blind { Vec::new() } else { (check.run)(view) };
    findings.retain(|finding| !goes_with_its_namespace(&finding.object, view));
    findings.extend(hidden.into_iter().map(|(sight, gap)| undecided(check, sight, gap, view)));
    match (findings.is_empty(), nothing_there(check, coverage)) {
        (true, Some(sight)) => outcome.skipped.push((check.id, sight)),
        (true, None) => outcome.passed.push(check.id),
        (false, _) => {}
    }
    outcome.findings.extend(findings);
}

/// What a namespace that is being deleted has lost already is no trouble; the namespace itself has a check.
fn goes_with_its_namespace(object: &ObjectRef, view: &View<'_>) -> bool {
    object.namespace.as_deref().is_some_and(|namespace| view.is_going_namespace(namespace))
}

/// The first thing whose absence, without being a gap, leaves the check nothing to say.
fn nothing_to_judge(check: &Check, coverage: &Coverage) -> Option<Sight> {
    let absent = |sight: &&Sight| {
        matches!(coverage.state(**sight), ReadState::NotAsked | ReadState::NotInstalled | ReadState::NotCollected)
    };
    if !check.examines.is_empty() && check.examines.iter().all(|sight| absent(&sight)) {
        return check.examines.first().copied();
    }
    check.relies_on.iter().find(absent).copied()
}

/// What the check examines, when all of it was read and there was none: that proves nothing to be well.
fn nothing_there(check: &Check, coverage: &Coverage) -> Option<Sight> {
    let none = |sight: &Sight| matches!(coverage.state(*sight), ReadState::Read { count: 0 });
    if check.examines.iter().all(none) { check.examines.first().copied() } else { None }
}

fn hidden_from<'a>(check: &Check, coverage: &'a Coverage) -> Vec<(Sight, &'a Gap)> {
    let needed = check.examines.iter().chain(check.relies_on);
    let mut hidden: Vec<(Sight, &Gap)> = needed.filter_map(|&sight| Some((sight, coverage.gap(sight)?))).collect();
    hidden.sort_by_key(|(sight, _)| *sight);
    hidden.dedup_by_key(|(sight, _)| *sight);
    hidden
}

fn undecided(check: &Check, sight: Sight, gap: &Gap, view: &View<'_>) -> Finding {
    let title = format!("not decided: {}; {} was not seen whole ({})", check.title, sight.word(), gap.reason.word());
    let object = everything_of(sight, view);
    Finding::new(check.id, Severity::Unknown, object.clone(), title).symptom().evidence(
        &object,
        "read",
        format!("{}: {}", gap.reason.word(), gap.detail),
    )
}

/// Names all that a sight would have shown, as the object of a statement about a gap.
pub fn everything_of(sight: Sight, view: &View<'_>) -> ObjectRef {
    ObjectRef::scoped(sight.word(), view.snapshot.namespaces.one().unwrap_or_default(), "*")
}
