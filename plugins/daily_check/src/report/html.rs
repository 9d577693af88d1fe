//! The report as one page for a browser: complete in itself, and without any access to a network.

use super::document::{CheckState, Document, FindingView, NOT_COLLECTED, Summary};
use super::text::{counted, events, said, time};
use crate::history::Status;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use sre_core::check::Section;
use sre_core::finding::Severity;
use sre_core::object::ObjectRef;
use sre_core::report::Verdict;
use sre_core::report::{EvidenceView, GapView, RemedyView};
use sre_runtime::ui::times;
use std::collections::{BTreeMap, BTreeSet};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Facts and names that are shown at once; the others are folded.
const FIRST: usize = 4;

/// The whole page.
pub(super) fn page(document: &Document, verdict: Verdict) -> String {
    Page::new(document, verdict, None).render()
}

/// A page around its body, with everything that it needs.
pub(super) fn whole(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                footer.small.faint { "kubectl-sre " (env!("CARGO_PKG_VERSION")) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// Only the style and the script of this page count, whatever finds its way into it; nothing is fetched or sent.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// What a cluster, or all of several, came to.
pub(super) struct Sum<'a> {
    pub(super) summary: &'a Summary,
    pub(super) verdict: Verdict,
    /// That nothing was seen of what was asked for.
    pub(super) nothing: Option<&'static str>,
    /// Whether all that was asked for was there to be looked at; what a directory does not hold is no gap.
    pub(super) collected: Collected,
}

/// Whether all that was asked for was there to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collected {
    Whole,
    InPart,
}

impl Collected {
    pub(super) fn of<'d>(documents: impl IntoIterator<Item = &'d Document>) -> Self {
        let mut reads = documents.into_iter().flat_map(|document| &document.coverage.reads);
        if reads.any(|read| read.state == NOT_COLLECTED) { Self::InPart } else { Self::Whole }
    }
}

impl Sum<'_> {
    /// The answer in words, as the page's title has it too.
    pub(super) fn answer(&self) -> String {
        if let Some(nothing) = self.nothing {
            return format!("{nothing}, so nothing can be said");
        }
        let counts = self.counts().into_iter().filter(|(_, count)| *count > 0);
        let words: Vec<String> = counts.map(|(severity, count)| format!("{count} {}", severity.word())).collect();
        if words.is_empty() { "nothing found".to_owned() } else { words.join(", ") }
    }

    fn counts(&self) -> [(Severity, usize); 4] {
        Severity::ALL.map(|severity| (severity, count_of(self.summary, severity)))
    }

    /// The worst of what stands, by which the answer is coloured.
    fn tone(&self) -> &'static str {
        let worst = self.counts().into_iter().find(|(_, count)| *count > 0).map(|(severity, _)| severity.word());
        let is_partial = self.verdict.incomplete || self.collected == Collected::InPart;
        let calm = if is_partial { Severity::Unknown.word() } else { "good" };
        if self.nothing.is_some() { calm } else { worst.unwrap_or(calm) }
    }

    pub(super) fn verdict(&self) -> Markup {
        let summary = self.summary;
        let meaning = match (self.verdict.failing, self.verdict.incomplete) {
            (true, true) => "The check fails, and not everything could be looked at.",
            (true, false) => "The check fails.",
            (false, true) => "Not everything could be looked at.",
            (false, false) if self.collected == Collected::InPart => {
                "Nothing fails in what was there to look at; not all that was asked for was."
            }
            (false, false) => "Everything that was asked for was looked at, and nothing fails.",
        };
        html! {
            section.card.verdict.(self.tone()) {
                h2.answer { (self.answer()) }
                p { (meaning) }
                p.small.faint {
                    (summary.passed_checks) " of " (summary.checks) " checks found nothing"
                    @if summary.explained > 0 {
                        ", " (counted(summary.explained, "symptom")) " folded under what explains them"
                    }
                }
            }
        }
    }

    /// Filter and search, where there is something to filter.
    pub(super) fn tools<'f>(&self, standing: impl Iterator<Item = &'f FindingView>) -> Markup {
        let sections: BTreeSet<Section> = standing.map(|finding| finding.section).collect();
        html! {
            @if !sections.is_empty() {
                div.tools role="search" data-needs-script hidden {
                    @for (severity, count) in self.counts() {
                        @if count > 0 {
                            button type="button" class=(severity.word()) data-severity=(severity.word()) aria-pressed="true" {
                                (severity.word()) " " (count)
                            }
                        }
                    }
                    select #section aria-label="Section" {
                        option value="" { "all sections" }
                        @for section in sections { option value=(section.word()) { (section.word()) } }
                    }
                    input #search type="search" placeholder="Search" aria-label="Search in findings";
                    span #shown .small.faint role="status" {}
                }
            }
        }
    }
}

/// What there is to show of a cluster.
pub(super) struct Page<'a> {
    document: &'a Document,
    verdict: Verdict,
    by_id: BTreeMap<&'a str, &'a FindingView>,
    /// Its name, where the page is of several.
    cluster: Option<&'a str>,
}

impl<'a> Page<'a> {
    pub(super) fn new(document: &'a Document, verdict: Verdict, cluster: Option<&'a str>) -> Self {
        Self { document, verdict, by_id: document.by_id(), cluster }
    }

    fn render(&self) -> String {
        let source = &self.document.source;
        let sum = self.sum();
        let place = source.context.as_ref().or(source.server.as_ref()).map(|place| format!(" {place}"));
        let body = html! {
            (self.head())
            (sum.verdict())
            (self.notes())
            (self.trend())
            (gaps(&self.gaps()))
            (sum.tools(self.document.standing()))
            main { @for finding in self.by_news() { (self.finding(finding)) } }
            (self.rest())
        };
        whole(&format!("daily-check{}: {}", place.unwrap_or_default(), sum.answer()), &body)
    }

    pub(super) fn sum(&self) -> Sum<'a> {
        let document = self.document;
        let collected = Collected::of([document]);
        Sum { summary: &document.summary, verdict: self.verdict, nothing: document.coverage.nothing, collected }
    }

    /// What stands below the findings.
    pub(super) fn rest(&self) -> Markup {
        html! {
            (self.over())
            (self.panels())
            (self.excluded())
            (self.checks())
            (self.reads())
        }
    }

    pub(super) fn standing(&self) -> impl Iterator<Item = &'a FindingView> {
        self.document.standing()
    }

    /// The cluster before what is of it, where there are several.
    fn place(&self) -> Markup {
        html! { @if let Some(cluster) = self.cluster { (cluster) ": " } }
    }

    fn head(&self) -> Markup {
        let source = &self.document.source;
        html! {
            header.head {
                div {
                    h1 { "daily-check" @if let Some(context) = &source.context { " " (context) } }
                    div.facts {
                        @if let Some(server) = &source.server { span { (server) } }
                        @if let Some(version) = &source.server_version { span { (version) } }
                        @if let Some(user) = &source.user { span { "as " (user) } }
                        span { (source.namespace.as_ref().map_or("all namespaces".to_owned(), |it| format!("namespace {it}"))) }
                        span { (counted(self.document.coverage.objects, "object")) (events(self.document)) }
                        span { (time(source)) }
                    }
                }
                button #theme type="button" data-needs-script hidden { "Light or dark" }
            }
        }
    }

    /// The counts of the runs before, and of this one, where there were any.
    pub(super) fn trend(&self) -> Markup {
        let past = &self.document.past;
        html! {
            @if let Some((first, _)) = past.first() {
                section.card {
                    h2 { (self.place()) "The last " (past.len() + 1) " runs" }
                    p.small.faint { "since " (times(first)) }
                    div.trend {
                        @for severity in [Severity::Critical, Severity::Warning, Severity::Unknown] {
                            @let runs = past.iter().map(|(_, summary)| summary).chain([&self.document.summary]);
                            (sparkline(severity, &runs.map(|summary| count_of(summary, severity)).collect::<Vec<_>>()))
                        }
                    }
                }
            }
        }
    }

    /// What was merely not there, where everybody sees it: a check that had nothing to look at found nothing to be well.
    pub(super) fn notes(&self) -> Markup {
        let coverage = &self.document.coverage;
        let absent = coverage.absent();
        let skipped = coverage.skipped_checks.len();
        html! {
            @if !absent.is_empty() || skipped > 0 {
                section.card.notes {
                    @for note in absent { p.small { (self.place()) (note) } }
                    @if skipped > 0 {
                        p.small { (self.place()) (counted(skipped, "check")) " had nothing to look at (which: at the end)" }
                    }
                }
            }
        }
    }

    /// What could not be looked at.
    pub(super) fn gaps(&self) -> Markup {
        let coverage = &self.document.coverage;
        html! {
            @for gap in GapView::together(&coverage.reads) {
                p {
                    b { (self.place()) (gap.what()) " " (gap.state()) }
                    @if gap.objects() > 0 { ", " (gap.objects()) " seen" }
                    span.faint { "  " (gap.detail) }
                }
                @let undecided = self.document.undecided_by(&gap.reads);
                @if !undecided.is_empty() { p.small.faint { "undecided: " (undecided.join(" ")) } }
            }
            @for problem in &coverage.problems { p { (self.place()) (problem) } }
        }
    }

    pub(super) fn finding(&self, finding: &FindingView) -> Markup {
        html! {
            article id=(finding.id) class=(finding.severity.word()) data-finding=(finding.id)
                data-severity=(finding.severity.word()) data-section=(finding.section.word()) {
                (self.headline(finding))
                h3 { (said(&finding.object, &finding.title)) }
                (excuse(finding))
                (facts(finding))
                (shown_by(&finding.object, &finding.shows_on))
                (commands(&finding.remedies))
                (self.symptoms(finding))
            }
        }
    }

    fn headline(&self, finding: &FindingView) -> Markup {
        html! {
            div.line {
                span.word { (finding.severity.word()) }
                @if let Some(cluster) = self.cluster { b { (cluster) } }
                b { (finding.object) }
                @if !finding.part.is_empty() { span { (finding.part) } }
                span { (finding.check) }
                @if let Some(class) = finding.class { span { (class) } }
                span { (finding.section.word()) }
                @if let Some(since) = &finding.since { span { "since " (times(since)) } }
                @if let Some(status) = finding.status { b { (status) } }
                @if let (Some("open"), Some(first)) = (finding.status, &finding.first_seen) {
                    span { "first seen " (times(first)) }
                }
            }
        }
    }

    /// What a finding explains, whatever the number of steps.
    fn explained_by<'s>(&'s self, finding: &'s FindingView) -> Vec<&'s FindingView> {
        let mut seen = BTreeSet::from([finding.id.as_str()]);
        let mut open: Vec<&str> = finding.explains.iter().rev().map(String::as_str).collect();
        let mut all = Vec::new();
        while let Some(id) = open.pop() {
            if let Some(symptom) = self.by_id.get(id).filter(|_| seen.insert(id)) {
                all.push(*symptom);
                open.extend(symptom.explains.iter().rev().map(String::as_str));
            }
        }
        all
    }

    fn symptoms(&self, finding: &FindingView) -> Markup {
        let symptoms = self.explained_by(finding);
        html! {
            @if !symptoms.is_empty() {
                details {
                    summary { "explains " (counted(symptoms.len(), "symptom")) }
                    ul.symptoms {
                        @for symptom in symptoms {
                            li class=(symptom.severity.word()) data-finding=(symptom.id) {
                                (self.headline(symptom))
                                p { (said(&symptom.object, &symptom.title)) }
                                (facts(symptom))
                                (shown_by(&symptom.object, &symptom.shows_on))
                                (commands(&symptom.remedies))
                            }
                        }
                    }
                }
            }
        }
    }

    /// What stands, and of that first what is new or worse than in the earlier run.
    fn by_news(&self) -> Vec<&FindingView> {
        let (open, mut all): (Vec<&FindingView>, Vec<&FindingView>) =
            self.document.standing().partition(|finding| is_old(finding));
        all.extend(open);
        all
    }

    /// What the earlier run had and this one has not.
    fn over(&self) -> Markup {
        let Some(comparison) = &self.document.comparison else { return html! {} };
        let lists = [
            ("fixed", "good", &comparison.fixed),
            ("found then, and not looked at now", "unknown", &comparison.not_looked_at),
        ];
        html! {
            section.card {
                h2 { (self.place()) "Since the run of " (times(&comparison.taken_at)) }
                p.small.faint { (comparison.baseline) }
                @for (words, class, over) in lists {
                    @if !over.is_empty() {
                        p class=(class) { strong { (counted(over.len(), "finding")) " " (words) } }
                        ul { @for past in over { li {
                            (past.severity.word()) " " b { (past.object) } " " (said(&past.object, &past.title)) " "
                            span.faint { (past.check) ", first seen " (times(&past.first_seen)) }
                        } } }
                    }
                }
                @if !comparison.disappeared.is_empty() {
                    p { b { (counted(comparison.disappeared.len(), "object")) " not there any more" } }
                    ul { @for object in &comparison.disappeared { li { (object) } } }
                }
                @if comparison.fixed.is_empty() && comparison.not_looked_at.is_empty() && comparison.disappeared.is_empty() {
                    p { "Nothing is fixed or gone." }
                }
            }
        }
    }

    /// Facts beside the findings.
    fn panels(&self) -> Markup {
        html! {
            @for panel in &self.document.panels {
                section.card {
                    h2 { (self.place()) (panel.title) }
                    @if !panel.unseen.is_empty() { p.unknown { "not looked at: " (panel.unseen.join(", ")) } }
                    @if panel.rows.is_empty() && panel.unseen.is_empty() { p { "nothing" } }
                    table.facts-table { @for row in &panel.rows { tr {
                        th { @if let Some(at) = &row.at { (times(at)) } }
                        td { @if let Some(object) = &row.object { b { (object) } " " } (row.text) }
                    } } }
                }
            }
        }
    }

    /// What the profile hides, and who answers for that.
    fn excluded(&self) -> Markup {
        let excluded = self.document.excluded.as_deref().unwrap_or_default();
        html! {
            @if !excluded.is_empty() {
                details.card {
                    summary { (self.place()) (counted(excluded.len(), "finding")) " excluded by the profile" }
                    ul { @for finding in excluded { li class=(finding.severity.word()) {
                        (self.headline(finding))
                        p { (said(&finding.object, &finding.title)) }
                        (excuse(finding))
                    } } }
                }
            }
        }
    }

    /// What each check came to, by section.
    fn checks(&self) -> Markup {
        let sections: BTreeSet<Section> = self.document.checks.iter().map(|check| check.section).collect();
        let because: BTreeMap<&str, &str> = self
            .document
            .coverage
            .skipped_checks
            .iter()
            .map(|skipped| (skipped.check, skipped.because.as_str()))
            .collect();
        html! {
            details.card {
                summary { (self.place()) "All " (counted(self.document.checks.len(), "check")) ", and what each came to" }
                @for section in sections {
                    h2.of-section { (section.word()) }
                    table {
                        @for check in self.document.checks.iter().filter(|check| check.section == section) {
                            tr {
                                th { (check.id) " " (check.title) }
                                td {
                                    (came_to(check.state))
                                    @if let Some(because) = because.get(check.id) { " (" (because) ")" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn reads(&self) -> Markup {
        html! {
            details.card {
                summary { (self.place()) "What was read" }
                table {
                    @for read in &self.document.coverage.reads {
                        tr {
                            th { (read.what) }
                            td { @if read.state == "read" { (read.objects) } @else { (read.state) } }
                        }
                    }
                }
            }
        }
    }
}

/// The card of all gaps.
pub(super) fn gaps(gaps: &Markup) -> Markup {
    html! {
        @if !gaps.0.is_empty() {
            section.card.gaps.unknown {
                h2 { "Could not look at everything" }
                (gaps)
            }
        }
    }
}

/// Whether an earlier run had it just so.
pub(super) fn is_old(finding: &FindingView) -> bool {
    finding.status == Some(Status::Open.word())
}

fn count_of(summary: &Summary, severity: Severity) -> usize {
    match severity {
        Severity::Critical => summary.critical,
        Severity::Warning => summary.warning,
        Severity::Unknown => summary.unknown,
        Severity::Info => summary.info,
    }
}

fn came_to(state: CheckState) -> &'static str {
    match state {
        CheckState::Passed => "found nothing",
        CheckState::Found => "found something",
        CheckState::Unknown => "not decided",
        CheckState::Skipped => "nothing to look at",
    }
}

/// A line through the counts, the latest at the right, with the numbers for those who do not see it.
fn sparkline(severity: Severity, counts: &[usize]) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let steps = counts.len().saturating_sub(1).max(1);
    let point = |(index, count): (usize, &usize)| format!("{},{}", index * 100 / steps, 24 - count * 24 / most);
    let points: Vec<String> = counts.iter().enumerate().map(point).collect();
    let numbers: Vec<String> = counts.iter().map(ToString::to_string).collect();
    let label = format!("{}: {}", severity.word(), numbers.join(", "));
    html! {
        figure class=(severity.word()) {
            svg viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=(label) {
                polyline points=(points.join(" ")) {}
            }
            figcaption.small { (severity.word()) " " (counts.last().copied().unwrap_or(0)) }
        }
    }
}

/// Why a finding is hidden, or was until its exclusion ended.
fn excuse(finding: &FindingView) -> Markup {
    html! {
        @if let Some(exclusion) = &finding.exclusion {
            p.small.faint {
                @if exclusion.expired { "was excluded until " } @else { "until " }
                (exclusion.expires) ", " (exclusion.owner) ": " (exclusion.reason)
            }
        }
    }
}

fn facts(finding: &FindingView) -> Markup {
    let row = |fact: &EvidenceView| {
        html! {
            tr {
                th { @if fact.object != finding.object { (fact.object) " " } code { (fact.field) } }
                td { (fact.value) }
            }
        }
    };
    let (first, more) = finding.evidence.split_at(finding.evidence.len().min(FIRST));
    html! {
        @if !first.is_empty() { table.facts-table { @for fact in first { (row(fact)) } } }
        @if !more.is_empty() {
            details {
                summary { (more.len()) " more of the evidence" }
                table.facts-table { @for fact in more { (row(fact)) } }
            }
        }
    }
}

fn shown_by(object: &ObjectRef, shows_on: &[ObjectRef]) -> Markup {
    let (first, more) = shows_on.split_at(shows_on.len().min(FIRST));
    let names = |objects: &[ObjectRef]| objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    html! {
        @if !first.is_empty() && shows_on != std::slice::from_ref(object) {
            p.small.faint { "shown by " (names(first)) }
            @if !more.is_empty() {
                details { summary { "and " (more.len()) " more" } p.small.faint { (names(more)) } }
            }
        }
    }
}

fn commands(remedies: &[RemedyView]) -> Markup {
    html! {
        @if !remedies.is_empty() {
            pre {
                @for (index, remedy) in remedies.iter().enumerate() {
                    @if index > 0 { "\n" }
                    (remedy.command)
                    @let note = remedy.note();
                    @if !note.is_empty() { span.faint { "   # " (note) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::sample;
    use super::*;

    const VERDICT: Verdict = Verdict { failing: true, incomplete: true };

    #[test]
    fn markup_in_any_field_is_text() {
        let hostile = |field: &str| format!("[{field}]<script>alert(1)</script><img src=x onerror='a'>\"><b>&amp;");
        let escaped = "<script>alert(1)</script><img src=x onerror='a'>\"><b>&amp;".replace('&', "&amp;");
        let escaped = escaped.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let text = page(&sample::saying(&hostile), VERDICT);
        let of_findings = ["cause", "symptom"]
            .into_iter()
            .flat_map(|who| sample::OF_FINDING.into_iter().map(move |field| format!("{who} {field}")));
        let others = [
            "context",
            "server",
            "server version",
            "user",
            "namespace",
            "clock",
            "gap",
            "problem",
            "skipped",
            "baseline",
            "reason",
            "owner",
            "disappeared",
            "row object",
            "row text",
            "fixed name",
            "fixed title",
            "not looked at name",
            "not looked at title",
        ];
        for field in of_findings.chain(others.map(str::to_owned)) {
            assert!(text.contains(&format!("[{field}]{escaped}")), "{field} is not shown, or not as text");
        }
        assert_eq!(text.matches("<script").count(), 1, "the page has one script, its own");
        assert!(!text.contains("<img") && !text.contains("\"><b>") && !text.contains("&amp;lt;"), "{text}");
    }

    #[test]
    fn the_policy_lets_nothing_in_but_what_the_page_brings() {
        let text = page(&sample::saying(&str::to_owned), VERDICT);
        assert!(text.contains("content=\"default-src 'none'; style-src 'sha256-"), "{text}");
        let between = |start: &str, end: &str| text.split(start).nth(1).and_then(|rest| rest.split(end).next());
        assert_eq!(between("<style>", "</style>"), Some(STYLE));
        assert_eq!(between("<script>", "</script>"), Some(SCRIPT));
        for outside in ["unsafe-", "style=", "onclick", "src=", "url(", "@import", "fetch("] {
            assert!(!text.contains(outside), "{outside}");
        }
    }

    #[test]
    fn every_finding_is_there_and_symptoms_are_folded_under_their_cause() {
        let text = page(&sample::saying(&str::to_owned), VERDICT);
        let folded = text.split("<details>").find(|part| part.contains("explains 1 symptom")).expect("a folded part");
        assert!(folded.contains("data-finding=\"symptom id\""), "{folded}");
        assert_eq!((text.matches("<article").count(), text.matches("data-finding=").count()), (1, 2));
    }

    #[test]
    fn earlier_runs_are_drawn_when_there_were_some() {
        let mut document = sample::saying(&str::to_owned);
        assert!(!page(&document, VERDICT).contains("<svg"));
        let critical = |critical| Summary { critical, ..Summary::default() };
        document.past = vec![("2026-11-24T16:44:03Z".to_owned(), critical(4)), (String::new(), critical(0))];
        let text = page(&document, VERDICT);
        assert!(text.contains("aria-label=\"critical: 4, 0, 1\""), "{text}");
        assert!(text.contains("points=\"0,0 50,24 100,18\""), "{text}");
        assert!(text.contains("The last 3 runs"), "{text}");
    }

    #[test]
    fn nothing_seen_is_not_nothing_found() {
        let mut document = sample::saying(&str::to_owned);
        document.findings.clear();
        document.summary = Summary::default();
        let fine = page(&document, Verdict { failing: false, incomplete: false });
        assert!(fine.contains("nothing found") && fine.contains("verdict good"), "{fine}");
        document.coverage.nothing = Some("Nothing was seen");
        let blind = page(&document, Verdict { failing: false, incomplete: true });
        assert!(blind.contains("Nothing was seen, so nothing can be said") && blind.contains("verdict unknown"));
        assert!(!blind.contains("nothing found"), "{blind}");
    }

    #[test]
    fn what_was_not_collected_is_told_at_the_top_and_is_not_all_well() {
        let mut document = sample::saying(&str::to_owned);
        document.findings.clear();
        document.summary = Summary::default();
        document.coverage.reads[0].state = NOT_COLLECTED;
        let text = page(&document, Verdict { failing: false, incomplete: false });
        assert!(text.contains("verdict unknown") && !text.contains("Everything that was asked for"), "{text}");
        let (top, _) = text.split_once("<main>").expect("the findings");
        assert!(top.contains("not collected: Node") && top.contains("1 check had nothing to look at"), "{top}");
    }
}
