//! What is new, worse, still open, fixed or gone against an earlier run.

use super::edits::Edits;
use super::run::{Past, Run, inventory};
use crate::usage::Usage;
use jiff::Timestamp;
use sre_core::cause::Judged;
use sre_core::check::{Check, Sight};
use sre_core::finding::Severity;
use sre_core::object::ObjectRef;
use sre_core::slim::{KINDS, Kind, KindOrigin};
use sre_core::snapshot::ReadState;
use sre_core::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// What a finding is against the earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The earlier run did not have it.
    New,
    /// More severe than then, or shown by at least twice as many objects.
    Worse,
    /// As it was, or better.
    Open,
}

impl Status {
    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Open => "open",
        }
    }
}

/// A run against an earlier one.
#[derive(Debug)]
pub struct Comparison {
    /// The earlier one.
    pub baseline: String,
    /// When it was made.
    pub taken_at: Timestamp,
    /// What each finding is, and when a run first saw it, by identity.
    pub findings: BTreeMap<String, (Status, Timestamp)>,
    /// What is over: its check looked at everything today, and found nothing.
    pub fixed: Vec<Past>,
    /// What was found then and not looked at today, so that nothing is known about it.
    pub not_looked_at: Vec<Past>,
    /// What was there then and is not there now.
    pub disappeared: Vec<ObjectRef>,
    /// What was edited since a run of about a day ago; none where no such run kept what that takes, and none where the
    /// routine does not tell of it.
    pub edits: Option<Edits>,
    /// When the last runs were made, the oldest first, and how many findings stood for themselves: critical, warning,
    /// unknown, info.
    pub trend: Vec<(Timestamp, [usize; 4])>,
    /// What the nodes used when earlier runs were made, the oldest first.
    pub usage: Vec<(Timestamp, Usage)>,
}

/// Compares the findings of now with an earlier run.
pub fn compare(baseline: &Run, checks: &[&Check], view: &View<'_>, judged: &[Judged]) -> Comparison {
    let before: BTreeMap<&str, &Past> = baseline.findings.iter().map(|past| (past.id.as_str(), past)).collect();
    let now: BTreeSet<&str> = judged.iter().map(|one| one.id.as_str()).collect();
    let findings = judged.iter().map(|one| {
        let past = before.get(one.id.as_str());
        let first_seen = past.map_or(view.now(), |past| past.first_seen);
        (one.id.clone(), (status(one, past.copied()), first_seen))
    });
    let is_over = |past: &&Past| {
        past.standing && past.told && past.severity != Severity::Unknown && !now.contains(past.id.as_str())
    };
    let over = baseline.findings.iter().filter(is_over);
    let (fixed, not_looked_at) = over.cloned().partition(|past| was_looked_at(past, checks, view));
    Comparison {
        baseline: baseline.id.clone(),
        taken_at: baseline.taken_at,
        findings: findings.collect(),
        fixed,
        not_looked_at,
        disappeared: disappeared(baseline, view),
        edits: None,
        trend: Vec::new(),
        usage: baseline.usage.iter().map(|usage| (baseline.taken_at, usage.clone())).collect(),
    }
}

/// What was found before and not looked at now, to be kept: the next run may find it open, or fixed.
pub fn unseen(comparison: &Comparison) -> impl Iterator<Item = Past> {
    comparison.not_looked_at.iter().map(|past| Past { unseen: true, ..past.clone() })
}

fn status(now: &Judged, past: Option<&Past>) -> Status {
    let Some(past) = past else { return Status::New };
    let finding = &now.finding;
    let (shown, standing) = (finding.shows_on.len(), now.caused_by.is_empty());
    let is_worse = standing && (finding.severity < past.severity || (shown > 1 && shown >= 2 * past.shown.max(1)));
    if is_worse { Status::Worse } else { Status::Open }
}

/// Only a look at everything that a check needs, and at every object of the kind, proves that something is over. Of
/// another kind that nobody has defined there is no object to look at.
pub fn was_looked_at(past: &Past, checks: &[&Check], view: &View<'_>) -> bool {
    let Some(check) = checks.iter().find(|check| check.id == past.check) else { return false };
    let kind = KINDS.iter().map(|info| info.kind).find(|kind| kind.info().name == past.object.kind);
    let coverage = &view.snapshot.coverage;
    let is_undefined = |sight| {
        matches!(sight, Sight::Of(kind) if kind.info().origin == KindOrigin::Installed)
            && *coverage.state(sight) == ReadState::NotInstalled
    };
    // What volumes hold one of them tells, and then the other is not asked.
    let is_told =
        check.examines.contains(&Sight::Kubelets) && Sight::OF_VOLUMES.iter().any(|it| coverage.is_whole(*it));
    let is_told_elsewhere = |sight| is_told && Sight::OF_VOLUMES.contains(&sight);
    let mut needed = check.examines.iter().chain(check.relies_on).copied();
    needed.all(|sight| coverage.is_whole(sight) || is_undefined(sight) || is_told_elsewhere(sight))
        && kind.is_none_or(|kind| coverage.is_whole(Sight::Of(kind)))
}

/// What is missing of a kind that was read whole both times; in a namespace that is gone only the namespace is named.
fn disappeared(baseline: &Run, view: &View<'_>) -> Vec<ObjectRef> {
    let here = inventory(view);
    let mut gone: Vec<&ObjectRef> = Vec::new();
    for (kind, before) in &baseline.inventory {
        let Some(now) = here.get(kind) else { continue };
        let now: BTreeSet<&ObjectRef> = now.iter().collect();
        gone.extend(before.iter().filter(|object| !now.contains(object)));
    }
    let namespace = Kind::Namespace.info().name;
    let namespaces: BTreeSet<&str> = gone.iter().filter(|it| it.kind == namespace).map(|it| it.name.as_str()).collect();
    let is_told = |object: &&&ObjectRef| !object.namespace.as_deref().is_some_and(|name| namespaces.contains(name));
    gone.iter().filter(is_told).map(|object| (*object).clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::run::revisions_to_keep;
    use super::*;
    use crate::checks::CHECKS;
    use sre_core::cause::fold;
    use sre_core::check::judge;
    use sre_core::snapshot::{GapReason, Snapshot};
    use sre_testkit::Scenario;

    /// What a run over a cluster finds and keeps.
    fn run(snapshot: &Snapshot) -> (Vec<Judged>, Run) {
        let view = View::new(snapshot);
        let judged = fold(judge(&checks(), &view).findings, &view);
        let run = Run {
            id: "20261124T070000Z-1".to_owned(),
            cluster: "uid".to_owned(),
            context: None,
            server: None,
            scope: "all namespaces".to_owned(),
            taken_at: view.now(),
            findings: judged.iter().map(|one| Past::of(one, view.now())).collect(),
            inventory: inventory(&view),
            revisions: revisions_to_keep(&view),
            usage: crate::usage::now(&view),
        };
        (judged, run)
    }

    fn checks() -> Vec<&'static Check> {
        CHECKS.iter().collect()
    }

    fn against(before: &Scenario, now: &Scenario) -> Comparison {
        let (_, baseline) = run(&before.snapshot());
        let snapshot = now.snapshot();
        let (judged, _) = run(&snapshot);
        compare(&baseline, &checks(), &View::new(&snapshot), &judged)
    }

    fn ids<'p>(past: &'p [Past], check: &str) -> Vec<&'p str> {
        past.iter().filter(|past| past.check == check).map(|past| past.title.as_str()).collect()
    }

    fn ill() -> Scenario {
        Scenario::captured("POD-02")
    }

    fn well() -> Scenario {
        let ill = ill();
        ill.names_of("Pod", "web-").iter().fold(ill, |scenario, pod| scenario.without("Pod", pod))
    }

    #[test]
    fn what_was_not_there_before_is_new_and_the_same_is_open_since_then() {
        let fresh = against(&well(), &ill());
        let (_, (status, first_seen)) = fresh.findings.iter().find(|(id, _)| id.starts_with("POD-02")).expect("found");
        assert_eq!((*status, *first_seen), (Status::New, ill().snapshot().taken_at));
        let again = against(&ill(), &ill().later(60 * 24));
        let (_, (status, first_seen)) = again.findings.iter().find(|(id, _)| id.starts_with("POD-02")).expect("found");
        assert_eq!((*status, *first_seen), (Status::Open, ill().snapshot().taken_at));
    }

    #[test]
    fn more_objects_than_before_are_worse() {
        let all = ill();
        let few = all.names_of("Pod", "web-").iter().skip(1).fold(all, |scenario, pod| scenario.without("Pod", pod));
        let statuses = |comparison: Comparison| {
            comparison.findings.into_iter().find(|(id, _)| id.starts_with("POD-02")).map(|(_, (status, _))| status)
        };
        assert_eq!(statuses(against(&few, &ill())), Some(Status::Worse));
        assert_eq!(statuses(against(&ill(), &few)), Some(Status::Open));
    }

    #[test]
    fn fixed_is_said_only_of_what_was_looked_at() {
        let fixed = against(&ill(), &well());
        assert_eq!((ids(&fixed.fixed, "POD-02").len(), ids(&fixed.not_looked_at, "POD-02").len()), (1, 0));
        let blind = against(&ill(), &well().gap(Sight::Of(Kind::Pod), GapReason::Forbidden));
        assert_eq!((ids(&blind.fixed, "POD-02").len(), ids(&blind.not_looked_at, "POD-02").len()), (0, 1));
        let blind = against(&ill(), &well().gap(Sight::Of(Kind::Deployment), GapReason::Forbidden));
        assert_eq!(ids(&blind.fixed, "POD-02"), Vec::<&str>::new(), "nobody looked at Deployments");
    }

    #[test]
    fn what_nobody_has_installed_holds_nothing_back() {
        let none = |scenario: Scenario, kind| scenario.state(Sight::Of(kind), ReadState::NotInstalled);
        let ill = || none(Scenario::captured("CFG-18").without("SealedSecret", "db"), Kind::SealedSecret);
        let well = || ill().set("SecretStore", "vault", "/status/conditions/0/status", "True");
        let title = "SecretStore vault is not ready for 1 ExternalSecret: InvalidProviderConfig";
        assert_eq!(ids(&against(&ill(), &well()).fixed, "CFG-18"), [title]);
        let blind = well().gap(Sight::Of(Kind::SealedSecret), GapReason::Forbidden);
        assert_eq!(ids(&against(&ill(), &blind).fixed, "CFG-18"), Vec::<&str>::new());
        let gone = none(ill().without("SecretStore", "vault").without("SecretStore", "cloud"), Kind::SecretStore);
        assert_eq!(ids(&against(&ill(), &gone).fixed, "CFG-18"), Vec::<&str>::new(), "it may be back in a moment");
    }

    #[test]
    fn what_went_without_a_word_is_named_once() {
        let gone = against(&ill(), &ill().without("Deployment", "web"));
        let names =
            |comparison: &Comparison| comparison.disappeared.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&gone), ["Deployment/fault-pod-02/web"]);
        let all = against(&ill(), &ill().without("Deployment", "web").without("Namespace", "fault-pod-02"));
        assert_eq!(names(&all), ["Namespace/fault-pod-02"]);
        let blind = ill().without("Deployment", "web").gap(Sight::Of(Kind::Deployment), GapReason::TimedOut);
        assert_eq!(names(&against(&ill(), &blind)), Vec::<String>::new());
    }

    /// A run that could not look at Pods, as it is kept.
    fn blind(before: &Run) -> Run {
        let snapshot = well().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).snapshot();
        let (judged, run) = run(&snapshot);
        let comparison = compare(before, &checks(), &View::new(&snapshot), &judged);
        Run { findings: run.findings.into_iter().chain(unseen(&comparison)).collect(), ..run }
    }

    #[test]
    fn what_one_run_could_not_look_at_is_open_or_fixed_in_the_next() {
        let (_, first) = run(&ill().snapshot());
        let blind = blind(&first);
        let later = |snapshot: &Snapshot| run(snapshot).0;
        let again = ill().later(60 * 24).snapshot();
        let open = compare(&blind, &checks(), &View::new(&again), &later(&again));
        let (_, (status, seen)) = open.findings.iter().find(|(id, _)| id.starts_with("POD-02")).expect("found");
        assert_eq!((*status, *seen), (Status::Open, first.taken_at));
        let well = well().snapshot();
        let fixed = compare(&blind, &checks(), &View::new(&well), &later(&well));
        assert_eq!(ids(&fixed.fixed, "POD-02").len(), 1);
        let unseen = blind.findings.iter().find(|past| past.check == "POD-02" && past.unseen).expect("kept");
        let alike = blind.findings.iter().filter(|past| past.standing && past.severity == unseen.severity);
        assert!(blind.standing(unseen.severity) < alike.count(), "it is not counted as found");
    }

    #[test]
    fn what_no_report_told_of_is_neither_counted_nor_fixed() {
        let (_, mut before) = run(&ill().snapshot());
        let severity = before.findings.iter().find(|past| past.check == "POD-02").expect("found").severity;
        let count = before.standing(severity);
        before.findings.iter_mut().filter(|past| past.check == "POD-02").for_each(|past| past.told = false);
        assert!(before.standing(severity) < count);
        let well = well().snapshot();
        let comparison = compare(&before, &checks(), &View::new(&well), &run(&well).0);
        assert_eq!(ids(&comparison.fixed, "POD-02"), Vec::<&str>::new());
    }

    #[test]
    fn what_was_kept_before_there_were_these_words_was_told_and_seen() {
        let (_, run) = run(&ill().snapshot());
        let text = serde_json::to_string(&run).expect("JSON");
        assert!(!text.contains("\"told\"") && !text.contains("\"unseen\""), "{text}");
        let kept: Run = serde_json::from_str(&text).expect("a run");
        assert!(kept.findings.iter().all(|past| past.told && !past.unseen));
    }
}
