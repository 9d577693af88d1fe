//! A container runs, and its readiness probe fails.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-15",
    title: "a container's readiness probe fails",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-15", &["readiness-probe-failed"]),
};

const PAGE: &str = "\
A container runs, and for five minutes, or ten when it was never ready, its readiness probe has failed:
no Service sends to the pod. The process may still load, may lack something that it depends on (a database, a
name), or is asked at the wrong port or path.

It is critical when no pod of the workload is ready. What follows from it, missing
pods and Services without endpoints, is told below it.

Looked at: the conditions and container states of the pods, and the kubelet's events (Unhealthy) of the
last fifteen minutes. Not meant: pods of a node that is not ready, and containers with another trouble,
which explains the probe.

See also: kubectl sre explain readiness-probe-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_core::view::View;
    use sre_testkit::Scenario;

    #[test]
    fn the_container_is_named_with_the_answer_to_the_probe() {
        let findings = Scenario::captured("POD-15").later(11).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-15/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "app"));
        assert_eq!(finding.title, "container app of 2 pods runs, and its readiness probe fails");
        assert_eq!(finding.evidence[0].value, "Readiness probe failed: HTTP probe failed with statuscode: 503");
        assert_eq!(finding.evidence[1].value, "GET /ready on port 8080, every 5 s, 3 failures are too many");
        assert_eq!(finding.shows_on.len(), 2);
    }

    #[test]
    fn missing_pods_are_told_below_it() {
        let snapshot = Scenario::captured("POD-15").later(11).snapshot();
        let view = View::new(&snapshot);
        let missing = crate::checks::workloads::available_pods_are_missing::CHECK;
        let judged = sre_core::cause::fold([(CHECK.run)(&view), (missing.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "POD-15"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_pod_that_may_still_be_starting_is_not_meant() {
        assert_eq!(Scenario::captured("POD-15").later(6).judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_was_ready_is_missed_sooner() {
        let scenario = Scenario::captured("POD-15").later(6);
        let started = "/status/containerStatuses/0/state/running/startedAt";
        let lost = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, started, "2026-01-01T00:00:00Z"));
        assert_eq!(lost.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_container_that_is_ready_is_not_meant() {
        let scenario = Scenario::captured("POD-15").later(11);
        let ready = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/containerStatuses/0/ready", true));
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-15").later(11);
        let findings = scenario.gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
