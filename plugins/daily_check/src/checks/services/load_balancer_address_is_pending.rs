//! A Service of type LoadBalancer has no address.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-09",
    title: "a Service of type LoadBalancer has no address",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.recognised("NET-09", &["loadbalancer-provisioning-failed"]),
};

const PAGE: &str = "\
A Service asks for a load balancer and has had no address for ten minutes or more, so that nobody
reaches it from outside. A cloud takes a few minutes at most; where no controller makes load
balancers (a bare cluster) the address never comes.

Looked at: spec.type and status.loadBalancer of Services, and the newest Warning event about them.
Those with spec.externalIPs are left out.

See also: kubectl sre explain loadbalancer-provisioning-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn waited() -> Scenario {
        Scenario::captured("NET-09").later(10)
    }

    #[test]
    fn an_address_that_does_not_come_is_told() {
        let findings = waited().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-net-09/shop");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "Service shop has no address: the cloud or load balancer controller has given none");
        assert_eq!((finding.evidence[1].value.as_str(), finding.since.is_some()), ("empty", true));
        assert_eq!(finding.remedies[0].command, "kubectl describe service shop -n fault-net-09");
    }

    #[test]
    fn a_cloud_is_given_time() {
        assert_eq!(Scenario::captured("NET-09").judge(&CHECK), []);
    }

    #[test]
    fn an_address_or_one_set_by_hand_is_enough() {
        let address = serde_json::json!([{ "ip": "192.0.2.10" }]);
        let given = waited().set("Service", "shop", "/status/loadBalancer/ingress", address);
        assert_eq!(given.judge(&CHECK), []);
        let by_hand = waited().set("Service", "shop", "/spec/externalIPs", serde_json::json!(["192.0.2.10"]));
        assert_eq!(by_hand.judge(&CHECK), []);
        assert_eq!(waited().set("Service", "shop", "/spec/type", "NodePort").judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = waited().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
