//! A node goes Ready and NotReady again and again, or its kubelet starts again and again.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Event, Kind, Node};
use crate::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class {
    id: "node-flapping",
    page: PAGE,
    recognise,
    brings: &["node-not-ready", "node-kubelet-silent", "node-runtime-down", "readiness-probe-failed"],
    ..Class::SILENT
};

const RECENT_MINUTES: i64 = 60;

/// So many starts of a kubelet, or losses of readiness, are no single incident.
const TIMES: i32 = 2;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let mut by_node: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in view.all::<Event>().iter().filter(|event| event.involved_object.kind == "Node") {
        let node = event.involved_object.name.as_str();
        let is_there = view.get::<Node>("", node).is_some() || !view.knows(Kind::Node, "");
        if is_there && !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES) {
            by_node.entry(node).or_default().push(event);
        }
    }
    by_node.into_iter().filter_map(|(node, events)| judge(node, &events)).collect()
}

fn judge(node: &str, events: &[&Event]) -> Option<Finding> {
    let times = |reasons: &[&str]| -> i32 {
        let such = events.iter().filter(|event| reasons.contains(&event.reason.as_str()));
        such.map(|event| event.occurrences()).sum()
    };
    let lost = times(&["NodeNotReady"]);
    let regained = times(&["NodeReady"]);
    let restarted = times(&["Starting", "FrequentKubeletRestart", "FrequentContainerdRestart", "KubeletRestarted"]);
    let is_frequent = times(&["FrequentKubeletRestart", "FrequentContainerdRestart", "FrequentDockerRestart"]) > 0;
    let comes_and_goes = lost >= TIMES && regained >= 1;
    if !comes_and_goes && restarted <= TIMES && !is_frequent {
        return None;
    }
    let object = ObjectRef::cluster("Node", node);
    let title = if comes_and_goes {
        format!("node {node} comes and goes: not ready {lost} times within an hour")
    } else {
        format!("the kubelet of node {node} starts again and again: {restarted} times within an hour")
    };
    let first = events.iter().filter_map(|event| event.first_seen()).min();
    Some(
        Finding::new("", Severity::Critical, object.clone(), title)
            .evidence(&object, "events", format!("NodeNotReady {lost}, NodeReady {regained}, Starting {restarted}"))
            .since(first)
            .look(format!("kubectl describe node {node}")),
    )
}

const PAGE: &str = "\
A node goes Ready and NotReady again and again, or its kubelet restarts again and again. Its pods lose
their traffic each time, and some are evicted.

Looked at: the events NodeReady, NodeNotReady and Starting of the last hour, and those of
node-problem-detector.

What to do: cordon the node while the machine is looked at (memory, disk, network, its kubelet's log):
  kubectl sre change cordon NAME --dry-run";
