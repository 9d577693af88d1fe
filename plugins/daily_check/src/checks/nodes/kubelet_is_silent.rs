//! A node's kubelet has stopped reporting.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-02",
    title: "a node's kubelet has stopped reporting",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Lease)],
    page: PAGE,
    run: |view| view.recognised("NOD-02", &["node-kubelet-silent"]),
};

const PAGE: &str = "\
The condition Ready of the node is Unknown: nobody has heard from its kubelet for longer than the
grace period (40 to 50 seconds). The machine may be off, hanging, or cut off; nobody knows whether
its containers run. Everything that pods of the node show is folded under this.

Looked at: the condition, its last heartbeat, the node's Lease in kube-node-lease.

What to do: see whether the machine lives, by the cloud's console or another way. Do not force the
deletion of StatefulSet pods before it is certain that the machine is off: the same volume could be
written by two.

See also: kubectl sre explain node-kubelet-silent";

#[cfg(test)]
mod tests {
    use super::super::kernel_or_hardware_is_faulty;
    use super::*;
    use serde_json::json;
    use sre_core::cause::fold;
    use sre_core::finding::{Finding, Severity};
    use sre_core::object::ObjectRef;
    use sre_core::snapshot::GapReason;
    use sre_core::view::View;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_is_named_with_its_last_heartbeat_and_its_pods() {
        let findings = Scenario::captured("NOD-02").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Node/nodes-silent");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("node-kubelet-silent")));
        assert!(finding.title.contains("reports nothing any more (last at 2"), "{}", finding.title);
        assert!(finding.title.ends_with("2 pods are on it"), "{}", finding.title);
        assert_eq!(finding.evidence[0].value, "Unknown");
        assert_eq!(finding.remedies[0].command, "kubectl describe node nodes-silent");
    }

    #[test]
    fn a_node_that_says_ready_is_not_meant() {
        let ready = Scenario::captured("NOD-02").set("Node", "nodes-silent", "/status/conditions/0/status", "True");
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_no_kubelet_ever_reported_on_is_told_apart() {
        let reason = "NodeStatusNeverUpdated";
        let never = Scenario::captured("NOD-02").set("Node", "nodes-silent", "/status/conditions/0/reason", reason);
        assert!(never.judge(&CHECK)[0].title.contains("has never been reported on by a kubelet"));
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-02").gap(Sight::Of(Kind::Node), GapReason::TimedOut).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (timed out)"), "{}", findings[0].title);
    }

    #[test]
    fn what_its_pods_show_is_folded_under_the_node() {
        let scenario = Scenario::captured("NOD-02");
        let pod = ObjectRef::namespaced("Pod", "fault-nod-02", "web-0");
        let owner = ObjectRef::namespaced("StatefulSet", "fault-nod-02", "web");
        let unready = Finding::new("POD-61", Severity::Critical, owner, "not ready").symptom().shows_on(pod);
        let snapshot = scenario.snapshot();
        let judged = fold([scenario.judge(&CHECK), vec![unready]].concat(), &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[1].finding.check), ("NOD-02", "POD-61"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_kernel_fault_of_the_same_node_explains_the_silence() {
        let deadlock = json!({ "type": "KernelDeadlock", "status": "True", "reason": "DockerHung", "message": "hung" });
        let scenario = Scenario::captured("NOD-02").set("Node", "nodes-silent", "/status/conditions/1", deadlock);
        let findings = [scenario.judge(&CHECK), scenario.judge(&kernel_or_hardware_is_faulty::CHECK)].concat();
        let snapshot = scenario.snapshot();
        let judged = fold(findings, &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[0].explains.len()), ("NOD-17", 1));
    }
}
