//! A ResourceQuota is full or almost full.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::profile::Limit;
use sre_core::slim::{Kind, Object, ResourceAmount, ResourceQuota, amount_of, written_of};
use sre_core::units::Amount;
use sre_core::view::View;
use std::collections::BTreeSet;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-14",
    title: "a ResourceQuota is full or almost full",
    section: Section::Quotas,
    examines: &[Sight::Of(Kind::ResourceQuota)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::Job),
        Sight::Of(Kind::Event),
    ],
    page: PAGE,
    run: |view| view.all::<ResourceQuota>().iter().filter_map(|quota| judge(quota, view)).collect(),
};

/// One resource of a quota that is used up, or nearly.
struct Tight<'a> {
    hard: &'a ResourceAmount,
    used: &'a str,
    share: f64,
}

fn judge(quota: &ResourceQuota, view: &View<'_>) -> Option<Finding> {
    let almost_full = view.profile.thresholds.of(Limit::QuotaPercent) / 100.0;
    let tight: Vec<Tight<'_>> = quota.status.hard.iter().filter_map(|hard| tight(hard, quota, almost_full)).collect();
    let refused = refused(quota, view);
    if tight.is_empty() && refused.is_empty() {
        return None;
    }
    let object = quota.reference();
    let severity = if refused.is_empty() { Severity::Warning } else { Severity::Critical };
    let (name, namespace) = (&quota.metadata.name, &quota.metadata.namespace);
    let finding = Finding::new("CFG-14", severity, object.clone(), title(&tight, &refused));
    let finding = tight.iter().fold(finding, |finding, one| {
        let value = format!("{} of {}", one.used, one.hard.quantity.as_str());
        finding.evidence(&object, format!("status.used.{}", one.hard.name), value)
    });
    let finding = finding.look(format!("kubectl describe resourcequota {name} -n {namespace}"));
    Some(if refused.is_empty() { finding } else { told_by_the_refused(finding, quota, view) })
}

/// A quota of nothing is a ban, and meant so.
fn tight<'a>(hard: &'a ResourceAmount, quota: &'a ResourceQuota, almost_full: f64) -> Option<Tight<'a>> {
    let limit = hard.quantity.amount().filter(|limit| *limit > Amount::ZERO)?;
    let share = amount_of(&quota.status.used, &hard.name)?.share_of(limit)?;
    let used = written_of(&quota.status.used, &hard.name)?;
    (share >= almost_full).then_some(Tight { hard, used, share })
}

/// The workloads whose pods it refuses.
fn refused(quota: &ResourceQuota, view: &View<'_>) -> Vec<String> {
    let here = view.refused_creations().iter().filter(|one| is_by(quota, one));
    let names: BTreeSet<String> = here.map(|one| format!("{} {}", one.owner.kind, one.owner.name)).collect();
    names.into_iter().collect()
}

fn is_by(quota: &ResourceQuota, refused: &sre_core::view::RefusedCreation) -> bool {
    refused.owner.namespace.as_deref() == Some(&quota.metadata.namespace)
        && refused.quota() == Some(&quota.metadata.name)
}

fn told_by_the_refused(finding: Finding, quota: &ResourceQuota, view: &View<'_>) -> Finding {
    let refused = || view.refused_creations().iter().filter(|one| is_by(quota, one));
    let since = refused().filter_map(|one| one.since).min();
    let finding = finding.class("quota-exceeded").since(since);
    refused().take(3).fold(finding, |finding, one| finding.evidence(&one.controller, one.field, &*one.message))
}

fn title(tight: &[Tight<'_>], refused: &[String]) -> String {
    let part = |one: &Tight<'_>| {
        format!("{} {} of {} ({:.0} %)", one.hard.name, one.used, one.hard.quantity.as_str(), one.share * 100.0)
    };
    let parts: Vec<String> = tight.iter().map(part).collect();
    let state = if parts.is_empty() { "not every pod says what it wants".to_owned() } else { parts.join(", ") };
    match refused {
        [] if tight.iter().any(|one| one.share >= 1.0) => format!("full: {state}"),
        [] => format!("almost full: {state}"),
        [one] => format!("it refuses pods of {one}: {state}"),
        [first, others @ ..] => format!("it refuses pods of {first} and {} more: {state}", others.len()),
    }
}

const PAGE: &str = "\
A ResourceQuota bounds what a namespace may use. From 90 percent on the next rollout, scale-up or
Job may find no room: a warning. When pods were refused for it and are still lacking, it is
critical, and the refused workloads (WRK-03) stand under it.

Looked at: status.hard and status.used of every quota; what the API server answered to controllers
that lack pods. A hard limit of 0 is a ban on purpose, and not meant. Usage is what the quota
controller last counted; it follows within seconds, or minutes after a quota was changed.

What to do: see who uses it; then scale down, lower requests, or raise the quota:
  kubectl describe resourcequota NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::cause::fold;
    use sre_core::check::judge as judge_all;
    use sre_core::object::ObjectRef;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn of(name: &str, scenario: &Scenario) -> Option<Finding> {
        scenario.judge(&CHECK).into_iter().find(|it| it.object.name == name)
    }

    #[test]
    fn a_quota_that_refused_pods_is_critical() {
        let finding = of("pods", &Scenario::captured("CFG-14")).unwrap();
        assert_eq!(finding.object.to_string(), "ResourceQuota/fault-cfg-14/pods");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("quota-exceeded")));
        assert_eq!(finding.title, "it refuses pods of Deployment web: pods 4 of 4 (100 %)");
        assert!(finding.evidence[1].value.contains("exceeded quota: pods"), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[0].command, "kubectl describe resourcequota pods -n fault-cfg-14");
    }

    #[test]
    fn a_full_quota_that_refused_nothing_is_a_warning() {
        let finding = of("objects", &Scenario::captured("CFG-14")).unwrap();
        assert_eq!((finding.severity, finding.class), (Severity::Warning, None));
        assert_eq!(finding.title, "full: count/configmaps 2 of 2 (100 %)");
    }

    #[test]
    fn nine_of_ten_is_almost_full_and_eight_are_not() {
        let field = "/status/hard/count~1configmaps";
        let used = Scenario::captured("CFG-14").set("ResourceQuota", "objects", field, "10");
        let with =
            |used_up: &str| used.clone().set("ResourceQuota", "objects", "/status/used/count~1configmaps", used_up);
        assert_eq!(of("objects", &with("9")).unwrap().title, "almost full: count/configmaps 9 of 10 (90 %)");
        assert_eq!(of("objects", &with("8")), None);
    }

    #[test]
    fn a_ban_is_no_quota_that_is_full() {
        let banned =
            Scenario::captured("CFG-14").set("ResourceQuota", "objects", "/status/hard/count~1configmaps", "0");
        assert_eq!(of("objects", &banned), None);
    }

    #[test]
    fn the_refused_workload_and_its_missing_pods_stand_under_the_quota() {
        use crate::checks::workloads::{available_pods_are_missing as missing, pods_cannot_be_created as refused};
        let snapshot = Scenario::captured("CFG-14").without("ResourceQuota", "objects").later(30).snapshot();
        let view = View::new(&snapshot);
        let outcome = judge_all(&[&CHECK, &missing::CHECK, &refused::CHECK], &view);
        let judged = fold(outcome.findings, &view);
        let alone: Vec<&str> = judged.iter().filter(|it| it.caused_by.is_empty()).map(|it| it.finding.check).collect();
        assert_eq!((judged.len(), alone), (3, vec!["CFG-14"]), "{judged:#?}");
        assert_eq!(judged[0].explains.len(), 2);
    }

    #[test]
    fn a_replica_set_that_is_refused_needs_the_quota_as_its_deployment_does() {
        let scenario = Scenario::captured("CFG-14");
        let set = ObjectRef::namespaced("ReplicaSet", "fault-cfg-14", &scenario.name_of("ReplicaSet", "web-"));
        let quota = ObjectRef::namespaced("ResourceQuota", "fault-cfg-14", "pods");
        let snapshot = scenario.snapshot();
        assert!(View::new(&snapshot).needs(&set).contains(&quota));
    }

    #[test]
    fn quotas_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("CFG-14").gap(Sight::Of(Kind::ResourceQuota), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("ResourceQuota was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
