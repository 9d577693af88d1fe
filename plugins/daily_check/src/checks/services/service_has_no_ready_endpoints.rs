//! A Service has no ready endpoints.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-01",
    title: "a Service has no ready endpoints",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::EndpointSlice)],
    consults: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::Event),
    ],
    page: PAGE,
    run: |view| view.recognised("NET-01", &["service-no-ready-endpoints"]),
};

const PAGE: &str = "\
A Service has pods, or a workload that should have some, and nobody behind it takes traffic. What is
wrong with the pods is reported too, and this stands under it as its consequence.

Looked at: EndpointSlices, the pods of the Service and whether they are ready, and how many pods
its workloads want.

Harmless: Services without a selector, of type ExternalName, with publishNotReadyAddresses, and
those whose workloads are scaled to zero; none of them is reported.

See also: kubectl sre explain service-no-ready-endpoints";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::cause::fold;
    use sre_core::finding::{Finding, Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_core::view::View;
    use sre_testkit::Scenario;

    /// The captured cluster when its pods have not become ready for some minutes.
    fn unserved() -> Scenario {
        Scenario::captured("NET-01").later(3)
    }

    #[test]
    fn a_restart_is_given_a_minute_and_hurts_after_two() {
        let severity = |minutes| {
            let findings = Scenario::captured("NET-01").later(minutes).judge(&CHECK);
            findings.first().map(|finding| finding.severity)
        };
        assert_eq!([severity(0), severity(1), severity(2)], [None, Some(Severity::Warning), Some(Severity::Critical)]);
        let scenario = Scenario::captured("NET-01");
        let pod = scenario.name_of("Pod", "web-");
        let stuck = scenario.set("Pod", &pod, "/status/containerStatuses/0/restartCount", 1);
        assert_eq!(stuck.judge(&CHECK)[0].severity, Severity::Critical, "one that restarts is stuck");
    }

    #[test]
    fn what_a_job_leaves_behind_serves_nobody() {
        let asleep = unserved().set("Deployment", "web", "/spec/replicas", 0).without("Pod", "web-");
        let slice = asleep.name_of("EndpointSlice", "web-");
        let asleep = asleep.set("EndpointSlice", &slice, "/endpoints", json!([]));
        let template = json!({ "metadata": { "labels": { "app": "web" } }, "spec": {} });
        let spec = json!({ "schedule": "@daily", "jobTemplate": { "spec": { "template": template } } });
        let metadata = json!({ "name": "cleanup", "namespace": "fault-net-01" });
        let cleanup = json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": spec });
        assert_eq!(asleep.with(cleanup).judge(&CHECK), []);
    }

    #[test]
    fn a_service_whose_pods_are_not_ready_is_a_symptom() {
        let findings = unserved().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-net-01/web");
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert!(finding.title.ends_with("none of the 2 pods of Deployment web is ready"), "{}", finding.title);
        assert_eq!(finding.evidence[0].value, "0 ready, 2 not");
        let probe = finding.evidence.iter().find(|fact| fact.object.kind == "Event").expect("what the kubelet said");
        assert_eq!(probe.value, "Readiness probe failed: HTTP probe failed with statuscode: 503");
        assert_eq!(finding.remedies[0].command, "kubectl get endpointslices,pods -n fault-net-01");
    }

    #[test]
    fn one_ready_endpoint_is_enough() {
        let scenario = unserved();
        let slice = scenario.name_of("EndpointSlice", "web-");
        let ready = scenario.set("EndpointSlice", &slice, "/endpoints/0/conditions/ready", true);
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn what_nobody_should_serve_or_somebody_else_keeps_is_not_meant() {
        let service =
            |pointer: &str, value: serde_json::Value| unserved().set("Service", "web", pointer, value).judge(&CHECK);
        assert_eq!(service("/spec/publishNotReadyAddresses", json!(true)), []);
        assert_eq!(service("/spec/selector", json!({})), []);
        assert_eq!(service("/spec/type", json!("ExternalName")), []);
        let slept = unserved().set("Deployment", "web", "/spec/replicas", 0);
        let slice = slept.name_of("EndpointSlice", "web-");
        let slept = slept.without("Pod", "web-").set("EndpointSlice", &slice, "/endpoints", json!([]));
        assert_eq!(slept.judge(&CHECK), []);
    }

    #[test]
    fn it_is_folded_under_what_is_wrong_with_its_pods() {
        let scenario = unserved();
        let snapshot = scenario.snapshot();
        let web = sre_core::object::ObjectRef::namespaced("Deployment", "fault-net-01", "web");
        let cause = scenario
            .names_of("Pod", "web-")
            .iter()
            .fold(Finding::new("POD-06", Severity::Critical, web, "the readiness probe fails"), |cause, pod| {
                cause.shows_on(sre_core::object::ObjectRef::namespaced("Pod", "fault-net-01", pod))
            });
        let judged = fold([scenario.judge(&CHECK), vec![cause]].concat(), &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[1].caused_by.len()), ("POD-06", 1));
    }

    #[test]
    fn it_stands_under_a_pod_that_cannot_be_placed_from_the_first_minute_on() {
        use crate::checks::pods::pod_cannot_be_placed as unplaced;
        let scenario = Scenario::captured("GAP-13").later(2);
        let snapshot = scenario.snapshot();
        let judged = fold([scenario.judge(&CHECK), scenario.judge(&unplaced::CHECK)].concat(), &View::new(&snapshot));
        let checks: Vec<&str> = judged.iter().map(|it| it.finding.check).collect();
        assert_eq!((checks, judged[0].explains.len()), (vec!["POD-19", "NET-01"], 1), "{judged:#?}");
    }

    #[test]
    fn endpoint_slices_that_could_not_be_listed_leave_it_undecided() {
        let scenario = unserved().gap(Sight::Of(Kind::EndpointSlice), GapReason::TimedOut);
        let findings = scenario.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("EndpointSlice was not seen whole"), "{}", findings[0].title);
    }
}
