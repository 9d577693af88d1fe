//! The startup probe of a container does not succeed within its budget.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "startup-probe-failed",
    page: PAGE,
    recognise: |view| causes(view, Trouble::StartupProbe, describe),
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.says(&["startup probe failed", "failed startup probe", "startup probe errored"]),
        |_| "the startup probe does not succeed in time".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title =
        format!("container {} of {} is killed because its startup probe never succeeds", case.container(), case.pods());
    let finding = case.finding(Severity::Critical, title).look(case.logs());
    let finding = match case.startup_budget() {
        Some(budget) => {
            finding.evidence(&case.pod(), format!("spec.containers[{}].startupProbe", case.container()), budget)
        }
        None => finding,
    };
    case.undo(finding)
}

const PAGE: &str = "\
The startup probe of a container does not succeed within failureThreshold times periodSeconds, so the
kubelet kills the container and starts it again.

Looked at: the events Killing and Unhealthy, last ends of the pods' containers, and the probe.

What to do: if the process starts and only needs longer, raise failureThreshold; if it hangs, read what it
wrote; see that the probe asks the right port and path:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.containers[*].startupProbe}'";
