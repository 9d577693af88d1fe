//! The cluster's DNS hangs on one pod.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Node, Service, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-70",
    title: "the cluster's DNS hangs on one pod",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[Sight::Of(Kind::Node), Sight::Of(Kind::Deployment)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Service>().iter().filter_map(|service| judge(service, view)).collect(),
};

const SYSTEM: &str = "kube-system";

/// What the DNS is called in the label that its makers give its Service.
const NAMES: [&str; 2] = ["kube-dns", "coredns"];

fn judge(service: &Service, view: &View<'_>) -> Option<Finding> {
    let metadata = &service.metadata;
    let named = metadata.label("k8s-app").is_some_and(|label| NAMES.contains(&label));
    let is_dns = metadata.namespace == SYSTEM && named && service.spec.ports.iter().any(|port| port.port == 53);
    if !is_dns {
        return None;
    }
    let nodes = view.all::<Node>().iter().filter(|node| takes_pods(node)).count();
    if nodes < 2 {
        return None;
    }
    let mut deployments = view.templates_behind(service).filter(|it| it.reference.kind == "Deployment");
    let workload = deployments.next().filter(|it| it.wanted == 1 && view.is_settled(it.metadata))?;
    if deployments.next().is_some() {
        return None;
    }
    let object = &workload.reference;
    let title = format!("cluster DNS is one pod of Deployment {}, though {nodes} nodes could take more", object.name);
    let finding = Finding::new("GAP-70", Severity::Info, object.clone(), title).risk();
    let finding = finding.evidence(object, "spec.replicas", "1").since(workload.metadata.creation_timestamp.at());
    let finding =
        finding.look(format!("kubectl get pods -n {SYSTEM} -l k8s-app={} -o wide", metadata.label("k8s-app")?));
    Some(finding.change(format!("kubectl sre scale deployment/{} --replicas 2 -n {SYSTEM} --dry-run", object.name)))
}

fn takes_pods(node: &Node) -> bool {
    let is_ready = condition_of(&node.status.conditions, "Ready").is_some_and(|it| it.status == "True");
    is_ready && !node.spec.unschedulable
}

const PAGE: &str = "\
The Deployment behind the cluster's DNS wants one pod, in a cluster of several nodes. When its node
goes, nothing resolves until the pod runs elsewhere; every update is a short outage of all names.

Looked at: Services of kube-system with the label k8s-app=kube-dns or coredns, replicas of their
Deployment, and how many nodes are ready. Several pods on one node are GAP-33.

What to do: run two or more, and spread them:
  kubectl sre scale deployment/coredns --replicas 2 -n kube-system --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-70").later(2)
    }

    #[test]
    fn one_pod_for_several_nodes_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/kube-system/coredns-alone");
        assert_eq!((finding.severity, finding.evidence[0].value.as_str()), (Severity::Info, "1"));
        assert!(finding.title.starts_with("cluster DNS is one pod of Deployment coredns-alone"), "{}", finding.title);
        assert_eq!(finding.remedies[0].command, "kubectl get pods -n kube-system -l k8s-app=coredns -o wide");
    }

    #[test]
    fn two_pods_are_enough() {
        assert_eq!(settled().set("Deployment", "coredns-alone", "/spec/replicas", 2).judge(&CHECK), []);
    }

    #[test]
    fn one_node_has_room_for_one() {
        let nodes = settled();
        let alone = nodes
            .names_of("Node", "")
            .into_iter()
            .skip(1)
            .fold(nodes, |scenario, node| scenario.set("Node", &node, "/spec/unschedulable", true));
        assert_eq!(alone.judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
