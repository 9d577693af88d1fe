//! Exit codes: the contract with scripts.

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; nothing at or above `--fail-on`.
    Done = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Wrong usage, configuration, profile or runbook.
    Usage = 2,
    /// Refused: by policy, by a preflight, or by the person who was asked.
    Refused = 3,
    /// A change failed, or its plan is stale.
    ChangeFailed = 4,
    /// Cluster unreachable, not authenticated, or none configured.
    Unreachable = 5,
    /// Something could not be looked at, and nothing at or above `--fail-on` was found.
    Incomplete = 6,
    /// Waiting for a person: an approval or a step by hand.
    WaitingForHuman = 7,
    /// An archive, plan or log is damaged or was altered.
    Integrity = 8,
    /// An internal or local failure.
    Internal = 70,
    /// Interrupted by the person.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
