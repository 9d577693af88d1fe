//! A container is restarted again and again, and nothing says how it ended.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage, Tells};
use crate::finding::Finding;

/// See the module.
pub const CLASS: Class = Class {
    id: "crash-unexplained",
    page: PAGE,
    recognise: |view| causes(view, Trouble::Unexplained, describe),
    tells: Tells::That,
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.is_about(&["Pod"]) && it.is(&["BackOff", "CrashLoopBackOff"]) && !it.says(&["pull"]),
        |_| "a container crashes, and nothing says how it ends".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title = format!(
        "container {} of {} is restarted again and again, and nothing says how it ended",
        case.container(),
        case.pods()
    );
    case.undo(case.finding(case.severity(), title).look(case.logs()))
}

const PAGE: &str = "\
A container is in a crash loop, and neither its last state nor an event says how it ended: the status was
read before the kubelet had filled it in, or events were not seen or are no longer kept.

Looked at: states and last ends of the pods' containers, restarts, and events; by a triage the last lines
of the container, where a line may say why.

What to do: look at the pod again, and read what it wrote before its last restart:
  kubectl logs NAME -n NAMESPACE --previous
  kubectl describe pod NAME -n NAMESPACE";
