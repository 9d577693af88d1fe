//! The network plugin of a node is not there.

use super::unready_nodes::{Complaint, causes};
use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class {
    id: "cni-plugin-failed",
    page: PAGE,
    recognise: |view| causes(view, Complaint::NetworkPlugin, "is not ready: its network plugin is not running"),
};

const PAGE: &str = "\
The container runtime answers, but it has no working network plugin (CNI), so that no pod on the
node can be given an address. The plugin's agent is usually a DaemonSet in kube-system; it may be
crashing, missing on this node, or not have written its configuration yet.

Looked at: the condition Ready of the node and its message (NetworkPluginNotReady).

What to do: look at the agent's pod on that node:
  kubectl get pods -n kube-system -o wide --field-selector spec.nodeName=NAME";
