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
        change: None,
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

/// Clusters for the tests of what is written of them.
#[cfg(test)]
pub(super) mod sample {
    use super::super::document::sample;
    use super::*;

    /// Two clusters with the same to tell and one that could not be looked at; whatever can hold text of a cluster or of
    /// a person holds what `say` makes of the name of the field.
    pub(in crate::report) fn saying(say: &dyn Fn(&str) -> String) -> Vec<Cluster> {
        let made = |name: &str, incomplete| {
            let verdict = Verdict { failing: true, incomplete };
            let answer = Answer { document: sample::saying(say), verdict, identity: Some("uid".to_owned()) };
            Cluster {
                name: say(name),
                alike: vec![say("alike")],
                look: Look::Made(Box::new(answer.of_cluster(&say(name)))),
            }
        };
        let look = Look::Failed { why: say("why"), next: Some(say("next")) };
        vec![made("first", false), Cluster { name: say("lost"), alike: Vec::new(), look }, made("second", true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_could_not_be_looked_at_makes_the_whole_incomplete() {
        let clusters = sample::saying(&str::to_owned);
        assert_eq!(Several { clusters: &clusters }.verdict(), Verdict { failing: true, incomplete: true });
        assert_eq!(Several { clusters: &clusters[..1] }.verdict(), Verdict { failing: true, incomplete: false });
        assert_eq!(Several { clusters: &clusters }.counted(), "2 of 3 clusters");
        assert_eq!(Several { clusters: &clusters[1..] }.counted(), "1 of 2 clusters");
    }

    #[test]
    fn one_cluster_by_two_contexts_is_recognised() {
        let clusters = sample::saying(&str::to_owned);
        let same = clusters.iter().map(|cluster| Several { clusters: &clusters }.same_as(cluster));
        assert_eq!(same.collect::<Vec<_>>(), [None, None, Some("first")]);
    }

    #[test]
    fn the_same_trouble_of_several_clusters_stands_together_and_links_stay_inside() {
        let clusters = sample::saying(&str::to_owned);
        let several = Several { clusters: &clusters };
        let document = document::value(&several);
        let ids: Vec<&str> =
            document["findings"].as_array().expect("findings").iter().filter_map(|one| one["id"].as_str()).collect();
        assert_eq!(ids, ["cause id@first", "cause id@second", "symptom id@first", "symptom id@second"]);
        assert_eq!(document["findings"][1]["explains"][0], "symptom id@second");
        assert_eq!(document["summary"]["critical"], 2);
        assert_eq!(document["coverage"]["problems"][0], "lost: why");
    }
}
