//! The verdicts of a policy on a plan.

use super::facts::{Facts, holder};
use super::operation::Operation;
use super::placed::Placed;
use super::verdict::{Answer, Judgement, Reason, Rule, Verdict};
use super::{PROTECT_LABEL, Policy};
use crate::incident::{EXPIRE, RESOLVE, SILENCE};
use crate::object::ObjectRef;
use crate::object_pattern::is_like;
use crate::plan::{Plan, Step, Tier};
use std::collections::BTreeSet;

/// A step, and what it is judged by.
struct Case<'c> {
    plan: &'c Plan,
    step: &'c Step,
    facts: &'c Facts,
    operations: Vec<Operation>,
}

impl Policy {
    /// The verdict on each step of a plan.
    pub fn judge(&self, plan: &Plan, facts: &Facts) -> Judgement {
        Judgement { steps: plan.steps.iter().map(|step| self.verdict(&Case::new(plan, step, facts))).collect() }
    }

    /// What it says of something that is sent to people, by the word of what it does; it is asked about at every level.
    pub fn judge_sending(&self, item: &str) -> Verdict {
        let word = match item {
            SILENCE => "silence_alerts",
            "page" | RESOLVE => "send_page",
            _ => "send_update",
        };
        let of = |rules: &[Placed<Operation>], rule: Rule, says: &str| -> Vec<Reason> {
            let own = rules.iter().filter(|it| it.value.info().names[0] == word && item != EXPIRE);
            own.map(|it| Reason::new(rule, it.line, format!("{word} {says}"))).collect()
        };
        let second = self.second_person.as_ref().map_or(&[][..], |it| &it.operations);
        let answers = [
            (Answer::Refused, of(&self.forbidden, Rule::ForbiddenOperations, "is forbidden")),
            (
                Answer::NeedsSecondPerson,
                of(second, Rule::SecondPerson, "is approved by a second person, who has no plan of it to sign"),
            ),
            (Answer::NeedsApproval, of(&self.approval, Rule::RequireApproval, "needs the approval of a person")),
        ];
        let first = answers.into_iter().find(|(_, reasons)| !reasons.is_empty());
        let asks = || (Answer::Asks, vec![Reason::new(Rule::Tier, None, "what is sent is asked about".to_owned())]);
        let (answer, reasons) = first.unwrap_or_else(asks);
        Verdict { answer, reasons }
    }

    fn verdict(&self, case: &Case<'_>) -> Verdict {
        let approvals = self.approvals(case);
        let is_lifted = !approvals.is_empty() && self.level() == 3 && case.plan.tier() == Tier::Reversible;
        let answers = [
            (Answer::Refused, self.refusals(case)),
            (Answer::NeedsSecondPerson, self.second_approvals(case)),
            (Answer::Automatic, if is_lifted { self.automatic(case) } else { Vec::new() }),
            (Answer::NeedsApproval, approvals),
        ];
        let first = answers.into_iter().find(|(_, reasons)| !reasons.is_empty());
        let (answer, reasons) = first.unwrap_or_else(|| self.ordinary(case.plan.tier()));
        Verdict { answer, reasons }
    }

    fn refusals(&self, case: &Case<'_>) -> Vec<Reason> {
        let forbidden = named(&self.forbidden, case, Rule::ForbiddenOperations, "is forbidden");
        let one = [self.protected_namespace(case), protected_by_label(case)];
        let others = [self.shut_window(case), max_changes(case), self.frozen(case)];
        one.into_iter()
            .flatten()
            .chain(forbidden)
            .chain(self.too_much(case))
            .chain(others.into_iter().flatten())
            .collect()
    }

    fn protected_namespace(&self, case: &Case<'_>) -> Option<Reason> {
        case.step.touched().filter_map(namespace).find_map(|namespace| {
            let rule = self.protected_namespaces.iter().find(|rule| is_like(&rule.value, &namespace))?;
            let says = format!("the namespace {namespace} is protected");
            Some(Reason::new(Rule::ProtectedNamespaces, rule.line, says))
        })
    }

    /// What takes a change back is not kept from ending what was begun in time.
    fn shut_window(&self, case: &Case<'_>) -> Option<Reason> {
        let is_begun = case.plan.takes_back();
        self.windows.refusal(case.facts.now, case.facts.production).filter(|_| !is_begun)
    }

    fn frozen(&self, case: &Case<'_>) -> Option<Reason> {
        self.freeze.as_ref()?.refusal(case.plan, case.step, case.facts)
    }

    fn too_much(&self, case: &Case<'_>) -> Vec<Reason> {
        let counts = [
            (&self.most_objects, case.plan.touched().len(), "objects"),
            (&self.most_namespaces, namespaces(case.plan), "namespaces"),
        ];
        let over = counts.into_iter().filter_map(|(most, count, of)| {
            let most = most.as_ref().filter(|most| count > most.value as usize)?;
            let says = format!("the plan changes {count} {of}, at most {} are allowed", most.value);
            Some(Reason::new(Rule::BlastRadius, most.line, says))
        });
        over.collect()
    }

    fn second_approvals(&self, case: &Case<'_>) -> Vec<Reason> {
        let rule = self.second_person.as_ref().filter(|rule| case.facts.production || !rule.only_production);
        let operations = rule.map_or(&[][..], |rule| &rule.operations);
        named(operations, case, Rule::SecondPerson, "is approved by a second person")
    }

    fn approvals(&self, case: &Case<'_>) -> Vec<Reason> {
        named(&self.approval, case, Rule::RequireApproval, "needs the approval of a person")
    }

    /// The rules that do without an approval, if they do without each that is wanted.
    fn automatic(&self, case: &Case<'_>) -> Vec<Reason> {
        let wanted = self.approval.iter().map(|rule| rule.value).filter(|it| case.operations.contains(it));
        let does_without = |operation| self.automatic.iter().any(|rule| rule.value == operation);
        if wanted.clone().all(does_without) {
            named(&self.automatic, case, Rule::Automatic, "is done without a person")
        } else {
            Vec::new()
        }
    }

    fn ordinary(&self, tier: Tier) -> (Answer, Vec<Reason>) {
        let (level, line) = (self.level(), self.level.as_ref().map(|level| level.line));
        let (answer, reason) = if tier > Tier::Reversible {
            let says = format!("what has tier {} is confirmed by its name", u8::from(tier));
            (Answer::Asks, Reason::new(Rule::Tier, None, says))
        } else if level == 1 {
            (Answer::Asks, Reason::new(Rule::AutonomyLevel, line, "level 1 asks about everything".to_owned()))
        } else {
            let says = format!("level {level} does what has tier 1 without a person");
            (Answer::Automatic, Reason::new(Rule::AutonomyLevel, line, says))
        };
        (answer, vec![reason])
    }

    fn level(&self) -> u32 {
        self.level.as_ref().map_or(1, |level| level.value)
    }
}

impl<'c> Case<'c> {
    fn new(plan: &'c Plan, step: &'c Step, facts: &'c Facts) -> Self {
        // The removal of what a run made for itself is not what a policy means by deletions.
        let is_scratch = step.touched().all(|it| holder(&facts.scratch, &it).is_some());
        let operations = Operation::of(step).filter(|it| !(is_scratch && it.info().is_deletion)).collect();
        Self { plan, step, facts, operations }
    }
}

/// The rules that name an operation of the step, each with what they say of it.
fn named(rules: &[Placed<Operation>], case: &Case<'_>, rule: Rule, says: &str) -> Vec<Reason> {
    let which = rules.iter().filter(|rule| case.operations.contains(&rule.value));
    which.map(|one| Reason::new(rule, one.line, format!("{} {says}", one.value))).collect()
}

fn protected_by_label(case: &Case<'_>) -> Option<Reason> {
    let holder = case.step.touched().find_map(|it| holder(&case.facts.protected, &it).cloned())?;
    Some(Reason::new(Rule::ProtectionLabel, None, format!("{holder} has the label {PROTECT_LABEL}")))
}

fn max_changes(case: &Case<'_>) -> Option<Reason> {
    let (count, most) = (case.plan.touched().len(), case.facts.max_changes?);
    let says = format!("the plan changes {count} objects, at most {most} are wanted");
    (count > most).then(|| Reason::new(Rule::MaxChanges, None, says))
}

fn namespaces(plan: &Plan) -> usize {
    plan.touched().into_iter().filter_map(namespace).collect::<BTreeSet<String>>().len()
}

/// The namespace that is changed, or in which something is.
fn namespace(object: ObjectRef) -> Option<String> {
    if object.kind == "Namespace" { Some(object.name) } else { object.namespace }
}
