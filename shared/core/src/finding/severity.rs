//! How bad a finding is, and what part it plays.

use serde::{Deserialize, Serialize};

/// How bad a finding is; the worst comes first in every order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Users are hurt, or will be without action today.
    Critical,
    /// Something is wrong and not yet hurting, or hurting little.
    Warning,
    /// Could not be decided, because something could not be looked at.
    Unknown,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Warning, Self::Unknown, Self::Info];

    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
            Self::Info => "info",
        }
    }
}

/// Whether a finding stands for itself or is folded under what explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Stands for itself, even when something near is broken too.
    Cause,
    /// Is folded under any finding that lies upstream of it; stands for itself when there is none.
    Symptom,
    /// Stands for itself and explains nothing: a weakness that nobody feels yet.
    Risk,
}
