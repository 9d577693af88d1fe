//! A node runs out of memory, disk or process ids.

use sre_core::cause::node_problem::is_leaving;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::NodeCondition;
use sre_core::slim::{Kind, Node, Object, Pod};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-03",
    title: "a node runs out of memory, disk or process ids",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

const PRESSURES: [(&str, &str); 3] =
    [("MemoryPressure", "memory"), ("DiskPressure", "disk space"), ("PIDPressure", "process ids")];

fn run(view: &View<'_>) -> Vec<Finding> {
    let staying = view.all::<Node>().iter().filter(|node| !is_leaving(node));
    staying.flat_map(|node| node.status.conditions.iter().filter_map(|it| judge(node, it, view))).collect()
}

fn judge(node: &Node, condition: &NodeCondition, view: &View<'_>) -> Option<Finding> {
    let (_, resource) = PRESSURES.iter().find(|(type_, _)| *type_ == condition.type_)?;
    (condition.status == "True").then(|| finding(node, condition, resource, view))
}

fn finding(node: &Node, condition: &NodeCondition, resource: &str, view: &View<'_>) -> Finding {
    let (object, name) = (node.reference(), &node.metadata.name);
    let evicted: Vec<&Pod> = view.pods_on(name).iter().copied().filter(|pod| pod.status.reason == "Evicted").collect();
    let field = |field: &str| format!("status.conditions[{}].{field}", condition.type_);
    let consequence = match evicted.len() {
        0 => "no new pods are placed there".to_owned(),
        1 => "1 pod was evicted".to_owned(),
        count => format!("{count} pods were evicted"),
    };
    let title = format!("node {name} is short of {resource}: {consequence}");
    let finding = Finding::new("NOD-03", Severity::Warning, object.clone(), title)
        .part(&*condition.type_)
        .evidence(&object, field("status"), &*condition.status)
        .evidence(&object, field("message"), format!("{}: {}", condition.reason, condition.message))
        .since(sre_core::slim::ConditionFacts::since(condition))
        .look(format!("kubectl describe node {name}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={name}"));
    // Only the evicted pods are known to have been hurt by it.
    if evicted.is_empty() {
        return finding.risk();
    }
    evicted.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

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
    use sre_core::finding::Role;
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
