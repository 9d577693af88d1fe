//! Sub-checks of the API server's health that failed: the ground that its classes share.

use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::snapshot::{HealthLine, HealthState};
use crate::view::View;
use std::collections::BTreeMap;

/// What is wrong, by the part that fails: `etcd-readiness` is etcd.
pub(super) fn failures(view: &View<'_>, wanted: fn(&str) -> bool) -> Vec<Finding> {
    let mut parts: BTreeMap<&str, Vec<&HealthLine>> = BTreeMap::new();
    for line in view.snapshot.health.iter().filter(|line| line.state == HealthState::Failed) {
        parts.entry(part(&line.name)).or_default().push(line);
    }
    parts.into_iter().filter(|(part, _)| wanted(part)).map(|(part, lines)| statement(part, &lines)).collect()
}

/// The name of the part of the server that a sub-check is about.
fn part(check: &str) -> &str {
    if check.starts_with("etcd") { "etcd" } else { check }
}

fn statement(part: &str, lines: &[&HealthLine]) -> Finding {
    let server = ObjectRef::cluster("Cluster", "kube-apiserver");
    let severity = if part == "shutdown" { Severity::Warning } else { Severity::Critical };
    let title = format!("the API server says that its part {part} is unhealthy");
    let shown = |finding: Finding, line: &&HealthLine| {
        finding.evidence(&server, format!("{} [{}]", line.endpoint.word(), line.name), &*line.verdict)
    };
    lines
        .iter()
        .fold(Finding::new("", severity, server.clone(), title).part(part), shown)
        .look("kubectl get --raw '/readyz?verbose'")
        .look("kubectl get pods -n kube-system -o wide")
}
