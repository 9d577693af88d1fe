//! An Ingress sends to a Service that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-14",
    title: "an Ingress sends to a Service that does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let missing = view.recognised("NET-14", &["service-missing"]);
    missing.into_iter().filter(|finding| finding.object.kind == "Ingress").collect()
}

const PAGE: &str = "\
A backend of an Ingress names a Service that its namespace does not have. Requests to those paths
are answered with an error by the ingress controller, whatever the pods do.

Looked at: spec.rules and spec.defaultBackend of Ingresses, Services of the same namespace.

Harmless: backends that are actions of the AWS load balancer controller (port use-annotation), and
Ingresses that are being deleted; they are not reported.

See also: kubectl sre explain service-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const BACKEND: &str = "/spec/rules/0/http/paths/1/backend/service";

    #[test]
    fn the_path_that_leads_nowhere_is_named() {
        let findings = Scenario::captured("NET-14").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Ingress/fault-net-14/shop");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("service-missing")));
        assert_eq!(finding.part, "api-v2");
        assert!(finding.title.ends_with("sends shop.example.com/api to Service api-v2, which does not exist"));
        assert_eq!(finding.evidence[0].value, "api-v2");
        assert_eq!(finding.remedies[1].command, "kubectl get services -n fault-net-14");
    }

    #[test]
    fn the_default_backend_is_named_as_such() {
        let backend = serde_json::json!({"service": {"name": "gone", "port": {"number": 80}}});
        let there = Scenario::captured("NET-14").later(2).set("Ingress", "shop", &format!("{BACKEND}/name"), "web");
        let findings = there.set("Ingress", "shop", "/spec/defaultBackend", backend).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].title.contains(" sends what no rule matches to Service gone, "), "{}", findings[0].title);
        assert_eq!(findings[0].evidence[0].field, "spec.defaultBackend.service.name");
    }

    #[test]
    fn a_service_that_exists_is_not_meant() {
        let there = Scenario::captured("NET-14").later(2).set("Ingress", "shop", &format!("{BACKEND}/name"), "web");
        assert_eq!(there.judge(&CHECK), []);
    }

    #[test]
    fn an_action_of_a_load_balancer_is_no_service() {
        let port = serde_json::json!({ "name": "use-annotation" });
        let action = Scenario::captured("NET-14").later(2).set("Ingress", "shop", &format!("{BACKEND}/port"), port);
        assert_eq!(action.judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("NET-14").later(2).gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
