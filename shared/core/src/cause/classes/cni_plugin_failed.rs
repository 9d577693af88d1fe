//! The network plugin of a node is not there, or cannot set up pods.

use super::pod_sandboxes::{self, Failure};
use super::unready_nodes::{self, Complaint};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "cni-plugin-failed",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Sandbox,
        |it| {
            it.is(&["NetworkNotReady"])
                || it.is(&["FailedCreatePodSandBox", "FailedKillPod"]) && it.says(&["network", "cni"])
                || it.says(&["cni plugin not initialized", "cni config uninitialized"])
        },
        |_| "the network plugin cannot set up the pod".to_owned(),
    )),
    ..Class::SILENT
};

/// A node that itself says so comes first: its pods' sandboxes fail for no other reason.
fn recognise(view: &View<'_>) -> Vec<Finding> {
    let mut nodes =
        unready_nodes::causes(view, Complaint::NetworkPlugin, "is not ready: its network plugin is not running");
    let sandboxes = pod_sandboxes::causes(view, Failure::Plugin).into_iter();
    let unsaid = sandboxes.filter(|finding| nodes.iter().all(|node| node.object != finding.object));
    let unsaid: Vec<Finding> = unsaid.map(|finding| finding.part("sandbox")).collect();
    nodes.extend(unsaid);
    nodes
}

const PAGE: &str = "\
Pods get no network: the container runtime has no working network plugin (CNI), or the plugin fails
when it is asked to set up a pod. Its agent is usually a DaemonSet in kube-system; it may be
crashing, missing on this node, not allowed to ask the API server, or not have written its
configuration yet; or a network attachment that the pod asks for does not exist.

Looked at: the condition Ready of the node and its message (NetworkPluginNotReady);
FailedCreatePodSandBox events of pods that are still Pending. Where the agent on the node is not
ready, it is named as what is at fault.

What to do: look at the agent's pod on that node:
  kubectl get pods -n kube-system -o wide --field-selector spec.nodeName=NAME";
