//! All containers of a pod are ready, and a readiness gate is not met.

use crate::cause::Class;
use crate::finding::Finding;
use crate::slim::{Object, Pod, condition_of};
use crate::view::{Group, View, unready_since};

/// See the module.
pub const CLASS: Class = Class { id: "readiness-gate-not-met", page: PAGE, residual: Some(run), ..Class::SILENT };

fn run(view: &View<'_>) -> Vec<Finding> {
    let held = view.all::<Pod>().iter().filter(|pod| is_held(pod, view));
    let gates = held.flat_map(|pod| unmet(pod).map(move |gate| (pod, gate.to_owned())));
    view.grouped(gates).iter().map(|group| statement(group, view)).collect()
}

/// The kubelet's own word for a pod that lacks nothing but its gates.
fn is_held(pod: &Pod, view: &View<'_>) -> bool {
    let ready = condition_of(&pod.status.conditions, "Ready");
    let is_gated = ready.is_some_and(|it| it.status == "False" && it.reason == "ReadinessGatesNotReady");
    is_gated && view.is_overdue(pod) && !view.is_going(&pod.metadata) && !view.is_explained(pod)
}

fn unmet(pod: &Pod) -> impl Iterator<Item = &str> {
    let gates = pod.spec.readiness_gates.iter().map(|gate| gate.condition_type.as_str());
    gates.filter(|gate| condition_of(&pod.status.conditions, gate).is_none_or(|it| it.status != "True"))
}

fn statement(group: &Group<'_>, view: &View<'_>) -> Finding {
    let (pod, gate) = (group.first(), &group.part);
    let said = condition_of(&pod.status.conditions, gate)
        .map_or("not set".to_owned(), |it| format!("{} {}", it.status, it.message).trim().to_owned());
    let title = format!("readiness gate {gate} is not met: {} not ready though all containers are", group.are());
    let finding = Finding::new("", view.loss(group), group.owner.clone(), title)
        .part(gate)
        .evidence(&pod.reference(), format!("status.conditions[{gate}].status"), said)
        .evidence(&pod.reference(), "status.conditions[Ready].reason", "ReadinessGatesNotReady")
        .since(group.pods.iter().filter_map(|pod| unready_since(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()));
    group.show(finding)
}

const PAGE: &str = "\
A pod may name conditions that must hold before it counts as ready (spec.readinessGates): a load
balancer's controller sets them once it sends traffic to the pod. All containers are ready, and for
five minutes, or ten when the pod was never ready, such a condition has not been True, so that no
Service sends to the pod.

It is critical when no pod of the workload is ready.

Looked at: the condition Ready of the pods (ReadinessGatesNotReady), and the conditions that the gates
name. Not meant: pods with another trouble, pods of a node that is not ready.

What to do: find the controller by the name of the condition, see whether it runs, and what it says of
the pod:
  kubectl describe pod NAME -n NAMESPACE";
