//! A kubelet cannot clear away old images and containers.

use super::events_about_nodes;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Event, Kind, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-26",
    title: "a kubelet cannot clear away old images and containers",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Event)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node)],
    page: PAGE,
    run,
};

/// A kubelet that starts fails once, before it knows its disks; it tries again every few minutes.
const REPEATED: i32 = 3;

fn run(view: &View<'_>) -> Vec<Finding> {
    let by_node = events_about_nodes(view, is_of_collection).into_iter();
    let repeated =
        by_node.filter(|(_, events)| events.iter().map(|event| event.occurrences()).sum::<i32>() >= REPEATED);
    repeated.map(|(node, events)| finding(node, &events)).collect()
}

fn is_of_collection(event: &Event) -> bool {
    matches!(event.reason.as_str(), "ImageGCFailed" | "ContainerGCFailed" | "FreeDiskSpaceFailed")
}

fn finding(node: &str, events: &[&Event]) -> Finding {
    let times: i32 = events.iter().map(|event| event.occurrences()).sum();
    let title = format!("node {node} failed {times} times to clear away old images and containers");
    let finding = Finding::new("NOD-26", Severity::Warning, ObjectRef::cluster("Node", node), title).risk();
    let finding = events.iter().take(3).fold(finding, |finding, event| {
        finding.evidence(&event.reference(), format!("message ({})", event.reason), &*event.message)
    });
    finding
        .since(events.iter().filter_map(|event| event.first_seen()).min())
        .look(format!("kubectl describe node {node}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"))
}

const PAGE: &str = "\
The kubelet deletes images that nobody uses, and containers that have ended, when its disk fills. On
this node that fails again and again, so the disk will fill until the node is under DiskPressure and
pods are evicted. The runtime may be unwell, or something else may fill the disk.

Looked at: the events ImageGCFailed, ContainerGCFailed and FreeDiskSpaceFailed about the node, three
times or more. Events are kept for an hour.

Harmless: once or twice while a kubelet starts, before it knows its disks; that is not meant.

What to do: read the message; look for what fills the disk of the machine:
  kubectl describe node NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const EVENT: &str = "fault-nod-26-gc";

    #[test]
    fn the_node_and_the_message_are_named() {
        let findings = Scenario::captured("NOD-26").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Node/fault-nod-26-worker");
        assert!(findings[0].title.contains("failed 5 times"), "{}", findings[0].title);
        assert!(findings[0].evidence[0].value.contains("wanted to free"), "{:?}", findings[0].evidence);
    }

    #[test]
    fn a_kubelet_that_starts_may_fail_once() {
        assert_eq!(Scenario::captured("NOD-26").set("Event", EVENT, "/count", 2).judge(&CHECK), []);
    }

    #[test]
    fn another_reason_is_not_meant() {
        let starting = Scenario::captured("NOD-26").set("Event", EVENT, "/reason", "InvalidDiskCapacity");
        assert_eq!(starting.judge(&CHECK), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-26").gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
