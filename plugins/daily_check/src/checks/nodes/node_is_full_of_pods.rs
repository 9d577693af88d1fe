//! A node holds almost as many pods as it may.

use sre_core::cause::node_problem::is_leaving;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::scheduling::{Floor, Place, closed_by_condition};
use sre_core::slim::{Kind, Object};
use sre_core::units::Amount;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-12",
    title: "a node holds almost as many pods as it may",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node), Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// From this part on a node is almost full.
const ALMOST_FULL: f64 = 0.95;

/// Nodes that are filled up one after another are how it is meant; that no node has room is trouble.
fn run(view: &View<'_>) -> Vec<Finding> {
    let floor = Floor::new(view);
    let open: Vec<&Place<'_>> = floor.places.iter().filter(|place| is_open(place)).collect();
    let full: Vec<&Place<'_>> = open.iter().copied().filter(|place| share(place) >= Some(ALMOST_FULL)).collect();
    let severity = if full.len() == open.len() { Severity::Warning } else { Severity::Info };
    full.iter().map(|place| finding(place, severity, open.len() - full.len())).collect()
}

fn is_open(place: &Place<'_>) -> bool {
    let node = place.node;
    !node.spec.unschedulable && !is_leaving(node) && !closed_by_condition(node) && place.offered("pods") > Amount::ZERO
}

fn share(place: &Place<'_>) -> Option<f64> {
    Amount::whole(place.pods).share_of(place.offered("pods"))
}

fn finding(place: &Place<'_>, severity: Severity, others: usize) -> Finding {
    let (object, name) = (place.node.reference(), &place.node.metadata.name);
    let most = place.offered("pods").value();
    let elsewhere = match others {
        0 => "no node has room for more".to_owned(),
        1 => "1 other node has room".to_owned(),
        count => format!("{count} other nodes have room"),
    };
    let title = format!("node {name} holds {} of {most} pods; {elsewhere}", place.pods);
    Finding::new("NOD-12", severity, object.clone(), title)
        .risk()
        .evidence(&object, "status.allocatable.pods", most.to_string())
        .evidence(&object, "pods on it", place.pods.to_string())
        .look(format!("kubectl get pods -A --field-selector spec.nodeName={name}"))
}

const PAGE: &str = "\
A kubelet runs no more than so many pods (status.allocatable.pods), whatever room there is for their
requests. From 95 percent on DaemonSets that are added later find no place on this node. It is a
warning when every node that takes pods is so full, since then nothing new can be placed at all.

Looked at: the pods on each node that have not ended. When only one namespace was looked at, there
are more than were counted. Not meant: nodes that are cordoned, not ready or being taken away.

What to do: see whether many small pods can go; add nodes, or raise maxPods of the kubelets:
  kubectl get pods -A --field-selector spec.nodeName=NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NODE: &str = "fault-nod-12-small";

    fn with_room(pods: &str) -> Scenario {
        Scenario::captured("NOD-12").set("Node", NODE, "/status/allocatable/pods", pods)
    }

    #[test]
    fn a_cluster_that_is_full_is_a_warning() {
        let findings = Scenario::captured("NOD-12").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (NODE, Severity::Warning));
        assert_eq!(findings[0].title, format!("node {NODE} holds 4 of 4 pods; no node has room for more"));
    }

    #[test]
    fn one_full_node_among_others_is_only_told() {
        let other = serde_json::json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": "other"}, "status": {"allocatable": {"pods": "10"}}
        });
        let findings = Scenario::captured("NOD-12").with(other).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Info));
        assert!(findings[0].title.ends_with("1 other node has room"), "{}", findings[0].title);
    }

    #[test]
    fn a_node_with_room_is_not_meant() {
        assert_eq!(with_room("5").judge(&CHECK), []);
        assert_eq!(with_room("0").judge(&CHECK), []);
    }

    #[test]
    fn a_cordoned_node_is_not_meant() {
        assert_eq!(Scenario::captured("NOD-12").set("Node", NODE, "/spec/unschedulable", true).judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-12").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
