//! Why something is not done, and what to do instead.

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    /// Why not.
    pub why: String,
    /// What to do instead.
    pub hint: String,
}

impl Refused {
    /// Why not, and what to do instead; both without a full stop.
    pub fn new(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { why: why.into(), hint: hint.into() }
    }
}
