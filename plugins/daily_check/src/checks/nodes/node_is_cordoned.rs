//! A node was cordoned, and nobody has uncordoned it.

use sre_core::cause::node_problem::{is_leaving, readiness};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Node, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-06",
    title: "a node is cordoned",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.all::<Node>().iter().filter_map(|node| judge(node, view)).collect(),
};

/// Planned work on a node is over after a day.
const FORGOTTEN_AFTER_MINUTES: i64 = 24 * 60;

const CORDON: &str = "node.kubernetes.io/unschedulable";

const CONTROL_PLANE: [&str; 2] = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

fn judge(node: &Node, view: &View<'_>) -> Option<Finding> {
    // A node that is not ready is cordoned for that; other checks speak of it.
    let is_well = readiness(node).is_none_or(|ready| ready.status == "True");
    if !node.spec.unschedulable || is_leaving(node) || !is_well {
        return None;
    }
    let taint = node.spec.taints.iter().find(|taint| taint.key == CORDON);
    let since = taint.and_then(|taint| taint.time_added.as_ref()?.at());
    let is_old = view.is_older_than_minutes(since, FORGOTTEN_AFTER_MINUTES);
    let is_forgotten = is_old && !is_being_emptied(node, view) && !is_of_control_plane(node);
    let severity = if is_forgotten { Severity::Warning } else { Severity::Info };
    let (object, name) = (node.reference(), &node.metadata.name);
    let title = match since.filter(|_| is_old) {
        Some(since) => format!("node {name} has been cordoned since {}", since.strftime("%Y-%m-%d")),
        None => format!("node {name} is cordoned: no new pods are placed there"),
    };
    let finding = Finding::new("NOD-06", severity, object.clone(), title)
        .risk()
        .evidence(&object, "spec.unschedulable", "true")
        .since(since)
        .look(format!("kubectl describe node {name}"));
    let finding = match since {
        Some(since) => finding.evidence(&object, format!("spec.taints[{CORDON}].timeAdded"), since.to_string()),
        None => finding,
    };
    Some(finding.change(format!("kubectl sre change uncordon {name} --dry-run")))
}

/// Whether pods are leaving it just now.
fn is_being_emptied(node: &Node, view: &View<'_>) -> bool {
    view.pods_on(&node.metadata.name).iter().any(|pod| pod.metadata.deletion_timestamp.is_some())
}

/// Some keep these cordoned on purpose.
fn is_of_control_plane(node: &Node) -> bool {
    CONTROL_PLANE.iter().any(|role| node.metadata.label(role).is_some())
}

const PAGE: &str = "\
A ready node is cordoned (spec.unschedulable): no new pods are placed there. That is how planned work
begins; when it has been so for more than a day, and no pod is leaving, the cordon was probably
forgotten, and its room is missing when another node fails.

Looked at: spec.unschedulable; when its taint was added. Not a warning: for the first day, while
pods are leaving, when nothing tells since when, and for nodes of the control plane. Not meant:
nodes that are not ready, and those that an autoscaler is taking away.

What to do: ask who cordoned it and whether the work is done, then:
  kubectl sre change uncordon NAME --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NODE: &str = "fault-nod-06-idle";

    #[test]
    fn a_forgotten_cordon_is_a_warning() {
        let findings = Scenario::captured("NOD-06").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.name.as_str(), finding.severity), (NODE, Severity::Warning));
        assert_eq!(finding.title, format!("node {NODE} has been cordoned since 2026-01-15"));
        assert_eq!(finding.since, Some("2026-01-15T06:00:00Z".parse().unwrap()));
        assert_eq!(finding.remedies[1].command, format!("kubectl sre change uncordon {NODE} --dry-run"));
    }

    #[test]
    fn a_fresh_cordon_is_only_told() {
        let scenario = Scenario::captured("NOD-06");
        let now = scenario.snapshot().taken_at.to_string();
        let taints = json!([{"key": CORDON, "effect": "NoSchedule", "timeAdded": now}]);
        let fresh = scenario.clone().set("Node", NODE, "/spec/taints", taints).judge(&CHECK);
        assert_eq!((fresh.len(), fresh[0].severity), (1, Severity::Info));
        let untold = scenario.set("Node", NODE, "/spec/taints", json!([])).judge(&CHECK);
        assert_eq!((untold.len(), untold[0].severity), (1, Severity::Info));
    }

    #[test]
    fn a_drain_that_goes_on_is_only_told() {
        let leaving = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "namespace": "shop", "deletionTimestamp": "2026-01-15T06:00:00Z"},
            "spec": {"nodeName": NODE}
        });
        assert_eq!(Scenario::captured("NOD-06").with(leaving).judge(&CHECK)[0].severity, Severity::Info);
    }

    #[test]
    fn a_node_of_the_control_plane_may_be_kept_so() {
        let role = "/metadata/labels/node-role.kubernetes.io~1control-plane";
        assert_eq!(Scenario::captured("NOD-06").set("Node", NODE, role, "").judge(&CHECK)[0].severity, Severity::Info);
    }

    #[test]
    fn a_node_that_is_open_or_not_ready_is_not_meant() {
        let scenario = Scenario::captured("NOD-06");
        assert_eq!(scenario.clone().set("Node", NODE, "/spec/unschedulable", false).judge(&CHECK), []);
        assert_eq!(scenario.set("Node", NODE, "/status/conditions/0/status", "False").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-06").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
