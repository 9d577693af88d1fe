//! Values to report: one document for machines, the same facts in blocks for people.

mod changes;
mod document;
mod html;
mod junit;
mod prometheus;
mod sorting;
mod text;

pub use document::Document;

use crate::args::Request;
use crate::history::Comparison;
use crate::watch::Changes;
use changes::ChangeDocument;
use sre_core::cause::Judged;
use sre_core::check::Outcome;
use sre_core::report::{Report, Verdict};
use sre_core::slim::LabelSelector;
use sre_core::view::View;
use sre_runtime::args::OutputFormat;

/// Builds the report of a run.
pub fn build(
    request: &Request,
    view: &View<'_>,
    outcome: &Outcome,
    judged: &[Judged],
    comparison: Option<Comparison>,
) -> Report {
    let sorted = sorting::sorted(request, view, judged);
    let document = Document::new(request, view, outcome, &sorted, comparison.as_ref());
    let verdict = verdict(request, view, &sorted.shown);
    Report {
        own: own(request, &document, verdict),
        blocks: text::blocks(request, &document),
        document: serde_json::to_value(&document).unwrap_or_default(),
        verdict,
    }
}

/// The findings that a report shows.
pub fn told<'r>(request: &'r Request, view: &View<'_>, judged: &'r [Judged]) -> Vec<&'r Judged> {
    sorting::sorted(request, view, judged).shown
}

/// What has changed since the last look, as lines to add and as a document of its own.
pub fn changes(request: &Request, view: &View<'_>, outcome: &Outcome, judged: &[Judged], changes: &Changes) -> Report {
    let sorted = sorting::sorted(request, view, judged);
    let verdict = verdict(request, view, &sorted.shown);
    let document = Document::new(request, view, outcome, &sorted, None);
    let blocks = changes::blocks(&document, changes);
    let document = serde_json::to_value(ChangeDocument::new(document, changes)).unwrap_or_default();
    Report { own: None, blocks, document, verdict }
}

/// The report in a format that only this command knows how to write.
fn own(request: &Request, document: &Document, verdict: Verdict) -> Option<String> {
    match request.output {
        OutputFormat::Html => Some(html::page(document, verdict)),
        OutputFormat::Junit => Some(junit::results(document, request.fail_on)),
        OutputFormat::Prometheus => Some(prometheus::metrics(document, verdict)),
        OutputFormat::Text | OutputFormat::Wide | OutputFormat::Json | OutputFormat::Yaml | OutputFormat::Markdown => {
            None
        }
    }
}

/// Zero objects seen is never fine: it is an incomplete look.
fn verdict(request: &Request, view: &View<'_>, shown: &[&Judged]) -> Verdict {
    let coverage = &view.snapshot.coverage;
    Verdict {
        failing: shown.iter().any(|one| request.fail_on.counts(one.finding.severity)),
        incomplete: coverage.has_gaps() || nothing(request, view).is_some(),
    }
}

/// Says that nothing was seen of what was asked for: a selector that no object answers to is mistyped, most likely.
fn nothing(request: &Request, view: &View<'_>) -> Option<&'static str> {
    let objects = &view.snapshot.objects;
    let answers = |selector: &LabelSelector| objects.any(&|metadata| selector.matches(&metadata.labels));
    if view.snapshot.is_empty() {
        return Some("Nothing was seen");
    }
    request.selector.as_ref().is_some_and(|it| !answers(it)).then_some("No object has the labels of -l")
}
