//! The document for machines: that of one cluster, with a list of clusters, and in every row which of them it is of.

use super::{Cluster, Several, sorted};
use crate::report::document::{ComparisonView, Document, FindingView, PanelView, SkippedCheck, Summary};
use serde::Serialize;
use serde_json::Value;
use sre_core::report::{ReadView, Source};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeveralView<'a> {
    api_version: &'static str,
    kind: &'static str,
    clusters: Vec<ClusterView<'a>>,
    coverage: CoverageView<'a>,
    summary: Summary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    panels: Vec<Of<'a, PanelView>>,
    findings: Vec<Of<'a, FindingView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<Vec<Of<'a, FindingView>>>,
}

/// A row, and the cluster that it is of.
#[derive(Serialize)]
struct Of<'a, T> {
    cluster: &'a str,
    #[serde(flatten)]
    row: &'a T,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterView<'a> {
    cluster: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    alike: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a ComparisonView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<&'a [&'static str]>,
}

/// Why a cluster could not be looked at.
#[derive(Serialize)]
struct FailureView<'a> {
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CoverageView<'a> {
    objects: usize,
    reads: Vec<Of<'a, ReadView>>,
    problems: Vec<String>,
    skipped_checks: Vec<Of<'a, SkippedCheck>>,
}

/// The whole document.
pub(super) fn value(several: &Several<'_>) -> Value {
    let findings = several.told().flat_map(|told| told.document.findings.iter().map(move |row| (row, told.name)));
    let has_excluded = several.told().any(|told| told.document.excluded.is_some());
    let document = SeveralView {
        api_version: "kubectl-sre/v1alpha1",
        kind: "DailyCheck",
        clusters: several.clusters.iter().map(|cluster| view(several, cluster)).collect(),
        coverage: coverage(several),
        summary: several.summary(),
        panels: rows(several, |document| &document.panels),
        findings: sorted(findings.collect()).into_iter().map(|(row, cluster)| Of { cluster, row }).collect(),
        excluded: has_excluded.then(|| rows(several, |document| document.excluded.as_deref().unwrap_or_default())),
    };
    serde_json::to_value(&document).unwrap_or_default()
}

/// The same rows of every cluster that was looked at.
fn rows<'a, T>(several: &Several<'a>, pick: fn(&'a Document) -> &'a [T]) -> Vec<Of<'a, T>> {
    several.told().flat_map(|told| pick(told.document).iter().map(move |row| Of { cluster: told.name, row })).collect()
}

fn view<'a>(several: &Several<'a>, cluster: &'a Cluster) -> ClusterView<'a> {
    let common = ClusterView { cluster: &cluster.name, alike: &cluster.alike, ..ClusterView::default() };
    let Some(told) = cluster.told() else {
        let failure = cluster.missed().map(|missed| FailureView { why: missed.why, next: missed.next });
        return ClusterView { failure, ..common };
    };
    let document = told.document;
    ClusterView {
        same_as: several.same_as(cluster),
        source: Some(&document.source),
        objects: Some(document.coverage.objects),
        oldest_event: document.coverage.oldest_event.as_deref(),
        summary: Some(&document.summary),
        comparison: document.comparison.as_ref(),
        passed: document.passed.as_deref(),
        ..common
    }
}

fn coverage<'a>(several: &Several<'a>) -> CoverageView<'a> {
    let missed = several.missed().map(|missed| format!("{}: {}", missed.name, missed.why));
    let problems = several.told().flat_map(|told| {
        told.document.coverage.problems.iter().map(move |problem| format!("{}: {problem}", told.name))
    });
    CoverageView {
        objects: several.objects(),
        reads: rows(several, |document| &document.coverage.reads),
        problems: missed.chain(problems).collect(),
        skipped_checks: rows(several, |document| &document.coverage.skipped_checks),
    }
}
