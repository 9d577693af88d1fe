//! The work of a Job's pod is done, and a sidecar keeps the pod running.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-46",
    title: "a sidecar keeps the pod of a finished Job running",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Job), Sight::Of(Kind::Node)],
    page: PAGE,
    run: |view| view.recognised("GAP-46", &["sidecar-keeps-job-running"]),
};

const PAGE: &str = "\
A Job's pod is done when all its containers have ended. The one that does the work ended well half an
hour ago; another that serves it, a proxy or an agent, does not know and runs on. The Job stays active,
the next run of a CronJob with the policy Forbid is not started, and the pod holds its resources.

Looked at: the container states of the pods of Jobs. A container counts as one that serves others when
it has a port, a probe, or a name or image that says so (proxy, agent, ...); where another one still
runs, nothing is said.

See also: kubectl sre explain sidecar-keeps-job-running";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn pod(scenario: &Scenario) -> String {
        scenario.name_of("Pod", "report-")
    }

    #[test]
    fn the_container_that_runs_on_is_named() {
        let findings = Scenario::captured("GAP-46").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Job/fault-gap-46/report");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "proxy"));
        assert_eq!(finding.title, "the work of 1 pod is done, and container proxy keeps running");
    }

    #[test]
    fn work_that_still_runs_is_not_meant() {
        let scenario = Scenario::captured("GAP-46");
        let name = pod(&scenario);
        let state = serde_json::json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}});
        assert_eq!(scenario.set("Pod", &name, "/status/containerStatuses/0/state", state).judge(&CHECK), []);
    }

    #[test]
    fn a_container_that_may_be_the_work_is_not_meant() {
        let scenario = Scenario::captured("GAP-46");
        let name = pod(&scenario);
        let second = scenario
            .set("Pod", &name, "/spec/containers/1/name", "second")
            .set("Pod", &name, "/spec/containers/1/image", "registry.example/shop/second:1.0.0")
            .set("Pod", &name, "/status/containerStatuses/1/name", "second");
        assert_eq!(second.judge(&CHECK), []);
    }

    #[test]
    fn work_that_failed_is_told_elsewhere() {
        let scenario = Scenario::captured("GAP-46");
        let name = pod(&scenario);
        let code = "/status/containerStatuses/0/state/terminated/exitCode";
        assert_eq!(scenario.set("Pod", &name, code, 1).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-46");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
