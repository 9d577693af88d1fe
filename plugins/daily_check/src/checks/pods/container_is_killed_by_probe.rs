//! The kubelet kills a container because its liveness or startup probe fails.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-16",
    title: "a container is killed because its probe fails",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-16", CLASSES),
};

const CLASSES: &[&str] = &["liveness-probe-kill", "startup-probe-failed"];

const PAGE: &str = "\
The kubelet asks a container's probe, does not get the answer it wants often enough, kills the container
and starts it again. The process did not end by itself: it may be slow, busy, or asked in the wrong place.

Looked at: the Killing and Unhealthy events, and the last end of the container. An Unhealthy event alone
counts only when the container was stopped by a signal (137, 143), because a process that dies by itself
fails its probes as well.

Harmless: a single kill of a container that is ready again.

See also:
  kubectl sre explain liveness-probe-kill
  kubectl sre explain startup-probe-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_probe_is_blamed_with_what_it_saw() {
        let findings = Scenario::captured("POD-16").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-16/web");
        assert_eq!(
            (web.severity, web.class, web.part.as_str()),
            (Severity::Critical, Some("liveness-probe-kill"), "app")
        );
        assert!(web.evidence.iter().any(|fact| fact.value.contains("Liveness probe failed")), "{:?}", web.evidence);
        assert!(web.evidence.iter().any(|fact| fact.value.contains("every 5 s")), "{:?}", web.evidence);
        assert!(web.remedies[1].command.contains("--previous"), "{:?}", web.remedies);
    }

    #[test]
    fn a_container_that_is_ready_again_is_not_meant() {
        let scenario = Scenario::captured("POD-16");
        let pod = scenario.name_of("Pod", "web-");
        let ready = scenario.set("Pod", &pod, "/status/containerStatuses/0/ready", true).later(30);
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn an_end_for_want_of_memory_is_not_the_probes_doing() {
        let scenario = Scenario::captured("POD-16");
        let pod = scenario.name_of("Pod", "web-");
        let field = "/status/containerStatuses/0/lastState/terminated/reason";
        assert_eq!(scenario.set("Pod", &pod, field, "OOMKilled").judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-16").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
