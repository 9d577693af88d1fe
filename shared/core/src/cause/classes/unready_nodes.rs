//! What kubelets say when their node is not ready: the ground that its classes share.

use crate::cause::node_problem::{condition_statement, readiness};
use crate::finding::Finding;
use crate::slim::Node;
use crate::view::View;

/// Why a node is not ready, as far as its kubelet says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// The container runtime does not answer.
    Runtime,
    /// The network plugin is not there.
    NetworkPlugin,
    /// Anything else.
    Other,
}

/// Reads the family of a message.
///
/// A runtime that answers and says that its network is not ready is up: that is the network plugin's trouble,
/// unless another part of the same message says that the runtime is down.
pub(super) fn complaint(message: &str) -> Complaint {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&[
        "runtime is down",
        "runtime is not ready",
        "runtime not ready: runtimeready=false",
        "pleg is not healthy",
        "pleg was last seen",
        "containerd.sock",
        "crio.sock",
        "dockerd.sock",
        "docker.sock",
        "connect to the docker daemon",
        "failed to get runtime status",
        "unknown service runtime",
    ]) {
        Complaint::Runtime
    } else if says(&["networkpluginnotready", "network plugin", "network not ready", "networkready=false", "cni "]) {
        Complaint::NetworkPlugin
    } else {
        Complaint::Other
    }
}

/// How long the network plugin and the like may take to come up on a node that has just joined.
const JOINING_MINUTES: i64 = 5;

/// The nodes whose kubelets report that they are not ready, for one family of reasons.
pub(super) fn causes(view: &View<'_>, family: Complaint, trouble: &str) -> Vec<Finding> {
    let unready = view.all::<Node>().iter().filter_map(|node| Some((node, readiness(node)?)));
    let unready = unready.filter(|(_, ready)| ready.status == "False" && complaint(&ready.message) == family);
    let unready = unready.filter(|(node, _)| family == Complaint::Runtime || !is_joining(view, node));
    unready.map(|(node, ready)| condition_statement(view, node, ready, trouble).symptom()).collect()
}

fn is_joining(view: &View<'_>, node: &Node) -> bool {
    let joined = node.metadata.creation_timestamp.at();
    joined.is_some() && !view.is_older_than_minutes(joined, JOINING_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_runtimes_fall_into_their_families() {
        let families = [
            ("PLEG is not healthy: pleg was last seen active 4m3s ago; threshold is 3m0s", Complaint::Runtime),
            ("[container runtime is down, container runtime not ready]", Complaint::Runtime),
            (
                "rpc error: code = Unavailable desc = connection error: dial unix /run/containerd/containerd.sock: \
                 connect: connection refused",
                Complaint::Runtime,
            ),
            ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock", Complaint::Runtime),
            (
                "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network \
                 plugin returns error: cni plugin not initialized",
                Complaint::NetworkPlugin,
            ),
            ("runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady", Complaint::NetworkPlugin),
            ("node is shutting down", Complaint::Other),
            ("CSINode is not yet initialized", Complaint::Other),
        ];
        for (message, family) in families {
            assert_eq!(complaint(message), family, "{message}");
        }
    }
}
