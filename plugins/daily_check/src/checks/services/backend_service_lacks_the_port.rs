//! An Ingress sends to a port that its Service does not have.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-15",
    title: "an Ingress sends to a port that its Service does not have",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mismatches = view.recognised("NET-15", &["service-port-mismatch"]);
    mismatches.into_iter().filter(|finding| finding.object.kind == "Ingress").collect()
}

const PAGE: &str = "\
A backend of an Ingress names a port, by name or number, that is not among the ports of its Service.
Those paths are answered with an error by the ingress controller.

Looked at: backend.service.port of Ingresses, spec.ports of the Services. The number is the port of
the Service, not that of the pods: the two are easily confused.

Harmless: backends that are actions of the AWS load balancer controller (port use-annotation); they
are not reported.

See also: kubectl sre explain service-port-mismatch";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const PORT: &str = "/spec/rules/0/http/paths/1/backend/service/port";

    #[test]
    fn the_port_and_what_the_service_has_are_named() {
        let findings = Scenario::captured("NET-15").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Ingress/fault-net-15/shop");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("service-port-mismatch")));
        assert_eq!(finding.part, "web:metrics");
        assert!(
            finding.title.ends_with("sends to port metrics of Service web, which has only 80"),
            "{}",
            finding.title
        );
        assert_eq!(finding.remedies[0].command, "kubectl describe ingress shop -n fault-net-15");
        let patch = format!(r#"-p '[{{"op":"replace","path":"{PORT}","value":{{"number":80}}}}]' --dry-run=server"#);
        assert!(finding.remedies[2].command.ends_with(&patch), "{}", finding.remedies[2].command);
    }

    #[test]
    fn a_port_that_is_there_is_not_meant() {
        let there = Scenario::captured("NET-15").set("Ingress", "shop", PORT, json!({ "number": 80 }));
        assert_eq!(there.judge(&CHECK), []);
        let action = Scenario::captured("NET-15").set("Ingress", "shop", PORT, json!({ "name": "use-annotation" }));
        assert_eq!(action.judge(&CHECK), []);
    }

    #[test]
    fn the_port_of_the_pods_is_not_that_of_the_service() {
        let confused = Scenario::captured("NET-15").set("Ingress", "shop", PORT, json!({ "number": 8080 }));
        assert_eq!(confused.judge(&CHECK)[0].part, "web:8080");
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-15").gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
