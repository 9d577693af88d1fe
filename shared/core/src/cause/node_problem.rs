//! What conditions of nodes mean: those of the kubelet, and those that problem detectors add.

use crate::finding::{Finding, Severity};
use crate::slim::condition::NodeCondition;
use crate::slim::{ConditionFacts, Kind, Node, Object, condition_of};
use crate::view::{View, is_ready};

/// What a problem detector's condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeProblem {
    /// The kernel hangs, or hardware reports errors.
    Kernel,
    /// A filesystem is read-only or damaged.
    Filesystem,
    /// The container runtime is unhealthy.
    Runtime,
    /// The kubelet or kube-proxy is unhealthy.
    Kubelet,
}

/// The conditions of the known detectors: node-problem-detector, and those that clouds ship with their nodes.
const KNOWN: [(&str, NodeProblem); 20] = [
    ("KernelDeadlock", NodeProblem::Kernel),
    ("KernelReady", NodeProblem::Kernel),
    ("KernelOops", NodeProblem::Kernel),
    ("CperHardwareErrorFatal", NodeProblem::Kernel),
    ("HardwareError", NodeProblem::Kernel),
    ("AcceleratedHardwareReady", NodeProblem::Kernel),
    ("ReadonlyFilesystem", NodeProblem::Filesystem),
    ("FilesystemCorruptionProblem", NodeProblem::Filesystem),
    ("CorruptDockerOverlay2", NodeProblem::Filesystem),
    ("XfsShutdown", NodeProblem::Filesystem),
    ("Ext4Error", NodeProblem::Filesystem),
    ("StorageReady", NodeProblem::Filesystem),
    ("ContainerRuntimeUnhealthy", NodeProblem::Runtime),
    ("ContainerRuntimeProblem", NodeProblem::Runtime),
    ("ContainerRuntimeReady", NodeProblem::Runtime),
    ("DockerHung", NodeProblem::Runtime),
    ("KubeletUnhealthy", NodeProblem::Kubelet),
    ("KubeletProblem", NodeProblem::Kubelet),
    ("KubeProxyUnhealthy", NodeProblem::Kubelet),
    ("KubeletReady", NodeProblem::Kubelet),
];

/// Taints of a node that is being taken away on purpose.
const LEAVING: [&str; 4] = [
    "ToBeDeletedByClusterAutoscaler",
    "karpenter.sh/disrupted",
    "karpenter.sh/disruption",
    "node.cloudprovider.kubernetes.io/shutdown",
];

impl NodeProblem {
    /// Reads the type of a condition; none for those of the kubelet, for mere frequencies and for unknown words, by
    /// which clouds report much that is no trouble of the node.
    pub fn of(condition: &str) -> Option<Self> {
        KNOWN.iter().find(|(known, _)| *known == condition).map(|(_, problem)| *problem)
    }
}

/// The conditions of all nodes that report a problem, with the nodes.
pub fn node_problems<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a Node, &'a NodeCondition, NodeProblem)> {
    view.all::<Node>().iter().flat_map(|node| {
        let bad = node.status.conditions.iter().filter(|condition| is_bad(condition));
        bad.filter_map(move |condition| Some((node, condition, NodeProblem::of(&condition.type_)?)))
    })
}

/// Detectors report trouble as `True`, but some name the good state (`StorageReady`).
fn is_bad(condition: &NodeCondition) -> bool {
    let names_the_good = condition.type_.ends_with("Ready") || condition.type_.ends_with("Healthy");
    condition.status == if names_the_good { "False" } else { "True" }
}

/// The node's own word on whether it is ready, when it has one.
pub fn readiness(node: &Node) -> Option<&NodeCondition> {
    condition_of(&node.status.conditions, "Ready")
}

/// Makes a statement about a node that rests on one of its conditions: `node NAME TROUBLE; 12 pods are on it`.
///
/// It is critical, but a warning for a node that is being taken away on purpose.
pub fn condition_statement(view: &View<'_>, node: &Node, condition: &NodeCondition, trouble: &str) -> Finding {
    let name = &node.metadata.name;
    let severity = if is_leaving(node) { Severity::Warning } else { Severity::Critical };
    let field = |field: &str| format!("status.conditions[{}].{field}", condition.type_);
    let title = format!("node {name} {trouble}{}", burden(view, name));
    let hurt = view.pods_on(name).iter().filter(|pod| !is_ready(pod));
    let statement = Finding::new("", severity, node.reference(), title)
        .evidence(&node.reference(), field("status"), &condition.status)
        .evidence(&node.reference(), field("message"), format!("{}: {}", condition.reason, condition.message))
        .since(condition.since())
        .look(format!("kubectl describe node {name}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={name}"))
        .change(format!("kubectl sre change cordon {name} --dry-run"));
    hurt.fold(statement, |statement, pod| statement.shows_on(pod.reference()))
}

/// Whether a node is on its way out: deleted, shutting down, or marked so by an autoscaler.
pub fn is_leaving(node: &Node) -> bool {
    let said = readiness(node).is_some_and(|ready| ready.message.contains("node is shutting down"));
    let marked = node.spec.taints.iter().any(|taint| LEAVING.contains(&taint.key.as_str()));
    node.metadata.deletion_timestamp.is_some() || marked || said
}

/// Whether a node is made by a program that answers for a kubelet, as virtual-kubelet does.
pub fn is_virtual(node: &Node) -> bool {
    node.metadata.label("type") == Some("virtual-kubelet") || node.status.node_info.kubelet_version.contains("-vk-")
}

fn burden(view: &View<'_>, node: &str) -> String {
    match view.pods_on(node).len() {
        0 if !view.knows(Kind::Pod, "") => String::new(),
        0 => "; no pods are on it".to_owned(),
        1 => "; 1 pod is on it".to_owned(),
        count => format!("; {count} pods are on it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_several_detectors_fall_into_their_families() {
        let families = [
            ("KernelDeadlock", Some(NodeProblem::Kernel)),
            ("CperHardwareErrorFatal", Some(NodeProblem::Kernel)),
            ("KernelReady", Some(NodeProblem::Kernel)),
            ("ReadonlyFilesystem", Some(NodeProblem::Filesystem)),
            ("CorruptDockerOverlay2", Some(NodeProblem::Filesystem)),
            ("XfsShutdown", Some(NodeProblem::Filesystem)),
            ("StorageReady", Some(NodeProblem::Filesystem)),
            ("ContainerRuntimeUnhealthy", Some(NodeProblem::Runtime)),
            ("KubeletProblem", Some(NodeProblem::Kubelet)),
            ("FrequentKubeletRestart", None),
            ("DiskPressure", None),
            ("Ready", None),
            ("NTPProblem", None),
            ("DeprecatedAuthsFieldInContainerdConfiguration", None),
        ];
        for (condition, family) in families {
            assert_eq!(NodeProblem::of(condition), family, "{condition}");
        }
    }

    #[test]
    fn a_condition_that_names_the_good_state_is_bad_when_false() {
        let condition =
            |type_: &str, status: &str| NodeCondition { type_: type_.into(), status: status.into(), ..<_>::default() };
        assert!(is_bad(&condition("StorageReady", "False")) && !is_bad(&condition("StorageReady", "True")));
        assert!(is_bad(&condition("KernelDeadlock", "True")) && !is_bad(&condition("KernelDeadlock", "Unknown")));
    }
}
