//! Whether a client reaches what it needs: what is asked from its own pod, by the programs that its image has, and what
//! the answer means.
//!
//! Nothing is run here. No shell sees what was typed: each command is a list of words, and scripts are fixed.

mod heard;
mod meaning;
mod place;
mod pod;
mod target;
mod ways;

pub use heard::{Answer, Facts, Heard, heard, late};
pub use meaning::{Meaning, meaning};
pub use place::{Place, Policies, service_names};
pub use pod::{Sizes, ThrowawayPod, is_throwaway_name, throwaway_name};
pub use target::{Asked, What, asked};
pub use ways::{Tool, Way, searched, ways, why_unresolved};

/// How a probe went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It answered.
    Answered,
    /// It answered, and serves nobody: an error of the server, a database that starts or is full.
    Rejected,
    /// The connection was refused.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// There is no such name.
    NoSuchName,
    /// No name server answered.
    NoNameServer,
    /// The name was not resolved; what was asked does not say why.
    Unresolved,
    /// There is no way there.
    Unreachable,
    /// The certificate or the encryption was not accepted.
    TlsFailed,
    /// The connection was closed, or what came is no answer of this protocol.
    Closed,
    /// No connection; what was asked does not say why.
    NotConnected,
}

impl Came {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Answered,
        Self::Rejected,
        Self::Refused,
        Self::TimedOut,
        Self::NoSuchName,
        Self::NoNameServer,
        Self::Unresolved,
        Self::Unreachable,
        Self::TlsFailed,
        Self::Closed,
        Self::NotConnected,
    ];

    /// How documents write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Rejected => "rejected",
            Self::Refused => "refused",
            Self::TimedOut => "timed out",
            Self::NoSuchName => "no such name",
            Self::NoNameServer => "no name server",
            Self::Unresolved => "not resolved",
            Self::Unreachable => "unreachable",
            Self::TlsFailed => "TLS failed",
            Self::Closed => "closed",
            Self::NotConnected => "not connected",
        }
    }

    /// What else is asked to know why, where it is not known.
    pub fn refined_by(self) -> Option<What> {
        match self {
            Self::Unresolved => Some(What::Dns),
            Self::NotConnected => Some(What::Tcp),
            _ => None,
        }
    }
}
