//! A node has no route to its pods.

use crate::cause::node_problem::condition_statement;
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::slim::condition::NodeCondition;
use crate::slim::{Node, condition_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "node-network-unavailable",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| it.is(&["NoRouteCreated", "FailedToCreateRoute", "CIDRNotAvailable"]),
        |_| "the network of the node is not set up".to_owned(),
    )),
    ..Class::SILENT
};

/// How long a cloud may take to make the route of a node that has just joined.
const JOINING_MINUTES: i64 = 5;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let said = view.all::<Node>().iter();
    let said = said.filter_map(|node| Some((node, condition_of(&node.status.conditions, "NetworkUnavailable")?)));
    let cut_off = said.filter(|(node, network)| network.status == "True" && !is_joining(view, node, network));
    cut_off.map(|(node, network)| condition_statement(view, node, network, "has no network for its pods")).collect()
}

/// The cloud's controller sets the condition when it first sees a node, and clears it with the route.
fn is_joining(view: &View<'_>, node: &Node, network: &NodeCondition) -> bool {
    let initial = network.message.contains("created without a route");
    initial && !view.is_older_than_minutes(node.metadata.creation_timestamp.at(), JOINING_MINUTES)
}

const PAGE: &str = "\
The cloud's route controller or the network plugin says that pods on this node cannot be reached:
there is no route to their addresses, or the plugin's agent has not set up the node. Pods that are
placed there may run and yet answer nobody.

Looked at: the condition NetworkUnavailable of the node (True), its reason and message.

What to do: look at the network plugin's agent on the node, and at the route table of the cloud (a
limit on routes is a frequent reason):
  kubectl get pods -n kube-system -o wide --field-selector spec.nodeName=NAME";
