//! A sidecar has not finished starting, and the containers behind it wait.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-09",
    title: "a sidecar does not finish starting and holds back its pod",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-09", &["sidecar-start-blocked"]),
};

const PAGE: &str = "\
A sidecar is an init container with restartPolicy Always. What comes after it starts only when it is
started: when its startup probe has succeeded. This one has been running for five minutes and is not
started, so that the pod has not begun its work.

It is critical when no pod of the workload is ready.

Looked at: the states of the init containers of pods that are Pending. Not meant: sidecars that crash
or are killed by their probe, which POD-01 and POD-16 tell, and pods of a node that is not ready.

See also: kubectl sre explain sidecar-start-blocked";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_sidecar_is_named() {
        let findings = Scenario::captured("POD-09").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-pod-09/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "proxy"));
        assert_eq!(finding.title, "sidecar proxy does not finish starting; the containers of 1 pod wait for it");
        assert_eq!(finding.remedies[1].command, "kubectl logs web-0 -n fault-pod-09 -c proxy --tail=50");
    }

    #[test]
    fn a_sidecar_that_is_started_is_not_meant() {
        let started = Scenario::captured("POD-09").set("Pod", "web-0", "/status/initContainerStatuses/0/started", true);
        assert_eq!(started.judge(&CHECK), []);
    }

    #[test]
    fn an_ordinary_init_container_is_not_meant() {
        let ordinary = Scenario::captured("POD-09")
            .unset("Pod", "web-0", "/spec/initContainers/0/restartPolicy")
            .unset("Pod", "web-0", "/spec/initContainers/0/startupProbe");
        assert_eq!(ordinary.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-09");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
