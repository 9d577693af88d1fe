//! An ingress controller has no ready pod.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-20",
    title: "an ingress controller has no ready pod",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::DaemonSet), Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet)],
    consults: &[Sight::Of(Kind::Ingress), Sight::Of(Kind::IngressClass)],
    page: PAGE,
    run: |view| view.recognised("NET-20", &["ingress-controller-unavailable"]),
};

const PAGE: &str = "\
Nobody serves the Ingresses of a controller: it has no pods, or none that is ready. All that comes
from outside through it fails. What is wrong with its pods is reported too, and this stands under it.

Looked at: workloads that run a known controller's image or carry the name that an IngressClass
gives to its controller, and their pods. It is a warning only while no Ingress was seen.

See also: kubectl sre explain ingress-controller-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured cluster with the condition Ready of one pod set.
    fn with_a_ready_pod(scenario: Scenario) -> Scenario {
        let pod = scenario.name_of("Pod", "edge-");
        let conditions = json!([{ "type": "Ready", "status": "True" }]);
        scenario.set("Pod", &pod, "/status/conditions", conditions)
    }

    /// The captured cluster when its pods have not become ready for some minutes.
    fn down() -> Scenario {
        Scenario::captured("NET-20").later(3)
    }

    #[test]
    fn a_restart_is_given_time() {
        assert_eq!(Scenario::captured("NET-20").judge(&CHECK), []);
    }

    #[test]
    fn a_controller_without_a_ready_pod_is_a_symptom_of_its_pods() {
        let findings = down().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-net-20/edge");
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert_eq!(finding.class, Some("ingress-controller-unavailable"));
        assert!(finding.title.ends_with("has 2 pods, none of them ready; 1 Ingress was seen"), "{}", finding.title);
        assert_eq!((finding.evidence[0].value.as_str(), finding.shows_on.len()), ("0 of 2", 2));
        assert_eq!(finding.remedies[0].command, "kubectl get pods -n fault-net-20 -o wide");
    }

    #[test]
    fn one_ready_pod_is_enough() {
        assert_eq!(with_a_ready_pod(down()).judge(&CHECK), []);
    }

    #[test]
    fn the_class_names_a_controller_whose_image_is_unknown() {
        let image = "/spec/template/spec/containers/0/image";
        let own = down().set("Deployment", "edge", image, "registry.example/edge:1");
        assert_eq!(own.judge(&CHECK).len(), 1);
        assert_eq!(own.without("IngressClass", "network-nginx").judge(&CHECK), []);
    }

    #[test]
    fn without_an_ingress_it_is_a_warning() {
        let findings = down().without("Ingress", "shop").judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = down().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
