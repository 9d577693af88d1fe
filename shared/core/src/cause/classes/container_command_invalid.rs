//! The command of a container cannot be executed.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "container-command-invalid",
    page: PAGE,
    recognise: |view| causes(view, Trouble::CommandInvalid, describe),
    heard: Some(Heard::of(
        Stage::Start,
        |it| {
            it.is(&["StartError"])
                || it.says(&[
                    "executable file not found",
                    "exec: \"",
                    ": no such file or directory: unknown",
                    "permission denied: unknown",
                ])
                || it.is(&["RunContainerError"]) && it.says(&["no such file", "not found", "permission denied", "exec"])
        },
        |_| "the command of a container cannot be executed".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title = format!("the command of container {} cannot be executed; {} cannot run", case.container(), case.pods());
    let finding = case.finding(Severity::Critical, title);
    let finding = match case.command_line() {
        Some(line) => finding.evidence(&case.pod(), format!("spec.containers[{}].command", case.container()), line),
        None => finding,
    };
    case.undo(finding.look(case.logs()))
}

const PAGE: &str = "\
The program that the container is told to run is not in the image, is not executable, or the shell that
was started does not find a command (exit 126 or 127, StartError, RunContainerError).

Looked at: states and last ends of the pods' containers, and the Failed events of the pods.

What to do: compare command and args of the pod template with what the image holds; a change of the
base image often moves programs or takes the shell away. If the revision before worked:
  kubectl sre rollback deployment/NAME -n NAMESPACE --dry-run

Not meant: a process that starts and is then refused a file ends with a code of its own.";
