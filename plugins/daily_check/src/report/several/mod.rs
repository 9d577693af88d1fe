//! One report of several clusters: each was judged for itself, and nothing is concluded from one about another.

mod document;
mod html;
mod text;

use super::document::{Document, FindingView, Summary};
use super::{Answer, junit, prometheus};
use crate::args::Request;
use sre_core::report::{Report, Verdict};
use sre_runtime::args::OutputFormat;
use std::cmp::Reverse;

/// A cluster, and the look at it.
pub struct Cluster {
    /// The context that leads there.
    pub name: String,
    /// Other contexts that lead there as the same user.
    pub alike: Vec<String>,
    /// What came of it.
    pub look: Look,
}

/// What came of looking at a cluster.
pub enum Look {
    /// There is something to tell.
    Made(Box<Answer>),
    /// There is nothing: a gap as large as the cluster.
    Failed {
        /// What was attempted, on what, why it failed.
        why: String,
        /// What to type next.
        next: Option<String>,
    },
}

/// Builds the report of several clusters, of which at least one was looked at.
pub fn of_several(request: &Request, clusters: &[Cluster]) -> Report {
    let several = Several { clusters };
    let verdict = several.verdict();
    Report {
        own: own(request, &several, verdict),
        blocks: text::blocks(request, &several),
        document: document::value(&several),
        verdict,
    }
}

/// The report in a format that only this command knows how to write.
fn own(request: &Request, several: &Several<'_>, verdict: Verdict) -> Option<String> {
    match request.output {
        OutputFormat::Html => Some(html::page(several, verdict)),
        OutputFormat::Junit => Some(junit::of_several(several, request.fail_on)),
        OutputFormat::Prometheus => Some(prometheus::of_several(several)),
        OutputFormat::Text | OutputFormat::Wide | OutputFormat::Json | OutputFormat::Yaml | OutputFormat::Markdown => {
            None
        }
    }
}

/// Every cluster that was to be looked at, in the order of the report.
pub(super) struct Several<'a> {
    pub(super) clusters: &'a [Cluster],
}

/// What is told of one cluster of several.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) name: &'a str,
    pub(super) document: &'a Document,
    pub(super) verdict: Verdict,
}

/// A cluster that could not be looked at.
#[derive(Clone, Copy)]
pub(super) struct Missed<'a> {
    pub(super) name: &'a str,
    pub(super) why: &'a str,
    pub(super) next: Option<&'a str>,
}

impl Cluster {
    pub(super) fn told(&self) -> Option<Told<'_>> {
        let Look::Made(answer) = &self.look else { return None };
        Some(Told { name: &self.name, document: &answer.document, verdict: answer.verdict })
    }

    pub(super) fn missed(&self) -> Option<Missed<'_>> {
        let Look::Failed { why, next } = &self.look else { return None };
        Some(Missed { name: &self.name, why, next: next.as_deref() })
    }

    fn identity(&self) -> Option<&str> {
        let Look::Made(answer) = &self.look else { return None };
        answer.identity.as_deref()
    }
}

impl<'a> Several<'a> {
    pub(super) fn told(&self) -> impl Iterator<Item = Told<'a>> {
        self.clusters.iter().filter_map(Cluster::told)
    }

    pub(super) fn missed(&self) -> impl Iterator<Item = Missed<'a>> {
        self.clusters.iter().filter_map(Cluster::missed)
    }

    /// A cluster that could not be looked at is a gap, whatever the others say.
    fn verdict(&self) -> Verdict {
        Verdict {
            failing: self.told().any(|told| told.verdict.failing),
            incomplete: self.missed().next().is_some() || self.told().any(|told| told.verdict.incomplete),
        }
    }

    fn summary(&self) -> Summary {
        Summary::sum(self.told().map(|told| &told.document.summary))
    }

    fn objects(&self) -> usize {
        self.told().map(|told| told.document.coverage.objects).sum()
    }

    /// Whether no cluster had anything of what was asked for, so that nothing found means nothing.
    fn saw_nothing(&self) -> bool {
        self.told().all(|told| told.document.coverage.nothing.is_some())
    }

    /// `3 clusters`, or `2 of 3 clusters`.
    fn counted(&self) -> String {
        match (self.told().count(), self.clusters.len()) {
            (told, all) if told == all => format!("{all} clusters"),
            (told, all) => format!("{told} of {all} clusters"),
        }
    }

    /// The first context that led to the same cluster, for one that comes later.
    fn same_as(&self, cluster: &Cluster) -> Option<&'a str> {
        let identity = cluster.identity()?;
        let first = self.clusters.iter().find(|other| other.identity() == Some(identity))?;
        (first.name != cluster.name).then_some(first.name.as_str())
    }
}

/// Worst first as in the report of one cluster; the same trouble of several clusters stands together.
fn sorted<T>(mut findings: Vec<(&FindingView, T)>) -> Vec<(&FindingView, T)> {
    findings.sort_by_key(|(finding, _)| {
        let id = finding.id.split('@').next().unwrap_or_default();
        (finding.severity, !finding.caused_by.is_empty(), Reverse(finding.explains.len()), finding.check, id)
    });
    findings
}
