//! A node runs out of memory, disk or process ids.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-03",
    title: "a node runs out of memory, disk or process ids",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("NOD-03", &["node-memory-pressure", "node-disk-pressure", "node-pid-pressure"]),
};

const PAGE: &str = "\
The kubelet of the node reports MemoryPressure, DiskPressure or PIDPressure. It evicts pods, those
without requests first, and the scheduler keeps new ones away by a taint. Under disk pressure the
kubelet also deletes images that no container uses.

Looked at: these three conditions of the node; pods on it that were evicted.

Harmless: the kubelet keeps the condition for five minutes after the pressure is over. A node that
is being taken away is not meant.

What to do: see who uses most, and give pods requests and limits that fit:
  kubectl describe node NAME
  kubectl top pods -A --sort-by=memory";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NODE: &str = "fault-nod-03-tight";

    #[test]
    fn the_node_and_what_it_lacks_are_named() {
        let findings = Scenario::captured("NOD-03").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.name.as_str(), finding.part.as_str()), (NODE, "DiskPressure"));
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Risk));
        assert_eq!(finding.title, format!("node {NODE} is short of disk space: no new pods are placed there"));
        assert!(finding.evidence[1].value.starts_with("KubeletHasDiskPressure"), "{:?}", finding.evidence);
        assert!(finding.since.is_some());
    }

    #[test]
    fn evicted_pods_are_shown() {
        let evicted = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"nodeName": NODE}, "status": {"phase": "Failed", "reason": "Evicted"}
        });
        let findings = Scenario::captured("NOD-03").with(evicted).judge(&CHECK);
        assert!(findings[0].title.ends_with("1 pod was evicted"), "{}", findings[0].title);
        assert_eq!((findings[0].role, findings[0].shows_on.len()), (Role::Cause, 1));
    }

    #[test]
    fn a_node_without_pressure_is_not_meant() {
        let eased = Scenario::captured("NOD-03").set("Node", NODE, "/status/conditions/1/status", "False");
        assert_eq!(eased.judge(&CHECK), []);
        let silent = Scenario::captured("NOD-03").set("Node", NODE, "/status/conditions/1/status", "Unknown");
        assert_eq!(silent.judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_is_being_taken_away_is_not_meant() {
        let taints = serde_json::json!([{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]);
        assert_eq!(Scenario::captured("NOD-03").set("Node", NODE, "/spec/taints", taints).judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-03").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
