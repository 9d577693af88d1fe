//! No controller takes an Ingress: it has no class, or one that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-13",
    title: "an Ingress has no class, or one that does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::IngressClass)],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("NET-13", &["ingress-class-missing"]),
};

const PAGE: &str = "\
An Ingress is served by the controller of its class. This one names a class that does not exist, or
none while no default took it, and no controller has written an address into its status: it most
likely does nothing at all.

Looked at: spec.ingressClassName, the annotation kubernetes.io/ingress.class and the status of
Ingresses; IngressClasses.

See also: kubectl sre explain ingress-class-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-13").later(2)
    }

    #[test]
    fn a_class_that_does_not_exist_and_none_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, &str)> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                ("admin", "Ingress admin names no class, and no class is the default"),
                ("shop", "Ingress shop names the class edge-v2, which does not exist"),
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(findings[1].evidence[1].value, "edge-v2");
        assert_eq!(findings[1].remedies[0].command, "kubectl get ingressclasses");
    }

    #[test]
    fn a_class_that_exists_or_the_old_annotation_is_enough() {
        let named = settled().set("Ingress", "shop", "/spec/ingressClassName", "fault-net-13");
        assert_eq!(named.judge(&CHECK).len(), 1, "the other one has none still");
        let old = settled().set(
            "Ingress",
            "admin",
            "/metadata/annotations",
            json!({ "kubernetes.io/ingress.class": "nginx" }),
        );
        assert_eq!(old.judge(&CHECK).len(), 1);
    }

    #[test]
    fn an_address_says_that_somebody_serves_it() {
        let served = settled().set("Ingress", "shop", "/status/loadBalancer/ingress", json!([{ "ip": "192.0.2.10" }]));
        let served =
            served.set("Ingress", "admin", "/status/loadBalancer/ingress", json!([{ "hostname": "a.example" }]));
        assert_eq!(served.judge(&CHECK), []);
    }

    #[test]
    fn a_new_ingress_is_given_time() {
        assert_eq!(Scenario::captured("NET-13").judge(&CHECK), []);
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::IngressClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
