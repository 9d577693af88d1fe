//! A node still says Ready, but its heartbeat has stopped.

use sre_core::cause::node_problem::readiness;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Lease, Node, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-12",
    title: "a node says Ready, but its heartbeat has stopped",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node), Sight::Of(Kind::Lease)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Namespace of the kubelets' heartbeats.
pub const HEARTBEATS: &str = "kube-node-lease";

/// What the kubelet writes when it writes nothing else.
const USUAL_DURATION_SECONDS: i64 = 40;

/// From here on it is not an early warning any more: nobody has marked the node Unknown.
const OVERDUE_SECONDS: i64 = 300;

fn run(view: &View<'_>) -> Vec<Finding> {
    let ready = view.all::<Node>().iter().filter(|node| readiness(node).is_some_and(|ready| ready.status == "True"));
    ready.filter_map(|node| judge(view, node)).collect()
}

fn judge(view: &View<'_>, node: &Node) -> Option<Finding> {
    let name = &node.metadata.name;
    let lease = view.get::<Lease>(HEARTBEATS, name)?;
    let renewal = view.renewal(lease)?;
    let (renewed, silent) = (renewal.at, renewal.silence().as_secs());
    if silent <= lease.spec.lease_duration_seconds.map_or(USUAL_DURATION_SECONDS, i64::from) {
        return None;
    }
    let severity = if silent >= OVERDUE_SECONDS { Severity::Critical } else { Severity::Warning };
    let title = format!("node {name} still says Ready, but its kubelet has not renewed its Lease since {renewed}");
    let finding = Finding::new("GAP-12", severity, node.reference(), title)
        .evidence(&lease.reference(), "spec.renewTime", renewed.to_string())
        .evidence(&node.reference(), "status.conditions[Ready].status", "True")
        .since(Some(renewed))
        .look(format!("kubectl get lease {name} -n {HEARTBEATS} -o yaml"))
        .look(format!("kubectl describe node {name}"));
    Some(view.with_comparison(finding, lease, renewal))
}

const PAGE: &str = "\
Each kubelet renews a Lease in kube-node-lease every ten seconds. When the Lease is older than its
duration (40 seconds), the kubelet is silent, and the node will soon be marked Unknown; this is the
warning before it.

After five minutes it is critical: the kubelet is silent and nobody has marked the node, so that
Services still send requests there. Then look at the controller manager too, whose node lifecycle
controller does the marking. In files that somebody sent, which may be minutes apart, a Lease is
compared with the newest one of all nodes.

Looked at: spec.renewTime of the Lease that has the node's name, and the condition Ready.

Harmless: a clock of the node that is behind by more than the duration looks the same; compare the
clocks when the node answers.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_is_named_with_the_time_of_its_last_heartbeat() {
        let findings = Scenario::captured("GAP-12").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Node/nodes-stale");
        assert_eq!(finding.severity, Severity::Critical);
        assert_eq!(finding.evidence[0].object.to_string(), "Lease/kube-node-lease/nodes-stale");
        assert_eq!(finding.evidence[0].value, "2026-01-15T06:00:00Z");
        assert_eq!(finding.remedies[0].command, "kubectl get lease nodes-stale -n kube-node-lease -o yaml");
    }

    fn renewed(seconds_ago: i64) -> Scenario {
        let scenario = Scenario::captured("GAP-12");
        let then = scenario.snapshot().taken_at - jiff::SignedDuration::from_secs(seconds_ago);
        scenario.set("Lease", "nodes-stale", "/spec/renewTime", then.to_string())
    }

    #[test]
    fn a_heartbeat_within_its_duration_is_not_meant() {
        assert_eq!(renewed(12).judge(&CHECK), []);
        assert_eq!(renewed(40).judge(&CHECK), []);
    }

    #[test]
    fn in_the_first_minutes_it_is_a_warning() {
        assert_eq!(renewed(60).judge(&CHECK)[0].severity, Severity::Warning);
    }

    #[test]
    fn a_node_that_is_known_to_be_unready_is_left_to_other_checks() {
        let unknown = Scenario::captured("GAP-12").set("Node", "nodes-stale", "/status/conditions/0/status", "Unknown");
        assert_eq!(unknown.judge(&CHECK), []);
    }

    #[test]
    fn leases_that_were_written_before_the_other_files_are_compared_with_each_other() {
        let of_files = |seconds_ago| {
            let other = renewed(0).field("Lease", "nodes-stale", "/spec/renewTime").clone();
            let lease = serde_json::json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": {"name": "nodes-other", "namespace": HEARTBEATS}, "spec": {"renewTime": other}
            });
            let mut snapshot = renewed(seconds_ago).with(lease).later(6).snapshot();
            snapshot.origin.clock = Some("the newest timestamp in it".to_owned());
            (CHECK.run)(&View::new(&snapshot))
        };
        assert_eq!(of_files(12), []);
        let findings = of_files(400);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].evidence[2].value.ends_with("is the newest in the namespace"), "{findings:#?}");
    }

    #[test]
    fn leases_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-12").gap(Sight::Of(Kind::Lease), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Lease was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
