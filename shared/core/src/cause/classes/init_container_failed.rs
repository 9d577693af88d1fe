//! An init container ends with an error and blocks its pod.

use super::containers::{Case, Trouble, causes};
use crate::cause::{Class, Heard, Stage, Tells};
use crate::finding::{Finding, Severity};

/// See the module.
pub const CLASS: Class = Class {
    id: "init-container-failed",
    page: PAGE,
    recognise: |view| causes(view, Trouble::InitFailed, describe),
    tells: Tells::That,
    heard: Some(Heard::of(
        Stage::Start,
        |it| {
            it.says(&["init container", "init:crashloopbackoff", "init:error"])
                && it.says(&["fail", "error", "exit", "back-off"])
        },
        |_| "an init container fails and holds its pod up".to_owned(),
    )),
    ..Class::SILENT
};

fn describe(case: &Case<'_>) -> Finding {
    let code = case.exit();
    let how = if code.is_empty() { "fails".to_owned() } else { format!("ends with exit code {code}") };
    let title = format!("init container {} {how}; {} cannot start", case.container(), case.pods());
    case.undo(case.finding(Severity::Critical, title).look(case.logs()))
}

const PAGE: &str = "\
An init container ends with an error. The containers of the pod are not started before every init
container has ended well.

Looked at: the states of the pods' init containers, how they ended last, restarts and BackOff events.

What to do: read what it wrote before it ended; most often it needs something that is not there yet (a
database, a migration, a file):
  kubectl logs NAME -n NAMESPACE -c INIT-CONTAINER --previous

Not meant: init containers killed for memory, or whose command does not exist: these are classes of
their own.";
