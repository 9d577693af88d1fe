//! Something is wrong, and what is seen does not say what.

use crate::cause::Class;

/// See the module; triage says it where no other class speaks of an object in trouble.
pub const CLASS: Class = Class { id: "evidence-insufficient", page: PAGE, ..Class::SILENT };

const PAGE: &str = "\
An object is in trouble, and what was seen fits several causes or none. That is said rather than
guessed at.

Looked at: everything that the other classes look at.

What to do: look at what was not collected (the coverage says what), at the logs, and at the events
while they are fresh:
  kubectl describe KIND NAME -n NAMESPACE
  kubectl get events -A --sort-by=.lastTimestamp";
