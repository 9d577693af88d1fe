//! A Service with a Local traffic policy has no endpoint on some nodes.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-62",
    title: "a Service that keeps traffic on its node has no endpoint on some nodes",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::EndpointSlice), Sight::Of(Kind::Node)],
    consults: &[Sight::Of(Kind::DaemonSet)],
    page: PAGE,
    run: |view| view.recognised("GAP-62", &["service-local-traffic-policy"]),
};

const PAGE: &str = "\
A Service has internalTrafficPolicy Local, or is a NodePort with externalTrafficPolicy Local, and
nodes that run ordinary pods have no ready endpoint of it: connections that enter there are dropped,
so that it seems to fail by chance.

Looked at: the two policies, the nodes of the ready endpoints, nodes that are ready, not cordoned
and not tainted; behind a DaemonSet the nodes that its template admits.

Harmless: when all clients are on the nodes that have an endpoint. For a load balancer with
externalTrafficPolicy Local nothing is reported: it leaves out the nodes without endpoints.

See also: kubectl sre explain service-local-traffic-policy";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_nodes_without_an_endpoint_are_counted() {
        let findings = Scenario::captured("GAP-62").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-gap-62/agent");
        assert_eq!((finding.severity, finding.class), (Severity::Warning, Some("service-local-traffic-policy")));
        assert!(
            finding.title.contains("internalTrafficPolicy Local and no endpoint on 2 of 3 nodes"),
            "{}",
            finding.title
        );
        assert_eq!(finding.evidence[0].field, "spec.internalTrafficPolicy");
        assert_eq!(finding.remedies[0].command, "kubectl get pods -n fault-gap-62 -o wide");
    }

    #[test]
    fn a_service_that_sends_everywhere_is_not_meant() {
        let cluster = Scenario::captured("GAP-62").set("Service", "agent", "/spec/internalTrafficPolicy", "Cluster");
        assert_eq!(cluster.judge(&CHECK), []);
        let node_port = cluster.set("Service", "agent", "/spec/type", "NodePort");
        let node_port = node_port.set("Service", "agent", "/spec/externalTrafficPolicy", "Local");
        assert_eq!(node_port.judge(&CHECK)[0].part, "externalTrafficPolicy");
        assert_eq!(node_port.set("Service", "agent", "/spec/type", "LoadBalancer").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_are_kept_for_something_do_not_count() {
        let scenario = Scenario::captured("GAP-62");
        let slice = scenario.name_of("EndpointSlice", "agent-");
        let home = scenario.field("EndpointSlice", &slice, "/endpoints/0/nodeName").clone();
        let others = scenario.names_of("Node", "").into_iter().filter(|node| home != node.as_str());
        let kept = others
            .collect::<Vec<_>>()
            .iter()
            .fold(scenario, |scenario, node| scenario.set("Node", node, "/spec/unschedulable", true));
        assert_eq!(kept.judge(&CHECK), []);
    }

    #[test]
    fn a_daemon_set_is_compared_with_the_nodes_that_it_is_for() {
        let scenario = Scenario::captured("GAP-62");
        let slice = scenario.name_of("EndpointSlice", "agent-");
        let home = scenario.field("EndpointSlice", &slice, "/endpoints/0/nodeName").clone();
        let daemons = |selector: serde_json::Value| {
            scenario.clone().with(serde_json::json!({ "apiVersion": "apps/v1", "kind": "DaemonSet",
                "metadata": { "name": "agent", "namespace": "fault-gap-62" },
                "spec": { "selector": { "matchLabels": { "app": "agent" } }, "template": {
                    "metadata": { "labels": { "app": "agent" } }, "spec": { "nodeSelector": selector } } } }))
        };
        assert_eq!(daemons(serde_json::json!({ "kubernetes.io/hostname": home })).judge(&CHECK), []);
        assert_eq!(daemons(serde_json::json!({})).judge(&CHECK).len(), 1);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-62").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
