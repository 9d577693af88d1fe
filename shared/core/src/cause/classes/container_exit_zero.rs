//! The process of a long-running workload ends without an error and is restarted for ever.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Tells};
use crate::finding::Finding;

/// See the module.
pub const CLASS: Class = Class {
    id: "container-exit-zero",
    page: PAGE,
    recognise: |view| causes(view, Trouble::ExitZero, describe),
    tells: Tells::That,
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title =
        format!("container {} of {} ends without an error and is restarted for ever", case.container(), case.pods());
    let finding = case.finding(case.severity(), title);
    let finding = match case.command_line() {
        Some(line) => finding.evidence(&case.pod(), format!("spec.containers[{}].command", case.container()), line),
        None => finding,
    };
    case.undo(finding.look(case.logs()))
}

const PAGE: &str = "\
The process of a container ends with code 0, and because the pod's restart policy is Always it is started
again, for ever. The process has done its work, or never began it: a script that starts something in the
background, a shell without a terminal, a tool that prints its usage.

Looked at: states and last ends of the pods' containers, restarts, and the restart policy.

What to do: give it a command that stays in the foreground; work that ends belongs into a Job:
  kubectl logs NAME -n NAMESPACE --previous";
