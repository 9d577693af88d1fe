//! The container runtime of a node does not answer.

use super::unready_nodes::{Complaint, causes};
use crate::cause::node_problem::{NodeProblem, condition_statement, node_problems, readiness};
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "node-runtime-down",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.says(&[
                "container runtime is down",
                "runtime is down",
                "containerd.sock",
                "crio.sock",
                "dockershim.sock",
                "failed to get runtime status",
                "container runtime status check",
            ])
        },
        |_| "the container runtime of the node does not answer".to_owned(),
    )),
    brings: &["container-runtime-error"],
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let mut found = causes(view, Complaint::Runtime, "is not ready: its container runtime does not answer");
    found.extend(detected(view));
    found
}

/// What a problem detector saw while the kubelet has not complained yet.
fn detected(view: &View<'_>) -> impl Iterator<Item = Finding> {
    let runtime = node_problems(view).filter(|(.., problem)| *problem == NodeProblem::Runtime);
    let early = runtime.filter(|(node, ..)| readiness(node).is_none_or(|ready| ready.status == "True"));
    early.map(|(node, condition, _)| {
        let trouble = "still says that it is ready, but its container runtime is unhealthy";
        condition_statement(view, node, condition, trouble).part(&condition.type_)
    })
}

const PAGE: &str = "\
The kubelet reaches no container runtime (containerd, CRI-O, Docker), or the runtime does not tell
it about its pods any more (PLEG). Running containers often go on, but nothing on the node can be
started, stopped or probed.

Looked at: the condition Ready of the node and its message; conditions of a node problem detector
about the runtime, when there is one.

What to do: on the machine, look at the runtime's service and its log; a full disk and a hanging
kernel are frequent reasons. Move the pods away when it does not come back:
  kubectl sre change drain NAME --dry-run";
