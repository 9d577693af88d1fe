//! Values to report: one document for machines, the same facts in blocks for people.

mod document;
mod html;
mod junit;
mod prometheus;
mod text;

pub use document::Document;

use crate::args::Request;
use sre_core::cause::Judged;
use sre_core::check::Outcome;
use sre_core::finding::Severity;
use sre_core::report::{Report, Verdict};
use sre_core::slim::LabelSelector;
use sre_core::view::View;
use sre_runtime::args::OutputFormat;
use std::collections::{BTreeMap, BTreeSet};

/// Builds the report of a run.
pub fn build(request: &Request, view: &View<'_>, outcome: &Outcome, judged: &[Judged]) -> Report {
    let shown = shown(request, view, judged);
    let document = Document::new(request, view, outcome, &shown);
    let verdict = verdict(request, view, &shown);
    Report {
        own: own(request, &document, verdict),
        blocks: text::blocks(request, &document),
        document: serde_json::to_value(&document).unwrap_or_default(),
        verdict,
    }
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

/// What is asked for, and what explains it, wherever that stands.
fn shown<'j>(request: &Request, view: &View<'_>, judged: &'j [Judged]) -> Vec<&'j Judged> {
    let wanted = judged.iter().filter(|one| is_in_scope(view, one) && is_selected(request, view, one));
    let mut ids: BTreeSet<&str> = wanted.map(|one| one.id.as_str()).collect();
    let by_id: BTreeMap<&str, &Judged> = judged.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut open: Vec<&str> = ids.iter().copied().collect();
    while let Some(one) = open.pop().and_then(|id| by_id.get(id)) {
        open.extend(one.caused_by.iter().map(String::as_str).filter(|cause| ids.insert(cause)));
    }
    judged.iter().filter(|one| ids.contains(one.id.as_str())).collect()
}

/// Of the namespaces, which are cluster-scoped, only the one that was asked for is meant.
fn is_in_scope(view: &View<'_>, judged: &Judged) -> bool {
    let object = &judged.finding.object;
    object.kind != "Namespace" || object.name == "*" || view.snapshot.namespaces.includes(&object.name)
}

/// A selector keeps findings about objects that carry the labels, or that such objects show.
fn is_selected(request: &Request, view: &View<'_>, judged: &Judged) -> bool {
    let Some(selector) = &request.selector else { return true };
    let finding = &judged.finding;
    finding.severity == Severity::Unknown
        || [&finding.object]
            .into_iter()
            .chain(&finding.shows_on)
            .any(|object| view.labels_of(object).is_some_and(|labels| selector.matches(labels)))
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
