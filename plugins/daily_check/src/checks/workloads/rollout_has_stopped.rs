//! A rollout has made no progress within its deadline.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-02",
    title: "a rollout has made no progress within its deadline",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.recognised("WRK-02", &["rollout-not-progressing"]),
};

const PAGE: &str = "\
A Deployment's rollout has made no progress for longer than progressDeadlineSeconds. Kubernetes does
nothing about it: the old pods that are left go on serving, and the rollout goes on by itself when
its pods become ready.

It is a symptom: whatever is wrong with the new pods comes first and explains it.

Looked at: the Progressing condition (ProgressDeadlineExceeded). Not meant: rollouts that are
younger than their deadline, paused ones, Deployments scaled to zero.

See also: kubectl sre explain rollout-not-progressing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_rollout_past_its_deadline_is_found() {
        let findings = Scenario::captured("WRK-02").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-wrk-02/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.class, Some("rollout-not-progressing"));
        assert!(finding.title.starts_with("the rollout of revision 2 has stopped: "), "{}", finding.title);
        assert!(finding.evidence[0].value.starts_with("ProgressDeadlineExceeded: "));
        assert!(!finding.shows_on.is_empty());
        assert_eq!(finding.remedies[1].command, "kubectl sre rollback deployment/web -n fault-wrk-02 --dry-run");
    }

    #[test]
    fn a_rollout_that_still_moves_is_let_be() {
        let scenario = Scenario::captured("WRK-02");
        let moving = (0..2).fold(scenario, |scenario, index| {
            scenario.set("Deployment", "web", &format!("/status/conditions/{index}/reason"), "ReplicaSetUpdated")
        });
        assert_eq!(moving.judge(&CHECK), []);
    }

    #[test]
    fn a_paused_rollout_is_let_be() {
        assert_eq!(Scenario::captured("WRK-02").set("Deployment", "web", "/spec/paused", true).judge(&CHECK), []);
    }

    #[test]
    fn deployments_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("WRK-02").gap(Sight::Of(Kind::Deployment), GapReason::TimedOut).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (timed out)"), "{}", findings[0].title);
    }
}
