//! The last lines of containers that do not work, and what of them says why.
//!
//! Logs are data of strangers: what stands here is redacted and has nothing in it that steers a terminal, and no line is
//! ever obeyed. Which logs are wanted, a triage decides; the runtime fetches them.

mod bearing;
mod calls;
mod course;
mod explained;
mod fields;
mod grade;
mod redaction;
mod signature;
mod steering;
mod tail;
mod telling;
mod wanted;

pub(crate) use calls::callees;
pub use calls::{Callee, callee};
pub use explained::{Explanation, Hint, Instance, explained, hints};
pub use fields::{FieldQuery, FoundLine, found};
pub use redaction::Redactor;
pub use signature::{Gives, SIGNATURES, Signature, Words};
pub use steering::{steers, unstyled};
pub use tail::{Line, Tail};
pub use wanted::{LogsWanted, MOST_LOGS, logs_to_search, logs_wanted, state_of_logs};

use crate::object::ObjectRef;
use crate::snapshot::GapReason;
use serde::{Deserialize, Serialize};

/// Which log: that of the running instance of a container, or of the one before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogName {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Whether it is that of the instance before.
    pub previous: bool,
}

impl LogName {
    /// The pod.
    pub fn object(&self) -> ObjectRef {
        ObjectRef::namespaced("Pod", &self.namespace, &self.pod)
    }

    /// As evidence spells it: `logs[app]`, `logs[app,previous]`.
    pub fn field(&self) -> String {
        let previous = if self.previous { ",previous" } else { "" };
        format!("logs[{}{previous}]", self.container)
    }

    /// The same container's other log.
    pub fn sibling(&self) -> Self {
        Self { previous: !self.previous, ..self.clone() }
    }
}

/// Why a log could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unread {
    /// The caller may not read it.
    Forbidden(String),
    /// Nothing came back in time; so many milliseconds.
    TimedOut(u64),
    /// The kubelet cannot be reached.
    Unavailable(String),
    /// The kubelet has it no more: it keeps that of one dead instance of each container.
    Gone(String),
    /// There is none: the container has not started, or the pod is gone.
    NoLog(String),
}

impl Unread {
    /// As a gap tells it; what does not exist is none.
    pub fn gap(&self) -> Option<(GapReason, String)> {
        match self {
            Self::Forbidden(why) => Some((GapReason::Forbidden, why.clone())),
            Self::TimedOut(milliseconds) => Some((GapReason::TimedOut, format!("no answer within {milliseconds} ms"))),
            Self::Unavailable(why) | Self::Gone(why) => Some((GapReason::Unavailable, why.clone())),
            Self::NoLog(_) => None,
        }
    }
}

/// A log and what became of reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRead {
    /// Which log.
    pub log: LogName,
    /// Its end, or why there is none.
    pub tail: Result<Tail, Unread>,
}

impl LogRead {
    /// The same, redacted.
    pub fn redacted(mut self, redactor: &mut Redactor) -> Self {
        if let Ok(tail) = &mut self.tail {
            tail.redact(redactor);
        }
        self
    }
}
