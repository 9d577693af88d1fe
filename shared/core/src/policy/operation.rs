//! What a policy calls the things that steps do.

use super::effect::goes_back_by_helm;
use super::table::OPERATIONS;
use crate::plan::Step;
use crate::scheduling::nearest_word;
use std::fmt;

/// Something that a policy can speak of; a step may be several at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation(usize);

/// What an operation is for, which decides whether it waits while the error budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It brings something new.
    Changes,
    /// It brings back, or keeps up, what ran before.
    Restores,
    /// The other operations of the step tell.
    Either,
}

/// What is known of an operation.
pub struct OperationInfo {
    /// How policies may call it, the usual word first.
    pub names: &'static [&'static str],
    /// What a step does that is one, without a full stop.
    pub does: &'static str,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it deletes something.
    pub is_deletion: bool,
    /// Whether a step is one.
    pub recognises: fn(&Step) -> bool,
}

impl Operation {
    /// The operation that a policy calls so; `-` is as good as `_`.
    ///
    /// # Errors
    /// Says which one was probably meant.
    pub fn named(word: &str) -> Result<Self, String> {
        let name = word.replace('-', "_");
        let row = OPERATIONS.iter().position(|row| row.names.contains(&name.as_str()));
        row.map(Self).ok_or_else(|| {
            let near = nearest_word(&name, OPERATIONS.iter().flat_map(|row| row.names.iter().copied()));
            let hint =
                near.map_or_else(|| "docs/policy.md lists all".to_owned(), |near| format!("did you mean {near}?"));
            format!("{word} is no operation; {hint}")
        })
    }

    /// All that a step is.
    pub fn of(step: &Step) -> impl Iterator<Item = Self> {
        (0..OPERATIONS.len()).map(Self).filter(|operation| (operation.info().recognises)(step))
    }

    /// What is known of it.
    pub fn info(self) -> &'static OperationInfo {
        &OPERATIONS[self.0]
    }
}

/// Writes its usual word.
impl fmt::Display for Operation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.info().names[0])
    }
}

/// Whether a step brings back, or keeps up, what ran before.
pub(super) fn restores(step: &Step) -> bool {
    let purposes: Vec<Purpose> = Operation::of(step).map(|operation| operation.info().purpose).collect();
    let adds_nothing = !purposes.contains(&Purpose::Changes) || goes_back_by_helm(step);
    purposes.contains(&Purpose::Restores) && adds_nothing
}
