//! A program that talks to a cluster finds no kubeconfig, or none that it can use.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "kubeconfig-missing", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id)
}

const PAGE: &str = "\
A program wants a kubeconfig and does not find it, or it names nothing. In a cluster it should use its
ServiceAccount instead: its token is mounted unless automountServiceAccountToken is false.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"kubeconfig ... no such file\", \"no configuration has been provided\", ...).

What to do: let it use its ServiceAccount, or mount the file from a Secret and say where it is:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.serviceAccountName} {.spec.automountServiceAccountToken}'
  kubectl sre change set-env TYPE/NAME KUBECONFIG=/path -n NAMESPACE --dry-run";
