//! What the policy says of a plan, and what it was told of the plan's surroundings.

use crate::change::rules::Rules;
use serde_json::{Value, json};
use sre_core::policy::{Answer, Environment, Judgement, Reason, Rule, SecondPerson};
use sre_core::report::{Block, Span, Tone};

/// The judgement of a plan.
#[derive(Clone, Debug)]
pub struct Judged {
    judgement: Judgement,
    rules: Rules,
    environment: Environment,
    /// What could not be seen, so that no rule could heed it.
    unseen: Vec<String>,
    is_emergency: bool,
}

impl Judged {
    pub(in crate::change) fn new(
        judgement: Judgement,
        rules: Rules,
        environment: Environment,
        unseen: Vec<String>,
        breaks_glass: bool,
    ) -> Self {
        let is_forbidden = matches!(judgement.answer(), Answer::Refused | Answer::NeedsSecondPerson);
        let is_emergency = breaks_glass && is_forbidden && judgement.is_liftable();
        Self { judgement, rules, environment, unseen, is_emergency }
    }

    /// What is asked before the plan is carried out.
    pub(in crate::change) fn answer(&self) -> Answer {
        if self.is_emergency { self.judgement.answer_in_emergency() } else { self.judgement.answer() }
    }

    /// Whether what was begun may not be gone on with: what was begun in time is ended, whatever the hour and the budget.
    pub(in crate::change) fn forbids_going_on(&self) -> bool {
        let stops = |reason: &&Reason| !matches!(reason.rule, Rule::ChangeWindows | Rule::ErrorBudget);
        self.answer() == Answer::Refused && self.judgement.reasons().iter().any(stops)
    }

    /// Whether rules are overridden.
    pub(in crate::change) fn is_emergency(&self) -> bool {
        self.is_emergency
    }

    /// Who approves besides, if somebody must.
    pub(in crate::change) fn second_person(&self) -> Option<&SecondPerson> {
        self.rules.policy().second_person().filter(|_| self.answer() == Answer::NeedsSecondPerson)
    }

    pub(in crate::change) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn environment(&self) -> Environment {
        self.environment
    }

    /// The rules that decided, each with its file and line.
    pub(in crate::change) fn reasons(&self) -> Vec<String> {
        self.judgement.reasons().into_iter().map(|reason| self.rules.cited(reason)).collect()
    }

    /// For the document of the plan.
    pub fn document(&self) -> Value {
        json!({
            "answer": self.judgement.answer(),
            "environment": self.environment.word(),
            "reasons": self.judgement.reasons(),
            "emergency": self.is_emergency,
            "notSeen": self.unseen,
        })
    }

    /// For people; nothing where it is what everybody expects.
    pub fn blocks(&self) -> Vec<Block> {
        let line = |head: &str, tone: Tone, words: &str| Block::Line {
            indent: 1,
            spans: vec![Span::faint(head), Span::new(tone, words.to_owned())],
        };
        let tone = if self.judgement.answer() > Answer::Asks { Tone::Warning } else { Tone::Plain };
        let reasons = self.reasons();
        let is_told = self.judgement.answer() != Answer::Asks;
        let told = reasons.iter().filter(|_| is_told).map(|reason| line("policy: ", tone, reason));
        let unseen = self.unseen.iter().map(|it| line("policy: ", Tone::Unknown, it));
        let lifted = "BREAK GLASS: what the policy forbids is done all the same";
        let emergency = self.is_emergency.then(|| line("", Tone::Critical, lifted));
        told.chain(unseen).chain(emergency).collect()
    }
}
