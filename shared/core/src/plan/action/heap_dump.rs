//! Writing the memory of a program to a file in its container.

use super::{Action, ActionInfo};
use crate::heap::{Dumped, File};
use crate::plan::{Call, Checked, Exec, Expectation, Step, Target, Tier, Undo};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::HeapDump,
    id: "heap-dump",
    tier: Tier::Disruptive,
    does: "has a program write its memory to a file in its container, by the command that a profile names",
    undo: "the file is removed again",
    higher: "never",
    page: "\
Looked at: which files of heap.file of the profile are there already, by sh in the container.

Done: heap.command of the profile, in the container. Most programs stand still meanwhile: for seconds, with a large heap for
minutes. A liveness probe may end them for it, and so may a memory limit that is near. The file takes room of the node:
beyond a limit of ephemeral storage the pod is evicted.

Must hold afterwards: a file is there that was not there before.

The command is not run again where the connection broke or the time was up: whether it was run the files tell.

The undo removes the file that heap.file names and that was not there before; where several are there now, it removes
none and names them. The copy that was fetched stays.

Needs: create pods/exec; sh, ls, wc, cat and rm in the container.

  kubectl sre incident evidence --heap pod/NAME -n NAMESPACE --profile FILE --dry-run",
};

/// The step that has a dump made, in so many seconds; `None` where the pod has no name.
pub fn heap_dump(pod: &Value, dumped: &Dumped<'_>, before: &[File], seconds: u32, why: String) -> Option<Step> {
    let file = &dumped.heap.file;
    let run = Exec {
        does: format!("has container {} write its memory to {file}", dumped.container),
        command: dumped.make(),
        once: true,
        seconds: Some(seconds),
        probe: dumped.is_made(before),
    };
    let back = Exec {
        does: match before.len() {
            0 => format!("removes {file} in container {}", dumped.container),
            _ => format!("removes what is new of {file} in container {}", dumped.container),
        },
        command: dumped.remove(before),
        once: false,
        seconds: None,
        probe: dumped.is_removed(before),
    };
    Some(Step {
        action: Action::HeapDump,
        object: Target::of(pod, "pods")?,
        why,
        tier: INFO.tier,
        call: Call::Exec { run: run.into(), back: Some(back.into()) },
        expects: Expectation::Found,
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
    })
}
