//! The document for machines; `docs/schema/triage.schema.json` describes it.

use super::alerts::AlertView;
use super::changes::{self, SuspectView};
use super::databases::DatabaseView;
use serde::Serialize;
use sre_core::access::Access;
use sre_core::finding::{Confidence, Finding, Rival, Severity, aimed};
use sre_core::logs::{Line, LogRead};
use sre_core::object::ObjectRef;
use sre_core::performance::{Unseen, databases};
use sre_core::report::{EvidenceView, ReadView, RemedyView, Source};
use sre_core::slim::Event;
use sre_core::triage::{Diagnosis, Triage};
use sre_core::view::View;

/// Lines of a log that are shown.
const LAST_LINES: usize = 10;

/// Everything that the report says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    api_version: &'static str,
    kind: &'static str,
    pub(super) source: Source,
    pub(super) coverage: CoverageView,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) alerts: Vec<AlertView>,
    /// The databases that were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) databases: Vec<DatabaseView>,
    pub(super) undetermined: bool,
    pub(super) causes: Vec<CauseView>,
}

/// What was seen, and what not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageView {
    pub(super) objects: usize,
    pub(super) reads: Vec<ReadView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) oldest_event: Option<String>,
    pub(super) problems: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unseen: Vec<UnseenView>,
    /// Why what was edited before cannot be told, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changes_unseen: Option<String>,
}

/// A question that cannot be answered from here, and whom to ask.
#[derive(Debug, Serialize)]
pub(super) struct UnseenView {
    pub(super) question: String,
    pub(super) why: String,
    pub(super) ask: String,
}

/// A root cause.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CauseView {
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) object: ObjectRef,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) part: String,
    pub(super) statement: String,
    pub(super) affects: Vec<ImpactView>,
    pub(super) evidence: Vec<EvidenceView>,
    pub(super) shows_on: Vec<ObjectRef>,
    pub(super) explains: Vec<SymptomView>,
    pub(super) alternatives: Vec<AlternativeView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) logs: Vec<LogView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_symptom: Option<String>,
    pub(super) changes: Vec<SuspectView>,
    /// How many more there were, less likely than those.
    #[serde(skip_serializing_if = "is_none")]
    pub(super) changes_left_out: usize,
    pub(super) remedies: Vec<RemedyView>,
}

/// The last lines of a container.
#[derive(Debug, Serialize)]
pub(super) struct LogView {
    pub(super) object: ObjectRef,
    pub(super) container: String,
    pub(super) previous: bool,
    pub(super) lines: Vec<LineView>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub(super) struct LineView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<String>,
    pub(super) text: String,
}

/// What follows from a cause.
#[derive(Debug, Serialize)]
pub(super) struct SymptomView {
    pub(super) class: &'static str,
    pub(super) object: ObjectRef,
    pub(super) statement: String,
}

/// What else it could be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlternativeView {
    pub(super) class: &'static str,
    pub(super) object: ObjectRef,
    pub(super) evidence: EvidenceView,
    pub(super) against: String,
    pub(super) tell_apart: &'static str,
    pub(super) command: String,
}

/// What users meet.
#[derive(Debug, Serialize)]
pub(super) struct ImpactView {
    pub(super) object: ObjectRef,
    pub(super) state: String,
}

impl Document {
    pub(super) fn new(view: &View<'_>, triage: &Triage, unseen: &super::Unseen<'_>, access: &Access) -> Self {
        let coverage = &view.snapshot.coverage;
        Self {
            api_version: "kubectl-sre/v1alpha1",
            kind: "Triage",
            source: Source::of(view),
            coverage: CoverageView {
                objects: coverage.objects_seen(),
                reads: ReadView::all(coverage),
                oldest_event: view.all::<Event>().iter().filter_map(Event::last_seen).min().map(|it| it.to_string()),
                problems: coverage.problems.clone(),
                unseen: unseen.questions.iter().map(UnseenView::of).collect(),
                changes_unseen: changes::unseen(view, unseen.rights),
            },
            alerts: Vec::new(),
            databases: databases(view).iter().map(DatabaseView::of).collect(),
            undetermined: triage.undetermined,
            causes: triage.causes.iter().map(|cause| CauseView::of(cause, view, access)).collect(),
        }
    }
}

impl UnseenView {
    fn of(one: &Unseen) -> Self {
        Self { question: one.question.clone(), why: one.why.clone(), ask: one.ask.clone() }
    }
}

impl CauseView {
    fn of(cause: &Diagnosis, view: &View<'_>, access: &Access) -> Self {
        let finding = &cause.judged.finding;
        let remedy = |it| RemedyView::of(it, access, &view.snapshot.origin.reach);
        Self {
            id: cause.judged.id.clone(),
            class: finding.class.unwrap_or_default(),
            severity: finding.severity,
            confidence: finding.confidence,
            object: finding.object.clone(),
            part: finding.part.clone(),
            statement: finding.title.clone(),
            affects: cause
                .impact
                .iter()
                .map(|it| ImpactView { object: it.object.clone(), state: it.state.clone() })
                .collect(),
            evidence: finding.evidence.iter().map(EvidenceView::of).collect(),
            shows_on: finding.shows_on.clone(),
            explains: cause.explains.iter().map(SymptomView::of).collect(),
            alternatives: cause
                .alternatives
                .iter()
                .map(|it| AlternativeView::of(it, &view.snapshot.origin.reach))
                .collect(),
            logs: cause.logs.iter().map(LogView::of).collect(),
            // A container that starts anew moves what its pod says.
            since: finding.since.map(|since| cause.first_symptom.unwrap_or(since).min(since).to_string()),
            first_symptom: cause.first_symptom.map(|time| time.to_string()),
            changes: cause.suspects.iter().map(SuspectView::of).collect(),
            changes_left_out: cause.suspects_left_out,
            remedies: finding.remedies.iter().map(remedy).collect(),
        }
    }
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl AlternativeView {
    fn of(rival: &Rival, reach: &[String]) -> Self {
        Self {
            class: rival.class,
            object: rival.object.clone(),
            evidence: EvidenceView::of(&rival.evidence),
            against: rival.against.clone(),
            tell_apart: rival.apart,
            command: aimed(&rival.command, reach),
        }
    }
}

impl LogView {
    fn of(read: &LogRead) -> Self {
        let lines = read.tail.as_ref().map_or(&[][..], |tail| &tail.lines);
        let last = lines.iter().skip(lines.len().saturating_sub(LAST_LINES));
        let line = |line: &Line| LineView { time: line.at.map(|at| at.to_string()), text: line.text.clone() };
        Self {
            object: read.log.object(),
            container: read.log.container.clone(),
            previous: read.log.previous,
            lines: last.map(line).collect(),
        }
    }
}

impl SymptomView {
    fn of(finding: &Finding) -> Self {
        Self {
            class: finding.class.unwrap_or_default(),
            object: finding.object.clone(),
            statement: finding.title.clone(),
        }
    }
}
