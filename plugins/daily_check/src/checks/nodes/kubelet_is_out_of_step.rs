//! A kubelet is newer than the API server, or too old for it.

use crate::checks::versions::Minor;
use sre_core::cause::node_problem::is_virtual;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Node, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-19",
    title: "a kubelet is newer than the API server, or too old for it",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// The oldest kubelet that an API server supports is so many minors behind it.
const OLDEST: i64 = 3;

/// One finding for all nodes of a minor: they were upgraded together, or forgotten together.
fn run(view: &View<'_>) -> Vec<Finding> {
    let Some(written) = view.snapshot.origin.server_version.as_deref() else { return Vec::new() };
    let Some(server) = Minor::of(written) else { return Vec::new() };
    let mut by_minor: BTreeMap<Minor, Vec<&Node>> = BTreeMap::new();
    for node in view.all::<Node>().iter().filter(|node| !is_virtual(node)) {
        if let Some(minor) = Minor::of(&node.status.node_info.kubelet_version) {
            by_minor.entry(minor).or_default().push(node);
        }
    }
    let judged = by_minor.into_iter().filter_map(|(minor, nodes)| judge(written, server, minor, &nodes));
    judged.collect()
}

fn judge(written: &str, server: Minor, minor: Minor, nodes: &[&Node]) -> Option<Finding> {
    let trouble = match server.ahead_of(minor)? {
        behind if behind > OLDEST => format!("are {behind} minors older than the API server"),
        ahead if ahead < 0 => "are newer than the API server".to_owned(),
        _ => return None,
    };
    let count = nodes.len();
    let plural = if count == 1 { "" } else { "s" };
    let title = format!("kubelets {minor} of {count} node{plural} {trouble} ({written})");
    let finding = Finding::new("GAP-19", Severity::Warning, ObjectRef::cluster("Node", "*"), title)
        .risk()
        .part(minor.to_string())
        .evidence(&ObjectRef::cluster("Cluster", "kube-apiserver"), "gitVersion", written)
        .look("kubectl get nodes -o wide")
        .look("kubectl version");
    let finding = nodes.iter().take(3).fold(finding, |finding, node| {
        finding.evidence(&node.reference(), "status.nodeInfo.kubeletVersion", &*node.status.node_info.kubelet_version)
    });
    Some(nodes.iter().fold(finding, |finding, node| finding.shows_on(node.reference())))
}

const PAGE: &str = "\
A kubelet must not be newer than the API server, and may be at most three minors older. Outside of
that range fields are dropped and APIs are missing in ways that look like other faults; the next
upgrade of the control plane makes it worse.

Looked at: status.nodeInfo.kubeletVersion of every node, and the version of the API server. Objects
from files say no version of a server, and are not judged. Virtual kubelets have versions of their
own, and are not meant.

What to do: upgrade the control plane first, then the nodes, one minor at a time:
  kubectl get nodes -o wide";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn by(server: &str) -> Vec<(String, String)> {
        let findings = Scenario::captured("GAP-19").served_by(server).judge(&CHECK);
        findings.into_iter().map(|it| (it.part, it.title)).collect()
    }

    #[test]
    fn nodes_that_are_ahead_and_nodes_that_are_behind_are_told_apart() {
        let found = by("v1.36.4");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].1, "kubelets 1.29 of 1 node are 7 minors older than the API server (v1.36.4)");
        assert_eq!(found[1].1, "kubelets 1.99 of 1 node are newer than the API server (v1.36.4)");
        let findings = Scenario::captured("GAP-19").served_by("v1.36.4").judge(&CHECK);
        assert_eq!(findings[0].shows_on[0].to_string(), "Node/fault-gap-19-old");
        assert_eq!((findings[0].severity, findings[0].object.to_string().as_str()), (Severity::Warning, "Node/*"));
    }

    #[test]
    fn three_minors_behind_are_supported() {
        assert_eq!(by("v1.32.9").len(), 1);
        assert_eq!(by("v1.33.9").len(), 2);
    }

    #[test]
    fn nodes_in_step_and_virtual_ones_are_not_meant() {
        let version = "/status/nodeInfo/kubeletVersion";
        let in_step = |old: &str, new: &str| {
            let old = Scenario::captured("GAP-19").set("Node", "fault-gap-19-old", version, old);
            old.set("Node", "fault-gap-19-new", version, new).served_by("v1.36.4").judge(&CHECK)
        };
        assert_eq!(in_step("v1.33.0", "v1.36.9"), []);
        assert_eq!(in_step("v1.25.0-vk-azure-aci-1.6.2", "v1.36.4-eks-1"), []);
    }

    #[test]
    fn without_the_version_of_a_server_nothing_is_said() {
        assert_eq!(Scenario::captured("GAP-19").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-19").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
