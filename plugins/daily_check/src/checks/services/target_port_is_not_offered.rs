//! A Service sends to a port that none of its pods has.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-04",
    title: "a Service sends to a port that none of its pods has",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::EndpointSlice), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mismatches = view.recognised("NET-04", &["service-port-mismatch"]);
    mismatches.into_iter().filter(|finding| finding.object.kind == "Service").collect()
}

const PAGE: &str = "\
A port of a Service leads to a target port that no pod behind it has. By name it is critical:
nothing is ever sent. By number it is a warning: the containers declare other ports, but may
listen without saying so.

Looked at: spec.ports[].targetPort of Services, the declared ports of the containers behind them,
sidecars among the init containers included.

Harmless: headless Services, and containers that declare no ports at all; they are not reported.

See also: kubectl sre explain service-port-mismatch";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const TARGET: &str = "/spec/ports/0/targetPort";

    #[test]
    fn a_name_that_no_container_gives_is_critical() {
        let findings = Scenario::captured("NET-04").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-net-04/web");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("service-port-mismatch")));
        assert_eq!(finding.part, "80");
        assert!(finding.title.ends_with("to http-api, which no container has: Deployment web offers http (8080/TCP)"));
        assert_eq!(finding.evidence[0].field, "spec.ports[80].targetPort");
        assert_eq!(finding.remedies[0].command, "kubectl get service web -n fault-net-04 -o yaml");
        let patch = r#"--type=strategic -p '{"spec":{"ports":[{"port":80,"targetPort":"http"}]}}' --dry-run=server"#;
        assert!(finding.remedies[2].command.ends_with(patch), "{}", finding.remedies[2].command);
    }

    #[test]
    fn a_port_that_is_there_is_not_meant() {
        for target in [json!("http"), json!(8080)] {
            assert_eq!(Scenario::captured("NET-04").set("Service", "web", TARGET, target).judge(&CHECK), []);
        }
    }

    #[test]
    fn a_number_that_nobody_declares_is_a_warning_only_beside_declared_ports() {
        let number = Scenario::captured("NET-04").set("Service", "web", TARGET, 9090);
        assert_eq!(number.judge(&CHECK)[0].severity, Severity::Warning);
        let silent = number
            .names_of("Pod", "web-")
            .iter()
            .fold(number, |scenario, pod| scenario.unset("Pod", pod, "/spec/containers/0/ports"));
        assert_eq!(silent.judge(&CHECK), []);
    }

    #[test]
    fn a_headless_service_translates_no_ports() {
        let headless = Scenario::captured("NET-04").set("Service", "web", "/spec/clusterIP", "None");
        assert_eq!(headless.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-04").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
