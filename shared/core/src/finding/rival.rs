//! What else it could be.

use super::Evidence;
use crate::object::ObjectRef;

/// Another class whose evidence was there too, and which something stands against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// The class.
    pub class: &'static str,
    /// Whom it would hold to account.
    pub object: ObjectRef,
    /// What speaks for it.
    pub evidence: Evidence,
    /// What stands against it, in a part of a sentence.
    pub against: String,
    /// How to tell the two apart, in a part of a sentence.
    pub apart: &'static str,
    /// The command that shows it; it only looks.
    pub command: String,
}
