//! Capacity is short, and the autoscaler cannot add a node.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "autoscaler-cannot-add-node",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| {
            it.is(&[
                "FailedToScaleUpGroup",
                "ScaleUpFailed",
                "FailedScaleUp",
                "ScaleUpTimedOut",
                "FailedToCreateNodeGroup",
            ]) || it.is(&["NotTriggerScaleUp"]) && it.says(&["max", "limit", "quota", "backoff", "no expansion"])
                || it.says(&[
                    "max node group size reached",
                    "insufficientinstancecapacity",
                    "insufficient capacity",
                    "out of stock",
                    "zone_resource_pool_exhausted",
                    "quota exceeded for instances",
                    "vcpulimitexceeded",
                    "instancelimitexceeded",
                ])
                || it.is_about(&["NodeClaim", "Machine", "MachineDeployment"])
                    && it.says(&["not found", "failed", "never", "timeout", "not registered", "nodenotfound", "launch"])
        },
        |_| "the autoscaler cannot add a node that is needed".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
Pods wait for room, and the autoscaler of the cluster cannot make any: its group is at its maximum, the
cloud has no quota or no capacity, refuses the call, or the new machine never joins the cluster.

Looked at: events of the Cluster Autoscaler and of Karpenter, the conditions of NodeClaims and Machines.

What to do: raise the maximum of the group, ask for quota, or let another type of machine be used:
  kubectl describe configmap cluster-autoscaler-status -n kube-system";
