//! An init container fails or hangs, and blocks its pod.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-08",
    title: "an init container fails or hangs and blocks its pod",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job), Sight::Of(Kind::Service)],
    page: PAGE,
    run: |view| view.recognised("POD-08", CLASSES),
};

const CLASSES: &[&str] = &["init-container-failed", "init-container-waiting"];

const PAGE: &str = "\
The containers of a pod are not started before every init container has ended well. One that ends with an
error is restarted again and again; one that never ends leaves the pod Pending without any error at all.

Looked at: the states of the init containers, how they ended last, how long they have been running, and
for waiting ones whether the host that their command names has a Service.

Harmless: sidecars (restartable init containers) never end and are not meant; a migration may take longer
than fifteen minutes, which is told as a warning.

See also:
  kubectl sre explain init-container-failed
  kubectl sre explain init-container-waiting";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn one_that_fails_is_found_at_once() {
        let findings = Scenario::captured("POD-08").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-08/web");
        assert_eq!(
            (web.severity, web.class, web.part.as_str()),
            (Severity::Critical, Some("init-container-failed"), "migrate")
        );
        assert_eq!(web.shows_on.len(), 2);
        assert_eq!(web.evidence[1].field, "status.initContainerStatuses[migrate].lastState.terminated");
        assert!(web.remedies[1].command.contains("-c migrate --tail=50 --previous"), "{:?}", web.remedies);
    }

    #[test]
    fn one_that_hangs_is_found_after_a_while() {
        let findings = Scenario::captured("POD-08").without("Pod", "web-").later(6).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].severity, findings[0].class), (Severity::Critical, Some("init-container-waiting")));
        assert!(findings[0].title.contains("waits for broker"), "{}", findings[0].title);
    }

    #[test]
    fn without_sight_of_the_services_no_host_is_called_missing() {
        let blind =
            Scenario::captured("POD-08").without("Pod", "web-").gap(Sight::Of(Kind::Service), GapReason::Forbidden);
        assert_eq!(blind.judge(&CHECK), []);
        let findings = Scenario::captured("POD-08").without("Pod", "web-").later(20);
        let findings = findings.gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].title.contains("runs on and on"), "{}", findings[0].title);
    }

    #[test]
    fn a_sidecar_that_runs_on_is_not_meant() {
        let scenario = Scenario::captured("POD-08").without("Pod", "web-").later(60);
        let pod = scenario.name_of("Pod", "queue-");
        let sidecar = scenario.set("Pod", &pod, "/spec/initContainers/0/restartPolicy", "Always");
        assert_eq!(sidecar.judge(&CHECK), []);
    }

    #[test]
    fn one_that_was_killed_for_memory_is_not_meant() {
        let scenario = Scenario::captured("POD-08");
        let killed = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/initContainerStatuses/0/lastState/terminated/reason", "OOMKilled")
        });
        assert_eq!(killed.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-08").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
