//! One pod of an ordered StatefulSet is not ready and holds back the others.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-10",
    title: "one pod of a StatefulSet holds back the others",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.recognised("WRK-10", &["statefulset-ordinal-blocked"]),
};

const PAGE: &str = "\
An ordered StatefulSet makes and replaces its pods one at a time. A pod that does not become ready
stops it: later ordinals are not made, or earlier ones keep the old revision.

It is a symptom: whatever is wrong with that one pod comes first and explains it.

Looked at: the policy and revisions of the StatefulSet, and its pods. Not meant: the policy
Parallel, pods that started less than five minutes ago and show nothing wrong.

See also: kubectl sre explain statefulset-ordinal-blocked";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_pod_that_blocks_is_named() {
        let findings = Scenario::captured("WRK-10").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-10/store");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "store-1 is not ready and holds back 1 other pod; 1 of 3 ready");
        assert_eq!(finding.shows_on[0].to_string(), "Pod/fault-wrk-10/store-1");
        assert_eq!(finding.remedies[0].command, "kubectl describe pod store-1 -n fault-wrk-10");
    }

    #[test]
    fn pods_that_start_all_at_once_do_not_wait_for_each_other() {
        let parallel =
            Scenario::captured("WRK-10").set("StatefulSet", "store", "/spec/podManagementPolicy", "Parallel");
        assert_eq!(parallel.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_holds_back_nobody_is_let_be() {
        assert_eq!(Scenario::captured("WRK-10").set("StatefulSet", "store", "/spec/replicas", 2).judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_merely_starts_is_let_be() {
        let starting = Scenario::captured("WRK-10")
            .set("Pod", "store-1", "/status/containerStatuses/0/restartCount", 0)
            .set("Pod", "store-1", "/status/containerStatuses/0/state/waiting/reason", "ContainerCreating");
        assert_eq!(starting.judge(&CHECK), []);
        assert_eq!(starting.later(6).judge(&CHECK).len(), 1);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("WRK-10").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
