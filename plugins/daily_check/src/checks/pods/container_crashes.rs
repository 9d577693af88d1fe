//! A container is restarted again and again.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-01",
    title: "a container is restarted again and again",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-01", CLASSES),
};

const CLASSES: &[&str] = &["container-exit-error", "container-exit-zero", "crash-unexplained"];

const PAGE: &str = "\
A container ends again and again, and the kubelet waits longer and longer before it starts it anew. Users
are hurt while no other pod serves in its place.

A crash loop is known by the restart count, the last state and the BackOff event together: the waiting
reason CrashLoopBackOff is shown for a part of the time only. What stopped the container is told apart: an
end with an error, an end without one, or nothing known. Ends for which somebody else is to blame (memory,
a probe, a hook, an unusable command) are findings of other checks.

Harmless: pods of a Job when a later try has succeeded; containers that ran for long before they ended
once; pods that are being deleted.

See also:
  kubectl sre explain container-exit-error
  kubectl sre explain container-exit-zero
  kubectl sre explain crash-unexplained";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn of<'a>(findings: &'a [sre_core::finding::Finding], name: &str) -> &'a sre_core::finding::Finding {
        findings.iter().find(|finding| finding.object.name == name).unwrap_or_else(|| panic!("{name}: {findings:#?}"))
    }

    #[test]
    fn an_end_with_an_error_without_one_and_unknown_are_told_apart() {
        let findings = Scenario::captured("POD-01").judge(&CHECK);
        assert_eq!(findings.len(), 3, "{findings:#?}");
        let web = of(&findings, "web");
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-01/web");
        assert_eq!(
            (web.severity, web.class, web.part.as_str()),
            (Severity::Critical, Some("container-exit-error"), "app")
        );
        assert_eq!(web.shows_on.len(), 2);
        assert!(web.evidence[0].value.contains("exit code 1 (an error of its own)"), "{:?}", web.evidence);
        assert!(web.remedies[0].command.starts_with("kubectl describe pod web-"));
        assert_eq!(of(&findings, "tool").class, Some("container-exit-zero"));
        let silent = of(&findings, "silent");
        assert_eq!((silent.class, silent.object.kind.as_str()), (Some("crash-unexplained"), "Pod"));
    }

    /// The pods of a Deployment with one field of their first container's status set.
    fn web_with(scenario: Scenario, field: &str, value: serde_json::Value) -> Scenario {
        scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, &format!("/status/containerStatuses/0/{field}"), value.clone())
        })
    }

    fn names(findings: &[sre_core::finding::Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.object.name.as_str()).collect()
    }

    #[test]
    fn a_container_that_was_killed_by_nobody_knows_whom_is_no_error_of_its_own() {
        let scenario = web_with(Scenario::captured("POD-01"), "state/terminated/exitCode", 137.into());
        let findings = scenario.judge(&CHECK);
        let web = of(&findings, "web");
        assert_eq!(web.title, "container app of 2 pods was killed (exit code 137), and nothing says by whom");
    }

    #[test]
    fn a_container_that_was_killed_for_memory_is_not_meant() {
        let killed = web_with(Scenario::captured("POD-01"), "state/terminated/reason", "OOMKilled".into());
        assert_eq!(names(&killed.judge(&CHECK)), ["tool", "silent"]);
    }

    #[test]
    fn a_container_that_ended_long_ago_and_runs_is_not_meant() {
        let running = serde_json::json!({"running": {"startedAt": "2020-01-01T00:00:00Z"}});
        let calm = web_with(Scenario::captured("POD-01"), "state", running).without("Event", "web-").later(120);
        assert_eq!(names(&calm.judge(&CHECK)), ["tool", "silent"]);
    }

    #[test]
    fn a_first_end_is_no_loop() {
        let once = web_with(Scenario::captured("POD-01"), "restartCount", 0.into());
        assert!(names(&once.judge(&CHECK)).contains(&"web"), "the kubelet says that it waits");
        assert_eq!(names(&once.without("Event", "web-").judge(&CHECK)), ["tool", "silent"]);
    }

    #[test]
    fn while_another_pod_serves_it_is_a_warning() {
        let scenario = Scenario::captured("POD-01");
        let pod = scenario.name_of("Pod", "web-");
        let ready = serde_json::json!([{ "type": "Ready", "status": "True" }]);
        let running = serde_json::json!([{ "name": "app", "ready": true, "state": { "running": {} } }]);
        let served = scenario.set("Pod", &pod, "/status/conditions", ready);
        let served = served.set("Pod", &pod, "/status/containerStatuses", running);
        assert_eq!(of(&served.judge(&CHECK), "web").severity, Severity::Warning);
    }

    #[test]
    fn a_pod_that_is_not_started_again_is_a_warning_for_a_day() {
        let over = web_with(
            Scenario::captured("POD-01"),
            "state",
            serde_json::json!({ "terminated": {
            "exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:00Z" } }),
        );
        let pods = over.names_of("Pod", "web-");
        let over = pods.iter().fold(over, |it, pod| it.set("Pod", pod, "/spec/restartPolicy", "Never"));
        let findings = over.judge(&CHECK);
        let web = of(&findings, "web");
        assert_eq!(web.severity, Severity::Warning);
        assert!(web.title.contains("failed, and is not started again: exit code 1"), "{}", web.title);
        let alone = pods.iter().fold(over, |it, pod| it.unset("Pod", pod, "/metadata/ownerReferences"));
        assert_eq!(names(&alone.judge(&CHECK)), ["tool", "silent"]);
    }

    #[test]
    fn a_pod_that_is_being_deleted_is_not_meant() {
        let pod = "silent";
        let going = Scenario::captured("POD-01").set("Pod", pod, "/metadata/deletionTimestamp", "2026-01-01T00:00:00Z");
        assert!(!names(&going.judge(&CHECK)).contains(&pod));
    }

    #[test]
    fn without_events_the_states_are_enough() {
        let blind = Scenario::captured("POD-01").gap(Sight::Of(Kind::Event), GapReason::Forbidden);
        assert_eq!(names(&blind.judge(&CHECK)), ["tool", "web", "silent"]);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-01").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
