//! A node has no range of pod addresses, though the others have one.

use sre_core::cause::node_problem::{is_leaving, is_virtual};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Event, Kind, Node, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-69",
    title: "a node has no range of pod addresses, though the others have one",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run,
};

/// The controller that gives out ranges does so within seconds.
const GIVEN_WITHIN_MINUTES: i64 = 10;

fn run(view: &View<'_>) -> Vec<Finding> {
    let nodes: Vec<&Node> = view.all::<Node>().iter().filter(|node| !is_virtual(node)).collect();
    let with = nodes.iter().filter(|node| !node.spec.pod_cidr.is_empty()).count();
    // Where few nodes have one, ranges were given out once and are not any more: something else gives addresses.
    if with * 3 < nodes.len() * 2 {
        return Vec::new();
    }
    let without = nodes.iter().filter(|node| node.spec.pod_cidr.is_empty() && !is_leaving(node));
    let is_old = |node: &Node| view.is_older_than_minutes(node.metadata.creation_timestamp.at(), GIVEN_WITHIN_MINUTES);
    without.filter(|node| is_old(node)).map(|node| finding(node, with, view)).collect()
}

fn finding(node: &Node, with: usize, view: &View<'_>) -> Finding {
    let (object, name) = (node.reference(), &node.metadata.name);
    let title = format!("node {name} has no range of pod addresses, though {with} others have one");
    let finding = Finding::new("GAP-69", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(&object, "spec.podCIDR", "not set")
        .since(node.metadata.creation_timestamp.at());
    let events = view.events_about(&object);
    let refusal = events.iter().find(|event: &&&Event| event.reason == "CIDRNotAvailable");
    let finding = match refusal {
        Some(event) => finding.evidence(&object, "event CIDRNotAvailable", &*event.message),
        None => finding,
    };
    finding
        .look(format!("kubectl describe node {name}"))
        .look("kubectl get nodes -o custom-columns=NAME:.metadata.name,RANGE:.spec.podCIDR")
}

const PAGE: &str = "\
In this cluster the controller manager gives each node a range of pod addresses (spec.podCIDR), and
this node has got none. Network plugins that use the range start no pods there. Usually the range of
the whole cluster is used up: it holds no more nodes.

Looked at: spec.podCIDR of all nodes; the event CIDRNotAvailable. Not meant: nodes in their first ten
minutes, nodes that are being taken away, virtual kubelets, and clusters in which fewer than two
thirds of the nodes have a range, since their network plugin gives out addresses by itself.

What to do: remove nodes, or widen the cluster's range:
  kubectl describe node NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const BARE: &str = "fault-gap-69-bare";

    fn settled() -> Scenario {
        Scenario::captured("GAP-69").later(10)
    }

    #[test]
    fn the_node_without_a_range_is_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (BARE, Severity::Warning));
        assert!(findings[0].title.ends_with("though 2 others have one"), "{}", findings[0].title);
    }

    #[test]
    fn a_node_in_its_first_minutes_is_not_meant() {
        assert_eq!(Scenario::captured("GAP-69").judge(&CHECK), []);
    }

    #[test]
    fn a_node_with_a_range_is_not_meant() {
        assert_eq!(settled().set("Node", BARE, "/spec/podCIDR", "10.244.9.0/24").judge(&CHECK), []);
    }

    #[test]
    fn where_most_nodes_have_none_something_else_gives_addresses() {
        assert_eq!(settled().unset("Node", "fault-gap-69-a", "/spec/podCIDR").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
