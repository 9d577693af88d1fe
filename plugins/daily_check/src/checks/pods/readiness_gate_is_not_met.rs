//! All containers of a pod are ready, and a readiness gate keeps it from counting as ready.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-18",
    title: "a readiness gate of a pod is not met",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-18", &["readiness-gate-not-met"]),
};

const PAGE: &str = "\
A pod may name conditions that must hold before it counts as ready (spec.readinessGates): a load
balancer's controller sets them once it sends traffic to the pod. All containers are ready, and for
five minutes, or ten when the pod was never ready, such a condition has not been True, so that no
Service sends to the pod.

It is critical when no pod of the workload is ready.

Looked at: the condition Ready of the pods (ReadinessGatesNotReady), and the conditions that the gates
name. Not meant: pods with another trouble, pods of a node that is not ready.

See also: kubectl sre explain readiness-gate-not-met";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const GATE: &str = "target-health.example.com/shop";

    #[test]
    fn the_gate_is_named_with_all_pods() {
        let findings = Scenario::captured("POD-18").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-pod-18/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, GATE));
        let title = format!("readiness gate {GATE} is not met: 2 pods are not ready though all containers are");
        assert_eq!(finding.title, title);
        assert_eq!(finding.evidence[0].value, "False no healthy target");
        assert_eq!((finding.shows_on.len(), finding.since.is_some()), (2, true));
    }

    #[test]
    fn one_pod_that_serves_makes_it_a_warning() {
        let served = Scenario::captured("POD-18").set("Pod", "web-0", "/status/conditions/1/status", "True");
        let findings = served.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning));
        assert_eq!(findings[0].shows_on.len(), 1);
    }

    #[test]
    fn a_pod_with_a_container_that_is_not_ready_is_not_meant() {
        let reason = "/status/conditions/1/reason";
        let other = Scenario::captured("POD-18").set("Pod", "web-0", reason, "ContainersNotReady").set(
            "Pod",
            "web-1",
            reason,
            "ContainersNotReady",
        );
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-18");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
