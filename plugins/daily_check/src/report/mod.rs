//! Values to report: one document for machines, the same facts in blocks for people.

mod changes;
mod document;
mod html;
mod junit;
mod prometheus;
mod several;
mod sorting;
mod text;

pub use several::{Cluster, Look, of_several};

use crate::args::Request;
use crate::judgement::Judgement;
use crate::watch::Changes;
use changes::ChangeDocument;
use document::Document;
use sre_core::cause::Judged;
use sre_core::report::{Report, Verdict};
use sre_core::slim::LabelSelector;
use sre_core::view::View;
use sre_runtime::args::OutputFormat;

/// What there is to tell of a cluster; what was seen of it is not needed any more.
pub struct Answer {
    document: Document,
    verdict: Verdict,
    /// What the cluster is known by, whatever the name of the context.
    identity: Option<String>,
}

impl Answer {
    /// Puts together what a look at a cluster came to.
    pub fn new(request: &Request, judgement: &Judgement<'_>) -> Self {
        let view = &judgement.view;
        let sorted = sorting::sorted(request, view, &judgement.judged);
        Self {
            document: Document::new(request, judgement, &sorted),
            verdict: verdict(request, judgement, &sorted.shown),
            identity: view.snapshot.cluster(),
        }
    }

    /// Makes it the part of a cluster in a report of several.
    pub fn of_cluster(self, name: &str) -> Self {
        Self { document: self.document.of_cluster(name), ..self }
    }
}

/// Builds the report of a run that looked at one cluster.
pub fn of_one(request: &Request, answer: &Answer) -> Report {
    let Answer { document, verdict, .. } = answer;
    Report {
        change: None,
        own: own(request, document, *verdict),
        blocks: text::blocks(request, document),
        document: serde_json::to_value(document).unwrap_or_default(),
        verdict: *verdict,
    }
}

/// The findings that a report shows.
pub fn told<'r>(request: &'r Request, judgement: &'r Judgement<'_>) -> Vec<&'r Judged> {
    sorting::sorted(request, &judgement.view, &judgement.judged).shown
}

/// What has changed since the last look, as lines to add and as a document of its own.
pub fn changes(request: &Request, judgement: &Judgement<'_>, changes: &Changes) -> Report {
    let sorted = sorting::sorted(request, &judgement.view, &judgement.judged);
    let verdict = verdict(request, judgement, &sorted.shown);
    let document = Document::new(request, judgement, &sorted);
    let blocks = changes::blocks(&document, changes);
    let document = serde_json::to_value(ChangeDocument::new(document, changes)).unwrap_or_default();
    Report { own: None, blocks, document, verdict, change: None }
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
fn verdict(request: &Request, judgement: &Judgement<'_>, shown: &[&Judged]) -> Verdict {
    let view = &judgement.view;
    let coverage = &view.snapshot.coverage;
    Verdict {
        failing: shown.iter().any(|one| request.fail_on.counts(one.finding.severity)),
        incomplete: coverage.has_gaps() || !judgement.incidents.unread.is_empty() || nothing(request, view).is_some(),
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
