//! A node has no network for its pods.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-04",
    title: "a node has no network for its pods",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("NOD-04", &["node-network-unavailable"]),
};

const PAGE: &str = "\
The condition NetworkUnavailable of the node is True: there is no route to the addresses of its
pods, or the network plugin has not set up the node. The scheduler keeps new pods away by a taint;
pods that tolerate it, or were there before, may run and yet answer nobody.

Looked at: the condition, its reason and its message.

Harmless: for the first minutes of a node, while the cloud makes its route; that is not reported.

See also: kubectl sre explain node-network-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_and_the_reason_are_named() {
        let findings = Scenario::captured("NOD-04").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Node/nodes-routeless");
        assert_eq!((findings[0].severity, findings[0].class), (Severity::Critical, Some("node-network-unavailable")));
        assert_eq!(findings[0].evidence[1].value, "NoRouteCreated: RouteController failed to create a route");
        assert_eq!(findings[0].remedies[0].command, "kubectl describe node nodes-routeless");
    }

    #[test]
    fn a_node_with_a_network_is_not_meant() {
        let scenario = Scenario::captured("NOD-04");
        assert_eq!(scenario.set("Node", "nodes-routeless", "/status/conditions/1/status", "False").judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_waits_for_its_first_route_is_not_meant_for_some_minutes() {
        let initial = "Node created without a route";
        let joining =
            Scenario::captured("NOD-04").set("Node", "nodes-routeless", "/status/conditions/1/message", initial);
        assert_eq!(joining.judge(&CHECK), []);
        assert_eq!(joining.later(10).judge(&CHECK).len(), 1);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-04").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
