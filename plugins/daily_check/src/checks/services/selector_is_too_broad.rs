//! A Service also sends to pods of another workload.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-60",
    title: "a Service also sends to pods of another workload",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::EndpointSlice), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("GAP-60", &["service-selector-too-broad"]),
};

const PAGE: &str = "\
The pods behind a Service belong to two workloads that are not the same application: they run
different images, and a label that says what they are (app, app.kubernetes.io/name, component ...)
differs. A share of the requests goes to a program that cannot answer them.

Looked at: the pods behind Services, their owners, images and labels.

Harmless: canaries, colours, versions and shards of one application; headless Services; pods that
lack the named target port. They are not reported.

See also: kubectl sre explain service-selector-too-broad";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_workload_that_strays_in_is_named_and_a_canary_is_not() {
        let findings = Scenario::captured("GAP-60").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-gap-60/shop");
        assert_eq!((finding.severity, finding.class), (Severity::Warning, Some("service-selector-too-broad")));
        assert_eq!(finding.part, "worker");
        assert!(finding.title.ends_with("by app.kubernetes.io/part-of=shop: Deployment web and Deployment worker"));
        assert_eq!(finding.evidence[2].value, "registry.example/shop/worker");
        let command = "kubectl get pods -n fault-gap-60 -l app.kubernetes.io/part-of=shop --show-labels";
        assert_eq!(finding.remedies[1].command, command);
    }

    #[test]
    fn two_workloads_of_one_image_are_one_application() {
        let scenario = Scenario::captured("GAP-60");
        let same = scenario.names_of("Pod", "worker-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/spec/containers/0/image", "registry.example/shop/web:2.0.0")
        });
        assert_eq!(same.judge(&CHECK), []);
    }

    #[test]
    fn headless_services_and_named_ports_that_only_one_has_are_not_meant() {
        let headless = Scenario::captured("GAP-60").set("Service", "shop", "/spec/clusterIP", "None");
        assert_eq!(headless.judge(&CHECK), []);
        let named = Scenario::captured("GAP-60").set("Service", "shop", "/spec/ports/0/targetPort", "http");
        let named = named.names_of("Pod", "web-").iter().fold(named, |scenario, pod| {
            let ports = serde_json::json!([{ "name": "http", "containerPort": 8080 }]);
            scenario.set("Pod", pod, "/spec/containers/0/ports", ports)
        });
        assert_eq!(named.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-60").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
