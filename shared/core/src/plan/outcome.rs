//! What became of a plan.

use serde::{Deserialize, Serialize};

/// What became of a plan and of each of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// What became of each step, in order.
    pub steps: Vec<Happened>,
    /// What was seen while it was watched afterwards, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<String>,
    /// The hash of the newest line of the audit log, which vouches for all lines before it; absent when nothing was
    /// written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
}

/// How a plan ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "camelCase", deny_unknown_fields)]
pub enum Ended {
    /// Nothing was to be done.
    NothingToDo,
    /// It was only shown.
    DryRun,
    /// A rule, a preflight or the lack of a confirmation forbade it; nothing was done.
    Refused {
        /// Which, and why.
        why: String,
        /// What to do instead.
        hint: String,
    },
    /// A second person has to approve it; nothing was done.
    Waiting {
        /// What for.
        why: String,
        /// What they type, and what continues then.
        next: Vec<String>,
    },
    /// The person who was asked said no; nothing was done.
    Declined,
    /// An object is not as it was when the plan was made; nothing more was done.
    Stale {
        /// Which, and what is different.
        why: String,
    },
    /// All was done, and what must hold holds.
    Done,
    /// A step failed, or what must hold does not.
    Failed {
        /// Why.
        why: String,
    },
    /// The person interrupted.
    Interrupted,
}

impl Ended {
    /// How a change stands, in a word, as far as its journal tells.
    pub fn standing(ended: Option<&Self>) -> &'static str {
        match ended {
            None => "open",
            Some(Self::Done | Self::NothingToDo) => "done",
            Some(Self::Waiting { .. }) => "waiting",
            Some(Self::Failed { .. }) => "failed",
            Some(Self::Stale { .. }) => "stale",
            Some(Self::Interrupted) => "interrupted",
            Some(Self::Refused { .. } | Self::Declined | Self::DryRun) => "refused",
        }
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happened", rename_all = "camelCase", deny_unknown_fields)]
pub enum Happened {
    /// It was not begun.
    NotDone,
    /// It was done, and what must hold holds.
    Done,
    /// It was so already, by somebody else: nothing was sent.
    AlreadySo,
    /// It was sent and taken; what must hold afterwards does not, or not yet.
    #[serde(rename_all = "camelCase")]
    Unverified {
        /// What is missing.
        why: String,
    },
    /// The server refused it.
    Failed {
        /// In its words.
        why: String,
    },
    /// It was sent, and nobody knows whether it was taken.
    Unknown {
        /// Why not.
        why: String,
    },
}

impl Happened {
    /// Whether the object was changed by it, as far as is known.
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Done | Self::Unverified { .. })
    }
}

impl Outcome {
    /// Of a plan of so many steps, none of which was begun.
    pub fn nothing_done(ended: Ended, steps: usize) -> Self {
        Self { ended, steps: vec![Happened::NotDone; steps], watched: Vec::new(), head: None }
    }
}
