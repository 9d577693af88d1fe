//! No address is left for pods.

use super::pod_sandboxes::{Failure, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "cni-ip-exhausted",
    page: PAGE,
    recognise: |view| causes(view, Failure::NoAddress),
    heard: Some(Heard::of(
        Stage::Sandbox,
        |it| {
            it.says(&[
                "no available ip",
                "no more ip",
                "no ip addresses available",
                "failed to assign an ip",
                "insufficientfreeaddresses",
                "ip address exhaust",
                "range is full",
                "out of ips",
                "out of ip addresses",
            ])
        },
        |_| "no address is left for pods".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The network plugin has no address left for new pods: the range of the node, the subnet, or the
interfaces of the machine are used up. Pods that run are not hurt; new ones wait for ever.

Looked at: FailedCreatePodSandBox events of pods that are still Pending on a node, and what they say.

What to do: count the pods on the node against its range, and remove what is left over (finished
pods keep no address, but a plugin that lost track of them may):
  kubectl get pods -A -o wide --field-selector spec.nodeName=NAME
  kubectl get node NAME -o jsonpath='{.spec.podCIDR}'
A larger subnet, more nodes or prefix delegation help for good.";
