//! The document for machines; `docs/schema/daily-check.schema.json` describes it.

use super::sorting::Sorted;
use crate::args::{Listing, Request};
use crate::history::{Comparison, Past};
use crate::judgement::Judgement;
use crate::routine::{Panel, Row};
use jiff::Timestamp;
use serde::Serialize;
use sre_core::cause::Judged;
use sre_core::check::{Check, Outcome, Section};
use sre_core::finding::{Remedy, Severity};
use sre_core::object::ObjectRef;
use sre_core::profile::Exclusion;
use sre_core::report::{EvidenceView, ReadView, RemedyView, Source};
use sre_core::slim::Event;
use sre_core::snapshot::ReadState;
use std::collections::{BTreeMap, BTreeSet};

/// The check that names what was not seen; the coverage says it too, with what it leaves undecided.
pub(super) const NOT_SEEN: &str = "GAP-01";

/// What became of a kind that a directory or bundle does not hold.
pub(super) const NOT_COLLECTED: &str = "not collected";

/// Everything that the report says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    api_version: &'static str,
    kind: &'static str,
    pub(super) source: Source,
    pub(super) coverage: CoverageView,
    /// What has changed since the run that this one is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comparison: Option<ComparisonView>,
    pub(super) summary: Summary,
    /// Facts beside the findings: of incidents as they are recorded, and of the routine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) panels: Vec<PanelView>,
    pub(super) findings: Vec<FindingView>,
    /// Checks that ran whole and found nothing; only with `--show-ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) passed: Option<Vec<&'static str>>,
    /// Findings that the profile excludes; only with `--show-excluded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) excluded: Option<Vec<FindingView>>,
    /// Every check of the run, in the order of the report, for formats that say of each what it came to.
    #[serde(skip)]
    pub(super) checks: Vec<CheckView>,
    /// When earlier runs looked and what they came to, the oldest first; formats that can draw show them.
    #[serde(skip)]
    pub(super) past: Vec<(String, Summary)>,
}

/// A check of the run, and what it came to.
#[derive(Debug)]
pub(super) struct CheckView {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) section: Section,
    pub(super) state: CheckState,
}

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckState {
    /// It ran whole and found nothing.
    Passed,
    /// It found something.
    Found,
    /// It could not be decided.
    Unknown,
    /// It had nothing to look at.
    Skipped,
}

impl Summary {
    /// What several come to together.
    pub(super) fn sum<'s>(all: impl IntoIterator<Item = &'s Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, one| Self {
            critical: sum.critical + one.critical,
            warning: sum.warning + one.warning,
            unknown: sum.unknown + one.unknown,
            info: sum.info + one.info,
            explained: sum.explained + one.explained,
            excluded: sum.excluded + one.excluded,
            checks: sum.checks + one.checks,
            passed_checks: sum.passed_checks + one.passed_checks,
        })
    }
}

impl CheckState {
    pub(super) const ALL: [Self; 4] = [Self::Passed, Self::Found, Self::Unknown, Self::Skipped];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Found => "found",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
        }
    }
}

/// What was seen, and what not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageView {
    pub(super) objects: usize,
    /// That nothing was seen of what was asked for, in words; the verdict tells machines.
    #[serde(skip)]
    pub(super) nothing: Option<&'static str>,
    pub(super) reads: Vec<ReadView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) oldest_event: Option<String>,
    /// What could not be read and belongs to no kind.
    pub(super) problems: Vec<String>,
    pub(super) skipped_checks: Vec<SkippedCheck>,
}

impl CoverageView {
    /// What was merely not there, a line for each reason.
    pub(super) fn absent(&self) -> Vec<String> {
        let line = |state: &str| {
            let reads = self.reads.iter().filter(|read| read.state == state);
            let names: Vec<&str> = reads.map(|read| read.what).collect();
            (!names.is_empty()).then(|| format!("{state}: {}", names.join(", ")))
        };
        ["not asked for", NOT_COLLECTED, "not installed"].into_iter().filter_map(line).collect()
    }
}

/// What has changed since an earlier run, besides what stands with each finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComparisonView {
    pub(super) baseline: String,
    pub(super) taken_at: String,
    pub(super) fixed: Vec<PastView>,
    /// Found then, and not looked at now.
    pub(super) not_looked_at: Vec<PastView>,
    /// There then, and not now.
    pub(super) disappeared: Vec<ObjectRef>,
}

/// A list of facts.
#[derive(Debug, Serialize)]
pub(super) struct PanelView {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) rows: Vec<RowView>,
    /// Kinds that it would have been made of and that could not be looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unseen: Vec<String>,
}

/// One fact.
#[derive(Debug, Serialize)]
pub(super) struct RowView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<ObjectRef>,
    pub(super) text: String,
}

/// A finding of an earlier run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PastView {
    pub(super) id: String,
    pub(super) check: String,
    pub(super) severity: Severity,
    pub(super) object: ObjectRef,
    pub(super) title: String,
    pub(super) first_seen: String,
}

/// A check that had nothing to look at.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SkippedCheck {
    pub(super) check: &'static str,
    pub(super) because: String,
}

/// How many findings stand for themselves, by severity; folded ones are counted apart.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) critical: usize,
    pub(super) warning: usize,
    pub(super) unknown: usize,
    pub(super) info: usize,
    pub(super) explained: usize,
    pub(super) excluded: usize,
    pub(super) checks: usize,
    pub(super) passed_checks: usize,
}

/// One finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingView {
    pub(super) id: String,
    pub(super) check: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<&'static str>,
    pub(super) severity: Severity,
    pub(super) section: Section,
    pub(super) object: ObjectRef,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) part: String,
    pub(super) title: String,
    pub(super) evidence: Vec<EvidenceView>,
    pub(super) shows_on: Vec<ObjectRef>,
    pub(super) explains: Vec<String>,
    pub(super) caused_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    /// `new`, `worse` or `open` against the run that this one is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    /// When a run first saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_seen: Option<String>,
    pub(super) remedies: Vec<RemedyView>,
    /// What the profile says of it: why it is hidden, or was until its exclusion ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exclusion: Option<ExclusionView>,
}

/// Who accepts a finding, why, and until when.
#[derive(Debug, Serialize)]
pub(super) struct ExclusionView {
    pub(super) reason: String,
    pub(super) owner: String,
    /// The last day on which it holds.
    pub(super) expires: String,
    pub(super) expired: bool,
}

impl Document {
    /// Gathers everything.
    pub fn new(request: &Request, judgement: &Judgement<'_>, sorted: &Sorted<'_>) -> Self {
        let Judgement { view, outcome, access, .. } = judgement;
        let comparison = judgement.comparison.as_ref();
        let sections: BTreeMap<&str, Section> = request.checks.iter().map(|check| (check.id, check.section)).collect();
        let command = |it: &Remedy| RemedyView::of(it, access, &view.snapshot.origin.reach);
        let told = |one: &Judged, exclusion: Option<ExclusionView>| {
            let before = comparison.and_then(|it| it.findings.get(&one.id));
            FindingView {
                exclusion,
                status: before.map(|(status, _)| status.word()),
                first_seen: before.map(|(_, first_seen)| first_seen.to_string()),
                remedies: one.finding.remedies.iter().map(command).collect(),
                ..finding(one, &sections)
            }
        };
        let lapsed = |one: &Judged| sorted.lapsed.get(one.id.as_str()).map(|it| exclusion(it, true));
        let excluded = sorted.excluded.iter().map(|(one, it)| told(one, Some(exclusion(it, false))));
        Self {
            api_version: "kubectl-sre/v1alpha1",
            kind: "DailyCheck",
            source: Source::of(view),
            coverage: coverage(request, judgement),
            comparison: comparison.map(compared),
            summary: summary(request, outcome, sorted),
            panels: panels(request, judgement),
            findings: sorted.shown.iter().map(|one| told(one, lapsed(one))).collect(),
            passed: (request.passed == Listing::Shown).then(|| outcome.passed.clone()),
            excluded: (request.excluded == Listing::Shown).then(|| excluded.collect()),
            checks: request.checks.iter().map(|one| check(one, outcome, &sorted.shown)).collect(),
            past: comparison.map_or(Vec::new(), |it| it.trend.iter().map(trend).collect()),
        }
    }

    /// Makes it the part of a cluster in a report of several: identities say which cluster they are of, so that the same
    /// trouble in two clusters is two findings.
    pub(super) fn of_cluster(mut self, cluster: &str) -> Self {
        let own = |id: &mut String| *id = format!("{id}@{cluster}");
        for finding in self.findings.iter_mut().chain(self.excluded.iter_mut().flatten()) {
            own(&mut finding.id);
            finding.explains.iter_mut().chain(&mut finding.caused_by).for_each(own);
        }
        if let Some(comparison) = &mut self.comparison {
            let past = comparison.fixed.iter_mut().chain(&mut comparison.not_looked_at);
            past.for_each(|past| own(&mut past.id));
        }
        self
    }

    /// The findings that stand for themselves.
    pub(super) fn standing(&self) -> impl Iterator<Item = &FindingView> {
        self.findings.iter().filter(|finding| finding.caused_by.is_empty())
    }

    /// Ids of the checks that a gap leaves undecided, without the one that names the gap itself.
    pub(super) fn undecided_by(&self, reads: &[&ReadView]) -> Vec<&'static str> {
        let unknown = self.findings.iter().filter(|finding| finding.severity == Severity::Unknown);
        let is_of = |finding: &FindingView| reads.iter().any(|read| finding.object.kind == read.what);
        let checks: BTreeSet<&str> =
            unknown.filter(|it| is_of(it) && it.check != NOT_SEEN).map(|finding| finding.check).collect();
        checks.into_iter().collect()
    }

    /// Findings by their identity.
    pub(super) fn by_id(&self) -> BTreeMap<&str, &FindingView> {
        self.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect()
    }
}

fn check(check: &Check, outcome: &Outcome, shown: &[&Judged]) -> CheckView {
    let mut findings = shown.iter().map(|one| &one.finding).filter(|finding| finding.check == check.id).peekable();
    let state = if outcome.passed.contains(&check.id) {
        CheckState::Passed
    } else if outcome.skipped.iter().any(|(id, _)| *id == check.id) {
        CheckState::Skipped
    } else if findings.peek().is_some() && findings.all(|finding| finding.severity == Severity::Unknown) {
        CheckState::Unknown
    } else {
        CheckState::Found
    };
    CheckView { id: check.id, title: check.title, section: check.section, state }
}

/// What people recorded comes before what was seen.
fn panels(request: &Request, judgement: &Judgement<'_>) -> Vec<PanelView> {
    let view = &judgement.view;
    let recorded = request.routine.of_incidents(&judgement.incidents, view.now());
    let seen = request.routine.panels(&request.checks, view, judgement.comparison.as_ref());
    recorded.into_iter().chain(seen).map(panel).collect()
}

fn coverage(request: &Request, judgement: &Judgement<'_>) -> CoverageView {
    let Judgement { view, outcome, incidents, .. } = judgement;
    let coverage = &view.snapshot.coverage;
    CoverageView {
        objects: coverage.objects_seen(),
        nothing: super::nothing(request, view),
        reads: ReadView::all(coverage),
        oldest_event: view.all::<Event>().iter().filter_map(Event::last_seen).min().map(|time| time.to_string()),
        problems: coverage.problems.iter().chain(&incidents.unread).cloned().collect(),
        skipped_checks: outcome
            .skipped
            .iter()
            .map(|(check, sight)| skipped(check, sight.word(), coverage.state(*sight)))
            .collect(),
    }
}

fn skipped(check: &'static str, what: &str, state: &ReadState) -> SkippedCheck {
    let because = match state {
        ReadState::Read { count: 0 } => "none there",
        ReadState::Read { .. } => "not looked at in all namespaces",
        other => other.word(),
    };
    SkippedCheck { check, because: format!("{what}: {because}") }
}

fn summary(request: &Request, outcome: &Outcome, sorted: &Sorted<'_>) -> Summary {
    let mut summary = Summary {
        checks: request.checks.len(),
        passed_checks: outcome.passed.len(),
        excluded: sorted.excluded.len(),
        ..Summary::default()
    };
    for one in &sorted.shown {
        let count = match (one.caused_by.is_empty(), one.finding.severity) {
            (false, _) => &mut summary.explained,
            (true, Severity::Critical) => &mut summary.critical,
            (true, Severity::Warning) => &mut summary.warning,
            (true, Severity::Unknown) => &mut summary.unknown,
            (true, Severity::Info) => &mut summary.info,
        };
        *count += 1;
    }
    summary
}

fn finding(judged: &Judged, sections: &BTreeMap<&str, Section>) -> FindingView {
    let finding = &judged.finding;
    FindingView {
        id: judged.id.clone(),
        check: finding.check,
        class: finding.class,
        severity: finding.severity,
        section: sections.get(finding.check).copied().unwrap_or(Section::Coverage),
        object: finding.object.clone(),
        part: finding.part.clone(),
        title: finding.title.clone(),
        evidence: finding.evidence.iter().map(EvidenceView::of).collect(),
        shows_on: finding.shows_on.clone(),
        explains: judged.explains.clone(),
        caused_by: judged.caused_by.clone(),
        since: finding.since.map(|time| time.to_string()),
        remedies: Vec::new(),
        exclusion: None,
        status: None,
        first_seen: None,
    }
}

fn panel(panel: Panel) -> PanelView {
    let row = |row: Row| RowView { at: row.at.map(|at| at.to_string()), object: row.object, text: row.text };
    PanelView {
        id: panel.id,
        title: panel.title,
        rows: panel.rows.into_iter().map(row).collect(),
        unseen: panel.unseen,
    }
}

fn trend((taken_at, counts): &(Timestamp, [usize; 4])) -> (String, Summary) {
    let [critical, warning, unknown, info] = *counts;
    (taken_at.to_string(), Summary { critical, warning, unknown, info, ..Summary::default() })
}

fn compared(comparison: &Comparison) -> ComparisonView {
    ComparisonView {
        baseline: comparison.baseline.clone(),
        taken_at: comparison.taken_at.to_string(),
        fixed: comparison.fixed.iter().map(past).collect(),
        not_looked_at: comparison.not_looked_at.iter().map(past).collect(),
        disappeared: comparison.disappeared.clone(),
    }
}

pub(super) fn past(past: &Past) -> PastView {
    PastView {
        id: past.id.clone(),
        check: past.check.clone(),
        severity: past.severity,
        object: past.object.clone(),
        title: past.title.clone(),
        first_seen: past.first_seen.to_string(),
    }
}

fn exclusion(exclusion: &Exclusion, expired: bool) -> ExclusionView {
    let (reason, owner) = (exclusion.reason.clone(), exclusion.owner.clone());
    ExclusionView { reason, owner, expires: exclusion.expires.to_string(), expired }
}

/// Documents for the tests of what is written from them.
#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// A cause with its symptom, a gap and checks in every state; whatever can hold text of a cluster or of a person
    /// holds what `say` makes of the name of the field.
    pub(in crate::report) fn saying(say: &dyn Fn(&str) -> String) -> Document {
        let named = |field: &str| Some(say(field));
        let check = |id, state| CheckView { id, title: "something is wrong", section: Section::Nodes, state };
        let cause = finding("cause", "NOD-02", Severity::Critical, say);
        let symptom = finding("symptom", "WRK-01", Severity::Warning, say);
        Document {
            api_version: "kubectl-sre/v1alpha1",
            kind: "DailyCheck",
            source: Source {
                context: named("context"),
                server: named("server"),
                server_version: named("server version"),
                user: named("user"),
                namespace: named("namespace"),
                taken_at: "2026-11-25T16:44:03Z".to_owned(),
                clock: named("clock"),
            },
            coverage: CoverageView {
                objects: 7,
                nothing: None,
                reads: vec![
                    ReadView { what: "Node", state: "read", objects: 7, detail: None },
                    ReadView { what: "Pod", state: "forbidden", objects: 0, detail: named("gap") },
                ],
                oldest_event: None,
                problems: vec![say("problem")],
                skipped_checks: vec![SkippedCheck { check: "NOD-04", because: say("skipped") }],
            },
            summary: Summary { critical: 1, explained: 1, checks: 4, passed_checks: 1, ..Summary::default() },
            findings: vec![
                FindingView { explains: vec![symptom.id.clone()], ..cause },
                FindingView { caused_by: vec![say("cause id")], ..symptom },
            ],
            passed: None,
            checks: vec![
                check("NOD-01", CheckState::Passed),
                check("NOD-02", CheckState::Found),
                check("NOD-04", CheckState::Skipped),
                check("WRK-01", CheckState::Found),
            ],
            excluded: Some(vec![FindingView {
                exclusion: Some(ExclusionView {
                    reason: say("reason"),
                    owner: say("owner"),
                    expires: "2026-12-31".to_owned(),
                    expired: false,
                }),
                ..finding("excluded", "NOD-01", Severity::Warning, say)
            }]),
            panels: vec![PanelView {
                id: "changes",
                title: "Changed",
                rows: vec![RowView {
                    at: None,
                    object: Some(ObjectRef::cluster("Node", &say("row object"))),
                    text: say("row text"),
                }],
                unseen: vec!["Role (forbidden)".to_owned()],
            }],
            comparison: Some(ComparisonView {
                baseline: say("baseline"),
                taken_at: "2026-11-24T07:00:00Z".to_owned(),
                fixed: vec![past("fixed", say)],
                not_looked_at: vec![past("not looked at", say)],
                disappeared: vec![ObjectRef::cluster("Node", &say("disappeared"))],
            }),
            past: Vec::new(),
        }
    }

    fn past(who: &str, say: &dyn Fn(&str) -> String) -> PastView {
        let say = |field: &str| say(&format!("{who} {field}"));
        PastView {
            id: say("id"),
            check: "NOD-01".to_owned(),
            severity: Severity::Critical,
            object: ObjectRef::cluster("Node", &say("name")),
            title: say("title"),
            first_seen: "2026-11-23T07:00:00Z".to_owned(),
        }
    }

    /// The fields that [`saying`] fills of one finding.
    pub(in crate::report) const OF_FINDING: [&str; 13] = [
        "id", "kind", "in", "name", "part", "title", "fact of", "field", "value", "shown on", "since", "command",
        "denied",
    ];

    fn finding(who: &str, check: &'static str, severity: Severity, say: &dyn Fn(&str) -> String) -> FindingView {
        let say = |field: &str| say(&format!("{who} {field}"));
        FindingView {
            id: say("id"),
            check,
            class: None,
            severity,
            section: Section::Nodes,
            object: ObjectRef { kind: say("kind"), namespace: Some(say("in")), name: say("name") },
            part: say("part"),
            title: say("title"),
            evidence: vec![EvidenceView {
                object: ObjectRef::cluster("Pod", &say("fact of")),
                field: say("field"),
                value: say("value"),
                time: None,
            }],
            shows_on: vec![ObjectRef::cluster("Pod", &say("shown on"))],
            explains: Vec::new(),
            caused_by: Vec::new(),
            since: Some(say("since")),
            status: None,
            first_seen: None,
            exclusion: None,
            remedies: vec![RemedyView {
                command: say("command"),
                changes: true,
                allowed: Some(false),
                denied: say("denied"),
            }],
        }
    }
}
