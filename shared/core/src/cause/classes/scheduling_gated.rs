//! Pods are held back by scheduling gates.

use crate::cause::Class;
use crate::cause::specs::{counted, shown};
use crate::finding::{Finding, Severity};
use crate::scheduling::{Stranded, Verdict};
use crate::slim::Object;
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let gated = view.stranded().iter().filter(|one| one.verdict == Verdict::Gated);
    gated.map(|one| statement(one, view)).collect()
}

fn statement(one: &Stranded<'_>, view: &View<'_>) -> Finding {
    let pod = one.group.first();
    let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    let pods = counted(&one.group.pods, view);
    let title = format!("{pods} held back by scheduling gate {}", gates.join(", "));
    let finding = Finding::new("", Severity::Info, one.owner().clone(), title)
        .evidence(&pod.reference(), "spec.schedulingGates", gates.join(", "))
        .since(pod.metadata.creation_timestamp.at())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, pod.metadata.namespace));
    shown(finding, &one.group.pods)
}

/// See the module.
pub const CLASS: Class = Class { id: "scheduling-gated", page: PAGE, recognise: recognised, ..Class::SILENT };

const PAGE: &str = "\
A pod has scheduling gates. The scheduler does not look at it until whoever set them takes them away:
a queue or quota controller, usually.

Looked at: the condition PodScheduled of the pods (SchedulingGated) and their gates.

Harmless: for as long as a queue holds the pods back on purpose; therefore it is only mentioned.

What to do: find the controller by the name of the gate, and see whether it runs.";
