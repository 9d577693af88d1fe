//! Groups of nodes that a provider makes alike, by the labels that it puts on them.

use crate::slim::Node;
use std::fmt;

/// Whoever makes the nodes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// A managed node group of Amazon EKS.
    Eks,
    /// A node group of Amazon EKS that eksctl made and keeps.
    Eksctl,
    /// A node pool of Google Kubernetes Engine.
    Gke,
    /// A node pool of Azure Kubernetes Service.
    Aks,
    /// Machines of Cluster API, where the cluster manages itself.
    ClusterApi,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 5] = [Self::Eks, Self::Eksctl, Self::Gke, Self::Aks, Self::ClusterApi];

    /// How it is called in commands and documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eks => "eks",
            Self::Eksctl => "eksctl",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::ClusterApi => "cluster-api",
        }
    }

    /// The label that holds the name of the group; none where nodes do not tell it.
    ///
    /// See <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>,
    /// <https://docs.cloud.google.com/kubernetes-engine/docs/concepts/node-pools>,
    /// <https://learn.microsoft.com/azure/aks/use-labels>.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Self::Eks => Some("eks.amazonaws.com/nodegroup"),
            Self::Eksctl => Some("alpha.eksctl.io/nodegroup-name"),
            Self::Gke => Some("cloud.google.com/gke-nodepool"),
            Self::Aks => Some("kubernetes.azure.com/agentpool"),
            Self::ClusterApi => None,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// The name of a node's group at a provider, if its labels tell it.
pub fn group_of(node: &Node, provider: Provider) -> Option<&str> {
    node.metadata.label(provider.label()?).filter(|name| !name.is_empty())
}

/// The providers whose labels name the group on some node, with the nodes; eksctl labels the managed groups that it made
/// as well.
pub fn providers_of<'a>(nodes: &'a [Node], group: &str) -> Vec<(Provider, Vec<&'a Node>)> {
    let of = |provider: Provider| {
        let members: Vec<&Node> = nodes.iter().filter(|node| group_of(node, provider) == Some(group)).collect();
        (!members.is_empty()).then_some((provider, members))
    };
    Provider::ALL.into_iter().filter_map(of).collect()
}

/// Every group that the labels of nodes name, once.
pub fn groups(nodes: &[Node]) -> Vec<(Provider, String)> {
    let each = |node| Provider::ALL.into_iter().filter_map(move |it| Some((it, group_of(node, it)?.to_owned())));
    let all: std::collections::BTreeSet<(Provider, String)> = nodes.iter().flat_map(each).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, labels: serde_json::Value) -> Node {
        serde_json::from_value(json!({"metadata": {"name": name, "labels": labels}})).expect("a node")
    }

    #[test]
    fn groups_are_named_by_labels() {
        let nodes = [
            node("a", json!({"eks.amazonaws.com/nodegroup": "main", "alpha.eksctl.io/nodegroup-name": "main"})),
            node("b", json!({"cloud.google.com/gke-nodepool": "pool-1"})),
            node("c", json!({"kubernetes.azure.com/agentpool": "main"})),
            node("d", json!({"eks.amazonaws.com/nodegroup": ""})),
        ];
        let found: Vec<String> =
            providers_of(&nodes, "main").iter().map(|(it, all)| format!("{it} {}", all.len())).collect();
        assert_eq!(found, ["eks 1", "eksctl 1", "aks 1"]);
        let all: Vec<String> = groups(&nodes).iter().map(|(provider, name)| format!("{provider}/{name}")).collect();
        assert_eq!(all, ["eks/main", "eksctl/main", "gke/pool-1", "aks/main"]);
    }
}
