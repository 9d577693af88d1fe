//! What a policy says of a plan.

use serde::Serialize;
use std::fmt;

/// What is said of a plan: a verdict for each of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The verdicts, in the order of the steps.
    pub steps: Vec<Verdict>,
}

/// What is said of a step, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What is said.
    pub answer: Answer,
    /// The rules that say so; there is always one.
    pub reasons: Vec<Reason>,
}

/// What is said of a step; a later one is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// It is done as if `--yes` were given.
    Automatic,
    /// It is asked about as its tier says.
    Asks,
    /// A person answers at the terminal, or `--confirm` is given; `--yes` is not enough.
    NeedsApproval,
    /// A second person approves it, and it is asked about as with [`Self::NeedsApproval`].
    NeedsSecondPerson,
    /// It is not done.
    Refused,
}

/// A rule that had a say, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The rule.
    pub rule: Rule,
    /// The line of the policy that it stands in; absent when no file holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What it says of the step.
    pub says: String,
}

/// The rules, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// A namespace that is not touched.
    ProtectedNamespaces,
    /// The label that protects an object or a namespace.
    ProtectionLabel,
    /// What is not done.
    ForbiddenOperations,
    /// When changes are made, and when not.
    ChangeWindows,
    /// How much one plan may change.
    BlastRadius,
    /// The same, as the flag says.
    MaxChanges,
    /// What waits while the error budget is used up.
    ErrorBudget,
    /// What a second person approves.
    SecondPerson,
    /// What a person answers for.
    RequireApproval,
    /// What is done without a person though approval is wanted for it.
    Automatic,
    /// How much is done without a person.
    AutonomyLevel,
    /// What is asked because of what may be lost.
    Tier,
}

impl Judgement {
    /// The strictest answer, which is the one for the whole plan: it is done whole or not at all.
    pub fn answer(&self) -> Answer {
        self.steps.iter().map(|step| step.answer).max().unwrap_or(Answer::Asks)
    }

    /// The same where refusals, and the approval of a second person, are overridden: then it needs the approval of the
    /// person who asks.
    pub fn answer_in_emergency(&self) -> Answer {
        self.answer().min(Answer::NeedsApproval)
    }

    /// Whether an emergency lifts what forbids it: a bound that the person who asks has set themselves stays.
    pub fn is_liftable(&self) -> bool {
        self.steps.iter().flat_map(|step| &step.reasons).all(|reason| reason.rule != Rule::MaxChanges)
    }

    /// Why the plan gets its answer, each reason once.
    pub fn reasons(&self) -> Vec<&Reason> {
        let answer = self.answer();
        let decisive = self.steps.iter().filter(|step| step.answer == answer);
        let all: std::collections::BTreeSet<&Reason> = decisive.flat_map(|step| &step.reasons).collect();
        all.into_iter().collect()
    }
}

impl Rule {
    /// How it is called in policies and records.
    pub fn id(self) -> &'static str {
        match self {
            Self::ProtectedNamespaces => "protectedNamespaces",
            Self::ProtectionLabel => "protectionLabel",
            Self::ForbiddenOperations => "forbiddenOperations",
            Self::ChangeWindows => "changeWindows",
            Self::BlastRadius => "blastRadius",
            Self::MaxChanges => "maxChanges",
            Self::ErrorBudget => "errorBudget",
            Self::SecondPerson => "secondPerson",
            Self::RequireApproval => "requireApproval",
            Self::Automatic => "automatic",
            Self::AutonomyLevel => "autonomyLevel",
            Self::Tier => "tier",
        }
    }
}

impl Reason {
    pub(super) fn new(rule: Rule, line: impl Into<Option<u64>>, says: String) -> Self {
        Self { rule, line: line.into(), says }
    }
}

/// Writes `forbiddenOperations (line 9): delete_secret is forbidden`.
impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or(String::new(), |line| format!(" (line {line})"));
        write!(out, "{}{line}: {}", self.rule.id(), self.says)
    }
}
