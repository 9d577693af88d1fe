//! The kubelet of a node has stopped reporting.

use crate::cause::Class;
use crate::cause::node_problem::{condition_statement, readiness};
use crate::finding::Finding;
use crate::slim::condition::NodeCondition;
use crate::slim::{Lease, Node, Object};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class { id: "node-kubelet-silent", page: PAGE, recognise, ..Class::SILENT };

/// Namespace of the kubelets' heartbeats.
const HEARTBEATS: &str = "kube-node-lease";

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let silent = view.all::<Node>().iter().filter_map(|node| Some((node, readiness(node)?)));
    silent.filter(|(_, ready)| ready.status == "Unknown").map(|(node, ready)| statement(view, node, ready)).collect()
}

fn statement(view: &View<'_>, node: &Node, ready: &NodeCondition) -> Finding {
    let trouble = match ready.reason.as_str() {
        "NodeStatusNeverUpdated" => "has never been reported on by a kubelet".to_owned(),
        _ => format!("is silent: its kubelet reports nothing any more{}", last_word(view, node, ready)),
    };
    let finding = condition_statement(view, node, ready, &trouble).symptom();
    match view.get::<Lease>(HEARTBEATS, &node.metadata.name) {
        Some(lease) => finding.evidence(&lease.reference(), "spec.renewTime", renewed(lease)),
        None => finding,
    }
}

/// The later of its two heartbeats: the condition is renewed every few minutes, the Lease every few seconds.
fn last_word(view: &View<'_>, node: &Node, ready: &NodeCondition) -> String {
    let lease = view.get::<Lease>(HEARTBEATS, &node.metadata.name);
    let renewed = lease.and_then(|lease| lease.spec.renew_time.as_ref()?.at());
    let last = ready.last_heartbeat_time.at().into_iter().chain(renewed).max();
    last.and_then(|at| Timestamp::from_second(at.as_second()).ok())
        .map_or_else(String::new, |at| format!(" (last at {at})"))
}

fn renewed(lease: &Lease) -> String {
    lease.spec.renew_time.and_then(|time| time.at()).map_or_else(|| "never".to_owned(), |at| at.to_string())
}

const PAGE: &str = "\
The node lifecycle controller has heard nothing from the kubelet for longer than its grace period
and has marked the node Unknown. The machine may be off, hanging, or cut off from the API server;
its containers may or may not run. Pods on it leave their Services, and after five minutes they are
evicted; those of StatefulSets stay until somebody confirms that the machine is gone.

Looked at: the condition Ready of the node (Unknown), its last heartbeat, the Lease of the node in
kube-node-lease.

What to do: ask the cloud or the console whether the machine lives. Only when it is certainly off
may its pods be deleted by force.";
