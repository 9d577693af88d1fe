//! A part of a policy that knows where it stands.

use crate::strict::Cursor;

/// A part of a policy, and the line that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) line: u64,
}

impl<T> Placed<T> {
    pub(super) fn at(cursor: &Cursor<'_>, value: T) -> Self {
        Self { value, line: cursor.line() }
    }
}
