//! The last operation on a Helm release failed or never ended.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{HelmRelease, Kind, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-99",
    title: "the last operation on a Helm release failed or never ended",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::HelmRelease)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// How long an operation may take; Helm itself waits five minutes when nobody says otherwise.
const OPERATION_MINUTES: i64 = 10;

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut latest: BTreeMap<ObjectRef, &HelmRelease> = BTreeMap::new();
    for release in view.all::<HelmRelease>().iter().filter(|release| release.is_release()) {
        let newest = latest.entry(release.reference()).or_insert(release);
        if release.revision() > newest.revision() {
            *newest = release;
        }
    }
    latest.values().filter_map(|release| judge(view, release)).collect()
}

fn judge(view: &View<'_>, release: &HelmRelease) -> Option<Finding> {
    let created = release.metadata.creation_timestamp.at();
    let trouble = match release.status() {
        "failed" => "failed",
        "pending-install" | "pending-upgrade" | "pending-rollback" | "uninstalling"
            if view.is_older_than_minutes(created, OPERATION_MINUTES) =>
        {
            "never ended; Helm refuses the next one until it is cleared"
        }
        _ => return None,
    };
    let (namespace, name) = (&release.metadata.namespace, release.release());
    let revision = release.revision().map_or_else(|| "unknown".to_owned(), |revision| revision.to_string());
    let title = format!("Helm release {name}: revision {revision} is {}: its operation {trouble}", release.status());
    let finding = Finding::new("GAP-99", Severity::Warning, release.reference(), title)
        .evidence(&release.reference(), "metadata.labels[status]", release.status())
        .evidence(&release.reference(), "metadata.labels[version]", revision)
        .since(created)
        .look(format!("kubectl get secrets -n {namespace} -l owner=helm,name={name} -L version,status"))
        .look(format!("kubectl get events -n {namespace} --sort-by=.lastTimestamp"));
    Some(finding)
}

const PAGE: &str = "\
Helm keeps a Secret for each revision of a release, with its status as a label. The latest one is
`failed`, or has been pending (install, upgrade, rollback, uninstall) for more than ten minutes:
the operation was killed, or waits for something that does not come. A pending release refuses
every later operation (another operation is in progress).

Looked at: the labels of Helm's Secrets in all namespaces; only the latest revision counts, so a
failure that a later revision has mended is not reported. Their content is never read.

What to do: see what the operation was waiting for; then roll back to the last deployed revision
with Helm. When Helm refuses because of a dead pending revision, deleting that one Secret clears it.

Harmless: releases that a GitOps controller retries; it will say so itself.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn captured() -> Scenario {
        Scenario::captured("GAP-99").later(15)
    }

    #[test]
    fn the_latest_revision_of_each_release_counts() {
        let findings = captured().judge(&CHECK);
        let objects: Vec<String> = findings.iter().map(|finding| finding.object.to_string()).collect();
        assert_eq!(objects, ["HelmRelease/fault-gap-99/blog", "HelmRelease/fault-gap-99/shop"]);
        let shop = &findings[1];
        assert_eq!(shop.severity, Severity::Warning);
        assert!(shop.title.starts_with("Helm release shop: revision 3 is pending-upgrade"), "{}", shop.title);
        assert_eq!(shop.evidence[0].value, "pending-upgrade");
        let command = "kubectl get secrets -n fault-gap-99 -l owner=helm,name=shop -L version,status";
        assert_eq!(shop.remedies[0].command, command);
    }

    #[test]
    fn a_release_that_was_deployed_is_not_meant() {
        let mended = captured().set("Secret", "sh.helm.release.v1.shop.v3", "/metadata/labels/status", "deployed");
        let findings = mended.judge(&CHECK);
        assert!(findings.iter().all(|finding| finding.object.name == "blog"), "{findings:#?}");
    }

    #[test]
    fn an_operation_has_ten_minutes() {
        let findings = Scenario::captured("GAP-99").later(5).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].object.name, "blog");
    }

    #[test]
    fn revisions_are_compared_as_numbers() {
        let tenth = captured().set("Secret", "sh.helm.release.v1.wiki.v2", "/metadata/labels/version", "10");
        assert_eq!(tenth.judge(&CHECK).len(), 2);
    }

    #[test]
    fn releases_that_could_not_be_listed_leave_it_undecided() {
        let blind = Scenario::captured("GAP-99").without("Secret", "sh.helm");
        let findings = blind.gap(Sight::Of(Kind::HelmRelease), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("HelmRelease was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
