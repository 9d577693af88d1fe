//! Nobody answers at the cluster's DNS.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-33",
    title: "nobody answers at the cluster's DNS",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::EndpointSlice)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Deployment)],
    page: PAGE,
    run: |view| view.recognised("NET-33", &["coredns-unavailable"]),
};

const PAGE: &str = "\
The DNS of the cluster (CoreDNS, or whatever stands behind the Service kube-dns in kube-system) has
no ready endpoint. Names do not resolve, and most applications fail in their own words.

Looked at: Services kube-dns and coredns of kube-system, their EndpointSlices, pods and workloads.

Harmless: nothing; clusters whose DNS runs elsewhere have no such Service, and are not judged.

See also: kubectl sre explain coredns-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured cluster when its pods have not become ready for some minutes.
    fn down() -> Scenario {
        Scenario::captured("NET-33").later(3)
    }

    #[test]
    fn a_restart_is_given_time() {
        assert_eq!(Scenario::captured("NET-33").judge(&CHECK), []);
    }

    #[test]
    fn pods_that_are_not_ready_make_it_a_symptom() {
        let findings = down().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/kube-system/coredns");
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert_eq!(finding.class, Some("coredns-unavailable"));
        assert_eq!(finding.title, "cluster DNS does not answer: Deployment coredns has 2 pods, none of them ready");
        assert_eq!(finding.evidence[1].value, "0 ready, 2 not");
        assert_eq!(finding.remedies[0].command, "kubectl get pods,endpointslices -n kube-system");
    }

    #[test]
    fn one_ready_endpoint_is_enough() {
        let scenario = down();
        let slice = scenario.name_of("EndpointSlice", "kube-dns-");
        let ready = scenario.set("EndpointSlice", &slice, "/endpoints/0/conditions/ready", true);
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn scaled_to_zero_is_the_cause_itself() {
        let scenario = down().set("Deployment", "coredns", "/spec/replicas", 0);
        let slice = scenario.name_of("EndpointSlice", "kube-dns-");
        let asleep = scenario.without("Pod", "coredns-").set("EndpointSlice", &slice, "/endpoints", json!([]));
        let finding = &asleep.judge(&CHECK)[0];
        assert_eq!(
            (finding.role, finding.title.ends_with("Deployment coredns is scaled to zero")),
            (Role::Cause, true)
        );
    }

    #[test]
    fn endpoint_slices_that_could_not_be_listed_leave_it_undecided() {
        let scenario = down().gap(Sight::Of(Kind::EndpointSlice), GapReason::TimedOut);
        let findings = scenario.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("EndpointSlice was not seen whole"), "{}", findings[0].title);
    }
}
