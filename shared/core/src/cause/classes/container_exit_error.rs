//! The process of a container ends with an error, and nothing more specific explains it.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Tells};
use crate::finding::Finding;

/// See the module.
pub const CLASS: Class = Class {
    id: "container-exit-error",
    page: PAGE,
    recognise: |view| causes(view, Trouble::ExitError, describe),
    tells: Tells::That,
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    if case.was_killed() {
        return describe_killed(case);
    }
    let how = if case.is_over() { "failed, and is not started again:" } else { "ends with" };
    let title = format!("container {} of {} {how} exit code {}", case.container(), case.pods(), case.exit());
    case.undo(case.finding(case.severity(), title).look(case.logs()))
}

/// Container runtimes lose the kernel's word about a want of memory now and then: containerd 1.6 on cgroup v1 told the
/// reason Error of 1 in 120 kills at the limit.
fn describe_killed(case: &Case<'_>) -> Finding {
    let (container, pods) = (case.container(), case.pods());
    let title = format!("container {container} of {pods} was killed (exit code 137), and nothing says by whom");
    let finding = case.with_memory_limit(case.finding(case.severity(), title)).look(case.logs());
    case.undo(finding.look(format!("kubectl top pod -n {} --containers", case.namespace())))
}

const PAGE: &str = "\
The process of a container ends with an error code of its own, and neither memory, a probe, a hook nor
an unusable command explains it. Pods of a Job count when no later try has made good for them. It is a
warning while another pod of the same Deployment is ready, and for a pod that is not started again;
one that nothing owns is forgotten after a day.

Looked at: states and last ends of the pods' containers, restarts, and BackOff events; a triage reads the
last lines of the container, and a line that says why makes another class the cause. The waiting
reason alone does not tell a crash loop: newer kubelets show the ended container most of the time.

What to do: read what the process wrote before it ended; if a rollout came shortly before, go back:
  kubectl logs NAME -n NAMESPACE --previous
  kubectl sre rollback deployment/NAME -n NAMESPACE --dry-run

Codes above 128 are signals: 137 was killed, 139 a wrong memory access, 143 asked to stop. Who killed it
is not always told: container runtimes lose the kernel's word about a want of memory now and then.";
