//! An init container runs without end.

use super::containers::{Case, Trouble, causes};
use crate::cause::Class;
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "init-container-waiting",
    page: PAGE,
    recognise: |view| causes(view, Trouble::InitWaiting, describe),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let (name, pods) = (case.container(), case.pods());
    let title = match case.missing_host() {
        Some(host) => {
            format!("init container {name} waits for {host}, and there is no such Service; {pods} cannot start")
        }
        None => format!("init container {name} runs on and on; {pods} cannot start"),
    };
    let severity = if case.missing_host().is_some() { Severity::Critical } else { Severity::Warning };
    let finding = case.finding(severity, title);
    let finding = finding.evidence(&case.pod(), case.path("state.running.startedAt"), case.running_since());
    let finding = match case.command_line() {
        Some(line) => finding.evidence(&case.pod(), format!("spec.initContainers[{name}].command"), line),
        None => finding,
    };
    finding.look(case.logs()).look(format!("kubectl get services -n {}", case.namespace()))
}

const PAGE: &str = "\
An init container has been running for longer than a start should take, and holds the pod back. Where
its command names a host for which there is no Service, that is what it waits for; this is told after
five minutes. Without such a host it is told after fifteen, as a warning.

Looked at: the running init containers of pending pods, their commands, and the Services.

What to do: see what it writes, and create the Service or take the waiting step out:
  kubectl logs NAME -n NAMESPACE -c INIT-CONTAINER

Harmless: migrations and downloads that are known to take long.";
