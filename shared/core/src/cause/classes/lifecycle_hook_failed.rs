//! A postStart or preStop hook fails.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "lifecycle-hook-failed",
    page: PAGE,
    recognise: |view| causes(view, Trouble::HookFailed, describe),
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.is(&["FailedPostStartHook", "FailedPreStopHook", "PostStartHookError"])
                || it.says(&["poststarthook", "prestop hook", "poststart hook"])
        },
        |_| "a lifecycle hook of a container fails".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let stopping = case.telling_event().is_some_and(|event| event.reason == "FailedPreStopHook");
    let (severity, title) = if stopping {
        (
            Severity::Warning,
            format!("the preStop hook of container {} fails; {} cannot stop cleanly", case.container(), case.pods()),
        )
    } else {
        (
            Severity::Critical,
            format!("the postStart hook of container {} fails; {} cannot run", case.container(), case.pods()),
        )
    };
    let finding = case.finding(severity, title).look(case.logs());
    if stopping { finding } else { case.undo(finding) }
}

const PAGE: &str = "\
A hook of the container's lifecycle fails. After a failed postStart hook the kubelet kills the container
and starts it again; after a failed preStop hook it goes on to stop the process, which then has not been
prepared for it.

Looked at: the waiting state of the pods' containers, and the events FailedPostStartHook and
FailedPreStopHook.

What to do: run the hook's command by hand in a running pod; see that its program is in the image and
that it ends in time (the grace period counts for preStop as well):
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.containers[*].lifecycle}'";
