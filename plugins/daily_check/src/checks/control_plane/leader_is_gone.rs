//! A component of the control plane has stopped renewing its leadership.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;
use sre_core::{cause::leadership, finding::Severity};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-11",
    title: "a component of the control plane has stopped renewing its leadership",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::Lease)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut found = view.recognised("GAP-11", &["scheduler-unavailable", "controller-manager-unavailable"]);
    found.extend(others(view));
    found
}

/// Cloud controllers, autoscalers and operators of kube-system. A Lease that has been stale for a day is what an
/// uninstalled component left behind.
fn others<'a>(view: &'a View<'_>) -> impl Iterator<Item = Finding> + 'a {
    let stale = leadership::stale(view).filter(|stale| !leadership::is_core(&stale.lease.metadata.name));
    let recent = stale.filter(|stale| !view.is_older_than_minutes(Some(stale.renewal.at), 24 * 60));
    recent.map(|stale| stale.statement("GAP-11", view, Severity::Warning, "nothing that it does is done meanwhile"))
}

const PAGE: &str = "\
The scheduler, the controller manager and other components of kube-system elect a leader, which
renews a Lease every few seconds. When a Lease is older than four times its duration, and at least a
minute, nobody leads: with no scheduler new pods stay Pending, with no controller manager nothing is
rolled out, repaired, scaled or marked as lost. This works on managed clusters too, where the
components themselves are out of sight. In files that somebody sent, which may be minutes apart, a Lease is
compared with the newest one of its namespace.

Looked at: spec.renewTime and spec.leaseDurationSeconds of the Leases in kube-system, without those
by which API servers make themselves known.

Harmless: what an uninstalled component left behind; Leases other than those of the scheduler and
the controller manager are passed over when they have been stale for a day.

See also: kubectl sre explain scheduler-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_lease_of_the_scheduler_is_named() {
        let findings = Scenario::captured("GAP-11").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Lease/kube-system/kube-scheduler");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("scheduler-unavailable")));
        assert_eq!(finding.evidence[0].field, "spec.renewTime");
        assert_eq!(finding.evidence[0].value, "2026-01-15T06:00:00Z");
        assert_eq!(finding.remedies[0].command, "kubectl get lease kube-scheduler -n kube-system -o yaml");
    }

    fn renewed(seconds_ago: i64) -> Scenario {
        let scenario = Scenario::captured("GAP-11");
        let then = scenario.snapshot().taken_at - jiff::SignedDuration::from_secs(seconds_ago);
        scenario.set("Lease", "kube-scheduler", "/spec/renewTime", then.to_string())
    }

    #[test]
    fn a_leader_that_renews_is_not_meant() {
        assert_eq!(renewed(10).judge(&CHECK), []);
        assert_eq!(renewed(50).judge(&CHECK), []);
        assert_eq!(renewed(70).judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_dead_controller_manager_has_its_own_class() {
        let long_ago = "2026-01-15T06:00:00Z";
        let both = Scenario::captured("GAP-11").set("Lease", "kube-controller-manager", "/spec/renewTime", long_ago);
        let classes: Vec<_> = both.judge(&CHECK).iter().map(|finding| finding.class).collect();
        assert_eq!(classes, [Some("controller-manager-unavailable"), Some("scheduler-unavailable")]);
    }

    #[test]
    fn other_components_are_a_warning_for_a_day() {
        let name = "cluster-autoscaler";
        let other = renewed(600).set("Lease", "kube-scheduler", "/metadata/name", name);
        let findings = other.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity, findings[0].class), (1, Severity::Warning, None));
        let old = renewed(90_000).set("Lease", "kube-scheduler", "/metadata/name", name);
        assert_eq!(old.judge(&CHECK), []);
    }

    #[test]
    fn leases_that_were_written_before_the_other_files_are_compared_with_each_other() {
        let of_files = |seconds_ago| {
            let mut snapshot = renewed(seconds_ago).later(6).snapshot();
            snapshot.origin.clock = Some("the newest timestamp in it".to_owned());
            (CHECK.run)(&View::new(&snapshot))
        };
        assert_eq!(of_files(10), []);
        let findings = of_files(600);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].evidence[2].value.ends_with("is the newest in the namespace"), "{findings:#?}");
    }

    #[test]
    fn leases_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-11").gap(Sight::Of(Kind::Lease), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Lease was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
