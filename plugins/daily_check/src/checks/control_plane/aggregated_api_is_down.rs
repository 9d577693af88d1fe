//! An aggregated API does not answer.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-05",
    title: "an aggregated API does not answer",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::APIService)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Service),
        Sight::Of(Kind::EndpointSlice),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
    ],
    page: PAGE,
    run: |view| view.recognised("CTL-05", &["apiservice-unavailable"]),
};

const PAGE: &str = "\
The API server hands a group of its API to another server, and that one does not answer. Whatever
uses the group stops: autoscaling (metrics.k8s.io, custom.metrics.k8s.io), kubectl top, the
products that bring their own API. Deletion of namespaces stops everywhere.

Looked at: the condition Available of each APIService, its Service, the endpoints behind it. It is
folded under what is wrong with the Service (GAP-13) or with the pods behind it.

Harmless: an APIService that an uninstalled product left behind hurts nobody but namespaces that
are being deleted; delete it all the same.

See also: kubectl sre explain apiservice-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const API: &str = "v1beta1.nodes-gone.example.com";

    #[test]
    fn the_api_is_named_and_why() {
        let findings = Scenario::captured("CTL-05").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), format!("APIService/{API}"));
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert_eq!(finding.class, Some("apiservice-unavailable"));
        let title = "API nodes-gone.example.com/v1beta1 does not answer: Service fault-ctl-05/gone does not exist";
        assert_eq!(finding.title, title);
        assert!(finding.evidence[0].value.starts_with("ServiceNotFound: "), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[0].command, format!("kubectl get apiservice {API} -o yaml"));
    }

    #[test]
    fn an_available_api_is_not_meant() {
        let available = Scenario::captured("CTL-05").set("APIService", API, "/status/conditions/0/status", "True");
        assert_eq!(available.judge(&CHECK), []);
    }

    #[test]
    fn without_the_services_the_servers_own_reason_stands() {
        let blind = Scenario::captured("CTL-05").gap(Sight::Of(Kind::Service), GapReason::Forbidden);
        let findings = blind.judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.ends_with("does not answer: ServiceNotFound"), "{}", findings[0].title);
    }

    #[test]
    fn apis_that_could_not_be_listed_leave_it_undecided() {
        let blind = Scenario::captured("CTL-05").gap(Sight::Of(Kind::APIService), GapReason::Forbidden);
        let findings = blind.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("APIService was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
