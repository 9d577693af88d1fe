//! A process finds its port taken by another process of its pod.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "port-in-use", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id)
}

const PAGE: &str = "\
A process cannot listen: another process of its pod, or of its node where the pod uses the node's network,
has the port. Often two containers have the same port, or one starts its server twice.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers that fail (\"address already in use\").

What to do: see which container has the port, and give one of them another; with hostNetwork look at what
else is on the node:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.containers[*].ports}'
  kubectl sre change set-env TYPE/NAME PORT_SETTING=8090 -n NAMESPACE --dry-run";
