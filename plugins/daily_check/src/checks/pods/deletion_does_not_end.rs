//! Pods were to be gone long ago, and their kubelet does not say that they have stopped.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-25",
    title: "pods stay Terminating past twice their grace period",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Node)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-25", &["terminating-stuck"]),
};

const PAGE: &str = "\
A pod that is deleted gets its grace period to stop. These have had it twice, and a minute at least,
and their kubelet does not report that they are gone: a process that cannot be killed, a volume that
cannot be unmounted, or a node that does not exist any more. Replacements of StatefulSets, and volumes
that one pod may use at a time, wait for them.

One finding stands for all pods of a node. Not meant: pods of a node that is not ready, which is told
of the node; pods that a finalizer holds (POD-26); namespaces that are being deleted (GAP-23).

Looked at: deletionTimestamp and grace period of the pods, and the nodes.

See also: kubectl sre explain terminating-stuck";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn late() -> Scenario {
        Scenario::captured("POD-25").later(2)
    }

    #[test]
    fn pods_are_told_by_their_node() {
        let findings = late().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.kind.as_str(), finding.severity), ("Node", Severity::Warning));
        let title = format!("1 pod does not go from node {}, though it is ready", finding.object.name);
        assert_eq!(finding.title, title);
        assert_eq!(finding.evidence[1].value, "1");
        assert_eq!(finding.shows_on[0].to_string(), "Pod/fault-pod-25/worker");
        assert_eq!(finding.remedies[1].command, "kubectl delete pod worker -n fault-pod-25 --force --dry-run=server");
    }

    #[test]
    fn a_node_that_is_gone_is_said_to_be() {
        let findings = late().without("Node", "").judge(&CHECK);
        assert!(findings[0].title.ends_with(", which does not exist any more"), "{}", findings[0].title);
    }

    #[test]
    fn a_long_grace_period_is_waited_for() {
        let patient = late().set("Pod", "worker", "/metadata/deletionGracePeriodSeconds", 600);
        assert_eq!(patient.judge(&CHECK), []);
        assert_eq!(late().unset("Pod", "worker", "/metadata/deletionTimestamp").judge(&CHECK), []);
    }

    #[test]
    fn what_a_finalizer_holds_is_told_by_another_check() {
        let held = late().set("Pod", "worker", "/metadata/finalizers", serde_json::json!(["example.com/a"]));
        assert_eq!(held.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-25").later(2);
        let findings = scenario.gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
