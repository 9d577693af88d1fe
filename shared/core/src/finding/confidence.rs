//! How sure a statement is.

use serde::Serialize;

/// How sure it is that a cause is the cause, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The objects say it themselves.
    High,
    /// What is seen fits, and hardly anything else does.
    Medium,
    /// What is seen does not decide.
    Low,
}

impl Confidence {
    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}
