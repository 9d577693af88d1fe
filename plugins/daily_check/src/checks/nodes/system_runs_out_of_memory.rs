//! A node as a whole ran out of memory.

use super::events_about_nodes;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Event, Kind, Object};

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-24",
    title: "a node as a whole ran out of memory",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Event)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node)],
    page: PAGE,
    run: |view| {
        let by_node = events_about_nodes(view, is_of_system).into_iter();
        by_node.map(|(node, events)| finding(node, &events)).collect()
    },
};

/// The kernel also kills in a container that reaches its own limit, which is no matter of the node.
fn is_of_system(event: &Event) -> bool {
    match event.reason.as_str() {
        "SystemOOM" => true,
        "OOMKilling" => !event.message.starts_with("Memory cgroup"),
        _ => false,
    }
}

fn finding(node: &str, events: &[&Event]) -> Finding {
    let times: i32 = events.iter().map(|event| event.occurrences()).sum();
    let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
    let object = sre_core::object::ObjectRef::cluster("Node", node);
    let title = format!("node {node} ran out of memory {times}, and the kernel killed processes");
    let finding = Finding::new("NOD-24", Severity::Warning, object, title).risk();
    let finding = events.iter().take(3).fold(finding, |finding, event| {
        finding.evidence(&event.reference(), format!("message ({})", event.reason), &*event.message)
    });
    finding
        .since(events.iter().filter_map(|event| event.first_seen()).min())
        .look(format!("kubectl describe node {node}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"))
}

const PAGE: &str = "\
The node had no memory left, and its kernel chose processes to kill: any of them, the kubelet or the
runtime too. It means that pods use more than they request, or that little is reserved for the
system.

Looked at: the events SystemOOM (of the kubelet) and OOMKilling (of node-problem-detector) about the
node. Events are kept for an hour. A container that is killed at its own limit is not meant: POD-04
tells that.

What to do: see who uses more than was requested; give pods limits, and the system its reserve
(systemReserved, evictionHard of the kubelet):
  kubectl top pods -A --sort-by=memory";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const EVENT: &str = "fault-nod-24-oom";

    #[test]
    fn the_node_and_the_victim_are_named() {
        let findings = Scenario::captured("NOD-24").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Node/fault-nod-24-worker");
        assert_eq!(
            findings[0].title,
            "node fault-nod-24-worker ran out of memory 2 times, and the kernel killed processes"
        );
        assert!(findings[0].evidence[0].value.contains("victim process: java"), "{:?}", findings[0].evidence);
    }

    #[test]
    fn a_container_at_its_own_limit_is_not_meant() {
        let killing = Scenario::captured("NOD-24").set("Event", EVENT, "/reason", "OOMKilling");
        assert_eq!(killing.judge(&CHECK).len(), 1);
        let own = killing.set("Event", EVENT, "/message", "Memory cgroup out of memory: Killed process 41 (java)");
        assert_eq!(own.judge(&CHECK), []);
    }

    #[test]
    fn what_was_hours_ago_is_not_meant() {
        assert_eq!(Scenario::captured("NOD-24").later(3 * 60).judge(&CHECK), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-24").gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
