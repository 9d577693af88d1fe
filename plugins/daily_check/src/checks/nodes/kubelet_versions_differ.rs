//! The kubelets of the nodes are of several minors.

use crate::checks::versions::Minor;
use sre_core::cause::node_problem::{is_leaving, is_virtual};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Node, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-28",
    title: "the kubelets of the nodes are of several minors",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

fn judge(view: &View<'_>) -> Option<Finding> {
    let mut by_minor: BTreeMap<Minor, Vec<&Node>> = BTreeMap::new();
    for node in view.all::<Node>().iter().filter(|node| !is_virtual(node) && !is_leaving(node)) {
        if let Some(minor) = Minor::of(&node.status.node_info.kubelet_version) {
            by_minor.entry(minor).or_default().push(node);
        }
    }
    let most = by_minor.values().map(Vec::len).max()?;
    if by_minor.len() < 2 {
        return None;
    }
    let parts: Vec<String> = by_minor.iter().map(|(minor, nodes)| format!("{} of {minor}", nodes.len())).collect();
    let title = format!("the kubelets are of {} minors: {}", by_minor.len(), parts.join(", "));
    let finding = Finding::new("NOD-28", Severity::Info, ObjectRef::cluster("Node", "*"), title).risk();
    let examples = by_minor.values().map(|nodes| nodes[0]);
    let finding = examples.fold(finding, |finding, node| {
        finding.evidence(&node.reference(), "status.nodeInfo.kubeletVersion", &*node.status.node_info.kubelet_version)
    });
    let minority = by_minor.values().filter(|nodes| nodes.len() < most).flatten();
    let finding = minority.fold(finding, |finding, node| finding.shows_on(node.reference()));
    Some(finding.look("kubectl get nodes -o wide"))
}

const PAGE: &str = "\
Nodes run kubelets of several minors of Kubernetes. That is how an upgrade looks while it goes on;
when it stays so, some nodes were left behind, and behave differently from the others.

Looked at: status.nodeInfo.kubeletVersion of every node. Differences in the last number are not
meant, nor are virtual kubelets and nodes that are being taken away. Kubelets that the API server
does not support are told by GAP-19.

What to do: finish the upgrade:
  kubectl get nodes -o wide";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VERSION: &str = "/status/nodeInfo/kubeletVersion";
    const OLD: &str = "fault-nod-28-old";

    #[test]
    fn the_minors_and_the_nodes_of_the_minority_are_named() {
        let findings = Scenario::captured("NOD-28").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].severity, findings[0].object.to_string().as_str()), (Severity::Info, "Node/*"));
        assert_eq!(findings[0].title, "the kubelets are of 2 minors: 1 of 1.35, 2 of 1.36");
        assert_eq!(findings[0].shows_on.len(), 1);
        assert_eq!(findings[0].shows_on[0].name, OLD);
    }

    #[test]
    fn another_patch_is_the_same_minor() {
        assert_eq!(Scenario::captured("NOD-28").set("Node", OLD, VERSION, "v1.36.1").judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_is_being_taken_away_does_not_count() {
        let taints = serde_json::json!([{"key": "karpenter.sh/disrupted", "effect": "NoSchedule"}]);
        assert_eq!(Scenario::captured("NOD-28").set("Node", OLD, "/spec/taints", taints).judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-28").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
