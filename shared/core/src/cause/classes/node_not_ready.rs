//! The kubelet reports that its node is not ready, for a reason that has no class of its own.

use super::unready_nodes::{Complaint, causes};
use crate::cause::{Class, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "node-not-ready",
    page: PAGE,
    recognise: |view| causes(view, Complaint::Other, "says that it is not ready"),
    tells: Tells::That,
    ..Class::SILENT
};

const PAGE: &str = "\
The kubelet is alive, reports to the API server, and says that its node cannot run pods. No new
pods are placed there, and those that are there leave their Services and are evicted after five
minutes.

Looked at: the condition Ready of the node (False) and its message. A message about the container
runtime or the network plugin has a class of its own.

What to do: read the message; it is the kubelet's own reason:
  kubectl describe node NAME";
