//! Network policies let pods send something, and cut them off from the cluster's DNS.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-65",
    title: "network policies cut pods off from the cluster's DNS",
    section: Section::Services,
    examines: &[Sight::Of(Kind::NetworkPolicy)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::Namespace), Sight::Of(Kind::CustomResourceDefinition), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run: |view| view.recognised("GAP-65", &["network-policy-blocks-dns"]),
};

const PAGE: &str = "\
The network policies of some pods name what they may send to, and the cluster's DNS is not among it:
names do not resolve, whatever else is allowed. It is a warning; info when the pods may send nothing
at all, which is mostly meant so, and where the network plugin has policies of its own, which are
not read and may allow it.

Looked at: egress rules of all policies that select a pod. A rule counts as letting DNS through when
its ports may hold 53 (or 1053, 5353, 8053) and its peers may hold kube-system; addresses (ipBlock) always may. Left out:
pods of the host's network and pods with another dnsPolicy than ClusterFirst.

See also: kubectl sre explain network-policy-blocks-dns";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-65").later(2)
    }

    fn said(scenario: &Scenario) -> Vec<(String, Severity)> {
        scenario.judge(&CHECK).into_iter().map(|finding| (finding.object.name, finding.severity)).collect()
    }

    #[test]
    fn what_may_send_to_a_database_and_not_to_the_dns_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        let web = &findings[1];
        assert_eq!(web.object.to_string(), "NetworkPolicy/fault-gap-65/web");
        assert_eq!((web.severity, web.shows_on.len()), (Severity::Warning, 2));
        let title = "2 pods of Deployment/web cannot ask the cluster's DNS: NetworkPolicy web allows no port 53";
        assert_eq!(web.title, title);
        assert_eq!(web.evidence[0].value, "1 rule, none for the DNS");
        assert_eq!(web.remedies[0].command, "kubectl describe networkpolicy web -n fault-gap-65");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), ("sealed", Severity::Info));
    }

    #[test]
    fn port_53_or_an_open_rule_is_enough() {
        let sealed = || ("sealed".to_owned(), Severity::Info);
        let port =
            settled().set("NetworkPolicy", "web", "/spec/egress/0/ports", json!([{ "port": 53, "protocol": "UDP" }]));
        let to_all =
            port.clone().set("NetworkPolicy", "web", "/spec/egress/0/to", json!([{ "namespaceSelector": {} }]));
        assert_eq!(said(&to_all), [sealed()]);
        assert_eq!(said(&port).len(), 2, "port 53 of the own namespace is not the cluster's DNS");
        let other =
            settled().set("NetworkPolicy", "web", "/spec/egress/0/ports", json!([{ "port": 5353, "protocol": "UDP" }]));
        let other = other.set("NetworkPolicy", "web", "/spec/egress/0/to", json!([]));
        assert_eq!(said(&other), [sealed()], "its pods may listen elsewhere");
        let addresses = settled().set(
            "NetworkPolicy",
            "web",
            "/spec/egress/0",
            json!({ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }),
        );
        assert_eq!(said(&addresses), [sealed()]);
    }

    #[test]
    fn policies_of_a_network_plugin_may_allow_it() {
        let plugin = settled().with(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "ciliumnetworkpolicies.cilium.io"}
        }));
        assert!(said(&plugin).iter().all(|(_, severity)| *severity == Severity::Info));
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
