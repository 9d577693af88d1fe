//! A problem detector finds the container runtime or the kubelet of a node unhealthy.

use sre_core::cause::node_problem::{NodeProblem, condition_statement, node_problems};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-20",
    title: "a problem detector finds the runtime or the kubelet of a node unhealthy",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let runtimes = view.recognised("NOD-20", &["node-runtime-down"]).into_iter();
    runtimes.filter(|finding| !finding.part.is_empty()).chain(kubelets(view)).collect()
}

/// No cause class speaks of these: the node may be Ready, silent, or on its way from one to the other.
fn kubelets<'a>(view: &'a View<'_>) -> impl Iterator<Item = Finding> + 'a {
    let unhealthy = node_problems(view).filter(|(.., problem)| *problem == NodeProblem::Kubelet);
    unhealthy.map(|(node, condition, _)| {
        let trouble = format!("has an unhealthy kubelet or kube-proxy ({})", condition.type_);
        let statement = condition_statement(view, node, condition, &trouble).part(&condition.type_);
        Finding { check: "NOD-20", ..statement }
    })
}

const PAGE: &str = "\
A node problem detector on the machine has asked the container runtime, the kubelet or kube-proxy
for their health and got no good answer. It often sees this some minutes before the node says
NotReady itself; when the node already does so for its runtime, NOD-01 speaks instead.

Looked at: conditions of nodes such as ContainerRuntimeUnhealthy=True, KubeletUnhealthy=True,
KubeletProblem=True, ContainerRuntimeReady=False.

What to do: look at the service and its log on the machine; cordon the node while you do.

Harmless: a single restart; frequent restarts are another condition, which this check leaves alone.

See also: kubectl sre explain node-runtime-down";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_ready_node_with_an_unhealthy_runtime_is_named() {
        let findings = Scenario::captured("NOD-20").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Node/nodes-unhealthy");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("node-runtime-down")));
        assert_eq!(finding.part, "ContainerRuntimeUnhealthy");
        assert!(finding.evidence[1].value.contains("health check of containerd timed out"), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[0].command, "kubectl describe node nodes-unhealthy");
    }

    #[test]
    fn an_unhealthy_kubelet_is_named_too() {
        let kubelet = "KubeletUnhealthy";
        let other = Scenario::captured("NOD-20").set("Node", "nodes-unhealthy", "/status/conditions/1/type", kubelet);
        let findings = other.judge(&CHECK);
        assert_eq!((findings.len(), &*findings[0].part, findings[0].class), (1, kubelet, None));
    }

    #[test]
    fn a_healthy_runtime_is_not_meant() {
        let scenario = Scenario::captured("NOD-20");
        assert_eq!(scenario.set("Node", "nodes-unhealthy", "/status/conditions/1/status", "False").judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_says_the_same_itself_is_left_to_the_other_check() {
        let scenario = Scenario::captured("NOD-20")
            .set("Node", "nodes-unhealthy", "/status/conditions/0/status", "False")
            .set("Node", "nodes-unhealthy", "/status/conditions/0/message", "container runtime is down");
        assert_eq!(scenario.judge(&CHECK), []);
        assert_eq!(scenario.judge(&super::super::node_is_not_ready::CHECK).len(), 1);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-20").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
