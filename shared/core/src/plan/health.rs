//! What pods of a workload must say of themselves after a step, before the next begins.

use crate::container_command::{ContainerCommand, Said, Wants};
use serde::{Deserialize, Serialize};

/// A command that only looks, in a pod, and what it must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberCheck {
    /// The command.
    pub command: ContainerCommand,
    /// What it must say.
    pub wants: Wants,
}

impl MemberCheck {
    /// In words, without a full stop.
    pub fn words(&self) -> String {
        format!("in {}, {} must {}", self.command.pod, self.command.shown(), self.wants.words())
    }

    /// What is otherwise; `None` when all is well.
    pub fn unmet(&self, said: &Said) -> Option<String> {
        let why = self.wants.unmet(said)?;
        Some(format!("{} in {} is not as it must be: {why}", self.command.program(), self.command.pod))
    }
}

/// What must be said when a step was done, and when it was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Health {
    /// Once it is done.
    pub after: Vec<MemberCheck>,
    /// Once it is taken back.
    pub back: Vec<MemberCheck>,
}

impl Health {
    /// The same for the step that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { after: self.back.clone(), back: self.after.clone() }
    }
}
