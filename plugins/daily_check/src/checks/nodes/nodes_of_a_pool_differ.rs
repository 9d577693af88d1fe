//! Nodes of one pool run different kernels, systems or runtimes.

use sre_core::cause::node_problem::is_leaving;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::node::NodeSystemInfo;
use sre_core::slim::{Kind, Node, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-21",
    title: "nodes of one pool run different kernels, systems or runtimes",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Labels by which clouds and installers name the pool of a node.
///
/// Karpenter's is not among them: it chooses an image for each node, and replaces those that are old by itself.
const POOLS: [&str; 8] = [
    "cloud.google.com/gke-nodepool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "kubernetes.azure.com/agentpool",
    "doks.digitalocean.com/node-pool",
    "lke.linode.com/pool-id",
    "k8s.scaleway.com/pool-name",
    "kops.k8s.io/instancegroup",
];

/// The nodes of a pool are replaced one after another.
const REPLACED_WITHIN_MINUTES: i64 = 24 * 60;

/// One thing that the nodes of a pool have in common.
type Trait = (&'static str, fn(&NodeSystemInfo) -> &str);

const TRAITS: [Trait; 3] = [
    ("kernelVersion", |info| &info.kernel_version),
    ("osImage", |info| &info.os_image),
    ("containerRuntimeVersion", |info| &info.container_runtime_version),
];

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut pools: BTreeMap<(&str, &str), Vec<&Node>> = BTreeMap::new();
    for node in view.all::<Node>().iter().filter(|node| !is_leaving(node)) {
        if let Some(pool) = POOLS.iter().find_map(|label| node.metadata.label(label)) {
            pools.entry((pool, &node.status.node_info.architecture)).or_default().push(node);
        }
    }
    pools.into_iter().filter_map(|((pool, architecture), nodes)| judge(pool, architecture, &nodes, view)).collect()
}

fn judge(pool: &str, architecture: &str, nodes: &[&Node], view: &View<'_>) -> Option<Finding> {
    let is_settled =
        |node: &&&Node| view.is_older_than_minutes(node.metadata.creation_timestamp.at(), REPLACED_WITHIN_MINUTES);
    if !nodes.iter().all(|node| is_settled(&node)) {
        return None;
    }
    let differing: Vec<(&str, BTreeMap<&str, Vec<&Node>>)> = TRAITS
        .iter()
        .map(|(field, of)| (*field, by_value(nodes, *of)))
        .filter(|(_, values)| values.len() > 1)
        .collect();
    let words: Vec<String> =
        differing.iter().map(|(field, values)| format!("{} values of {field}", values.len())).collect();
    let (_, values) = differing.first()?;
    let title = format!("the {} nodes of pool {pool} have {}", nodes.len(), words.join(", "));
    let finding = Finding::new("GAP-21", Severity::Info, ObjectRef::cluster("Node", "*"), title)
        .risk()
        .part(format!("{pool}/{architecture}"));
    let facts =
        differing.iter().flat_map(|(field, values)| values.iter().map(move |(value, nodes)| (field, value, nodes)));
    let finding = facts.fold(finding, |finding, (field, value, nodes)| {
        finding.evidence(&nodes[0].reference(), format!("status.nodeInfo.{field}"), *value)
    });
    let most = values.values().map(Vec::len).max()?;
    let minority = values.values().filter(|nodes| nodes.len() < most).flatten();
    let finding = minority.fold(finding, |finding, node| finding.shows_on(node.reference()));
    Some(finding.look("kubectl get nodes -o wide"))
}

/// Nodes by the value of one field; a node that does not say it is left out.
fn by_value<'a>(nodes: &[&'a Node], of: fn(&NodeSystemInfo) -> &str) -> BTreeMap<&'a str, Vec<&'a Node>> {
    let mut values: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        let value = of(&node.status.node_info);
        if !value.is_empty() {
            values.entry(value).or_default().push(node);
        }
    }
    values
}

const PAGE: &str = "\
The nodes of a pool are made from one template, and these are not alike any more: the kernel, the
system's image or the container runtime differs, and with it what fails where.

Looked at: kernelVersion, osImage and containerRuntimeVersion of the nodes that share a pool (by the
labels of clouds and installers) and an architecture. Not meant: pools that have a node of less than
a day, since they are being replaced or have grown; pools of Karpenter, which does so by itself;
nodes without a pool.

What to do: replace the nodes that were left behind:
  kubectl get nodes -o wide";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const ODD: &str = "fault-gap-21-odd";
    const DAY: i64 = 24 * 60;

    fn settled() -> Scenario {
        Scenario::captured("GAP-21").later(DAY)
    }

    #[test]
    fn the_pool_and_the_node_that_is_unlike_the_others_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Info, "workers/amd64"));
        assert_eq!(finding.title, "the 3 nodes of pool workers have 2 values of kernelVersion");
        assert_eq!((finding.shows_on.len(), finding.shows_on[0].name.as_str()), (1, ODD));
    }

    #[test]
    fn a_pool_that_is_being_replaced_is_not_meant() {
        assert_eq!(Scenario::captured("GAP-21").judge(&CHECK), []);
    }

    #[test]
    fn alike_nodes_and_nodes_of_another_pool_are_not_meant() {
        let kernel = "/status/nodeInfo/kernelVersion";
        assert_eq!(settled().set("Node", ODD, kernel, "6.1.0-18-amd64").judge(&CHECK), []);
        let pool = "/metadata/labels/eks.amazonaws.com~1nodegroup";
        assert_eq!(settled().set("Node", ODD, pool, "others").judge(&CHECK), []);
    }

    #[test]
    fn another_architecture_has_its_own_kernel() {
        assert_eq!(settled().set("Node", ODD, "/status/nodeInfo/architecture", "arm64").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
