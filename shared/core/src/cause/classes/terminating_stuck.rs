//! A deletion does not end.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Node, Object, Pod};
use crate::view::View;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class {
    id: "terminating-stuck",
    page: PAGE,
    recognise: run,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.is(&["ExceededGracePeriod", "FailedKillPod"])
                || it.says(&[
                    "did not exit within",
                    "failed to stop container",
                    "error killing pod",
                    "stuck terminating",
                    "failed to kill",
                ])
        },
        |_| "the deletion does not end".to_owned(),
    )),
    ..Class::SILENT
};

/// A kubelet needs some time of its own to take a pod apart.
const LEAST: SignedDuration = SignedDuration::from_mins(1);

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut nodes: BTreeMap<&str, Vec<&Pod>> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| is_stuck(pod, view)) {
        nodes.entry(&pod.node_name).or_default().push(pod);
    }
    nodes.iter().map(|(node, pods)| statement(node, pods, view)).collect()
}

/// The deletion time that a pod carries lies its grace period behind the request.
fn is_stuck(pod: &Pod, view: &View<'_>) -> bool {
    let grace = SignedDuration::from_secs(pod.metadata.deletion_grace_period_seconds.unwrap_or(30)).max(LEAST);
    let is_late = due(pod).is_some_and(|due| view.age(due) >= grace);
    let is_placed = !pod.node_name.is_empty() && !view.has_unready_node(pod);
    is_late && is_placed && pod.metadata.finalizers.is_empty() && !view.is_going_namespace(&pod.metadata.namespace)
}

fn due(pod: &Pod) -> Option<Timestamp> {
    pod.metadata.deletion_timestamp.and_then(|time| time.at())
}

fn statement(node: &str, pods: &[&Pod], view: &View<'_>) -> Finding {
    let pod = pods[0];
    let object = ObjectRef::cluster("Node", node);
    let is_gone = view.get::<Node>("", node).is_none();
    let why = if is_gone { "which does not exist any more" } else { "though it is ready" };
    let count = if pods.len() == 1 { "1 pod does".to_owned() } else { format!("{} pods do", pods.len()) };
    let title = format!("{count} not go from node {node}, {why}");
    let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(30);
    let namespace = &pod.metadata.namespace;
    let finding = Finding::new("", Severity::Warning, object, title)
        .evidence(
            &pod.reference(),
            "metadata.deletionTimestamp",
            due(pod).map_or_else(String::new, |at| at.to_string()),
        )
        .evidence(&pod.reference(), "metadata.deletionGracePeriodSeconds", grace.to_string())
        .since(pods.iter().filter_map(|pod| due(pod)).min())
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"))
        .change(format!("kubectl delete pod {} -n {namespace} --force --dry-run=server", pod.metadata.name));
    let finding = pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    match pods.iter().find(|pod| view.owner_of(pod).kind == "StatefulSet") {
        Some(pod) => finding.evidence(&pod.reference(), "metadata.ownerReferences", "StatefulSet: force is not safe"),
        None => finding,
    }
}

const PAGE: &str = "\
A pod that is deleted gets its grace period to stop. These have had it twice, and a minute at least,
and their kubelet does not report that they are gone: a process that cannot be killed, a volume that
cannot be unmounted, or a node that does not exist any more. Replacements of StatefulSets, and volumes
that one pod may use at a time, wait for them.

One finding stands for all pods of a node. Not meant: pods of a node that is not ready, which is told
of the node; pods that a finalizer holds (POD-26); namespaces that are being deleted (GAP-23).

Looked at: deletionTimestamp and grace period of the pods, and the nodes.

What to do: see what the kubelet says; delete by force only when the process is known to be dead. The
pods of a StatefulSet must not run twice: two of them may write the same data.
  kubectl describe pod NAME -n NAMESPACE
  kubectl delete pod NAME -n NAMESPACE --force --dry-run=server";
