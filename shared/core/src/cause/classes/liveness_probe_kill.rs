//! The kubelet kills a container because its liveness probe fails.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "liveness-probe-kill",
    page: PAGE,
    recognise: |view| causes(view, Trouble::LivenessKill, describe),
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.says(&["liveness probe failed", "failed liveness probe", "liveness probe errored"]),
        |_| "the liveness probe fails, and the container is restarted for it".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let title = format!("container {} of {} is killed because its liveness probe fails", case.container(), case.pods());
    let finding = case.finding(Severity::Critical, title).look(case.logs());
    let finding = match case.liveness_budget() {
        Some(budget) => {
            finding.evidence(&case.pod(), format!("spec.containers[{}].livenessProbe", case.container()), budget)
        }
        None => finding,
    };
    case.undo(finding)
}

const PAGE: &str = "\
The liveness probe of a container fails as often as it may, so the kubelet kills the container and starts
it again. The process itself did not end: 137 and 143 are the kubelet's signals.

Looked at: the events Killing and Unhealthy, last ends of the pods' containers, and the probe.

What to do: see whether the probe asks the right port and path, and whether its time is enough while the
node is busy; a slow start wants a startupProbe. Never take the probe away to make this finding go:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.containers[*].livenessProbe}'

Harmless: a single kill of a container that is ready again; that is not told.";
