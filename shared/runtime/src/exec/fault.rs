//! Why a command in a container gave no answer.

use crate::cluster::connection::RequestFault;
use std::time::Duration;

/// Says what kept a command from running, or what is known of one whose end was not seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecFault {
    /// The API server did not let it through, or did not answer.
    #[error("{0}")]
    Request(RequestFault),
    /// The pod runs no such container at the moment.
    #[error("no such container runs there: {why}")]
    NoContainer { why: String },
    /// The container has no such program.
    #[error("the container has no program {program:?}")]
    NoProgram { program: String },
    /// Something between here and the API server does not carry WebSockets.
    #[error("the way to the API server carries no WebSocket: {why}")]
    NoWebSocket { why: String },
    /// The node did not start it, or says that it failed to.
    #[error("it was not started: {why}")]
    NotStarted { why: String },
    /// What it wrote was not taken.
    #[error("what it writes is not kept: {why}")]
    NotKept { why: String },
    /// The connection ended before the command did.
    #[error("the connection ended before the command: {why}")]
    BrokenOff { why: String },
    /// It did not end in time, and may be running still.
    #[error("it did not end within {} s, and may be running still", limit.as_secs())]
    Late { limit: Duration },
}

impl ExecFault {
    /// The same as a fault of a request, for what carries plans out: where the fate of the command is open, it is one that
    /// has the probe asked.
    pub fn into_request_fault(self) -> RequestFault {
        match self {
            Self::Request(fault) => fault,
            Self::BrokenOff { .. } => RequestFault::Unreachable { why: self.to_string() },
            Self::Late { .. } => RequestFault::Timeout,
            other => RequestFault::Other { message: other.to_string() },
        }
    }
}
