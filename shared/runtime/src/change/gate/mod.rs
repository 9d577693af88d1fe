//! The one door to changing anything: a plan goes through it and comes out approved, or does not come out.

mod judged;
mod question;

pub use judged::Judged;

use crate::args::ChangeFlags;
use crate::error::Error;
use crate::ui::{Layout, Question};
use question::Asking;
use sre_core::plan::{Checked, Ended, Plan, Tier};
use sre_core::policy::Answer;

/// A plan that may be carried out. Only the gate makes one.
#[derive(Debug)]
pub struct ApprovedPlan {
    plan: Plan,
    how: Approval,
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How it was approved.
    pub fn how(&self) -> Approval {
        self.how
    }

    /// A plan that was approved and begun before, and is gone on with.
    pub(super) fn begun(plan: Plan) -> Self {
        Self { plan, how: Approval::Before }
    }

    pub(super) fn into_plan(self) -> Plan {
        self.plan
    }
}

/// How a plan was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// By `--yes`.
    Yes,
    /// By `--confirm NAME`.
    Confirm,
    /// By the policy, which lets it be done without a person.
    Policy,
    /// By the answer at the terminal.
    Answer,
    /// When it was begun.
    Before,
}

impl Approval {
    /// How records name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "--yes",
            Self::Confirm => "--confirm",
            Self::Policy => "the policy, without a person",
            Self::Answer => "answered at the terminal",
            Self::Before => "approved when it was begun",
        }
    }
}

/// What the gate says.
#[derive(Debug)]
pub enum Passage {
    /// It may be carried out.
    Approved(Box<ApprovedPlan>),
    /// It may not; nothing was done.
    Stopped(Box<Plan>, Ended),
}

/// What stands between a plan and the cluster, before anybody is asked.
pub fn refusal(plan: &Plan, judged: &Judged) -> Option<Ended> {
    if judged.answer() == Answer::Refused {
        let hint = format!(
            "change the plan or the rule ({}); in an emergency: --break-glass --reason TEXT",
            judged.rules().place()
        );
        return Some(Ended::Refused { why: judged.reasons().join("; "), hint });
    }
    plan.steps.iter().find_map(|step| {
        let Checked::Refused { why } = &step.checked else { return None };
        let object = step.object.address.object_ref();
        let (who, hint) = match step.call.run() {
            Some(run) if run.forbidden().is_some() => {
                ("the gate", "make the plan anew: it was not made by this program".to_owned())
            }
            Some(run) => (run.program.name(), format!("type it where it can be run: {}", run.typed())),
            None => ("the server", "see what you may: kubectl auth can-i --list".to_owned()),
        };
        Some(Ended::Refused { why: format!("{who} would not take {} of {object}: {why}", step.action.id()), hint })
    })
}

/// The name that must be typed to confirm a plan; none where a `y` is enough.
fn typed_name<'p>(plan: &'p Plan, judged: &Judged) -> Option<&'p str> {
    (plan.tier() > Tier::Reversible || judged.is_emergency()).then(|| plan.confirm())
}

/// The flag that confirms a plan where nobody can be asked.
pub fn confirming_flag(plan: &Plan, judged: &Judged) -> String {
    match typed_name(plan, judged) {
        None if judged.answer() <= Answer::Asks => "--yes".to_owned(),
        _ => format!("--confirm {}", plan.confirm()),
    }
}

/// Asks, by flags or at the terminal, whether a plan is to be carried out.
///
/// # Errors
/// Says that an answer cannot be read, or that the plan cannot be saved.
pub async fn pass(
    plan: Plan,
    judged: &Judged,
    flags: &ChangeFlags,
    question: Option<Question>,
    layout: &Layout,
) -> Result<Passage, Error> {
    let approved = |plan, how| Ok(Passage::Approved(Box::new(ApprovedPlan { plan, how })));
    let is_by_name = typed_name(&plan, judged).is_some();
    if judged.answer() == Answer::Automatic && !is_by_name {
        return approved(plan, Approval::Policy);
    }
    if let Some(typed) = &flags.confirm
        && (is_by_name || typed == plan.confirm())
    {
        if typed == plan.confirm() {
            return approved(plan, Approval::Confirm);
        }
        let why = format!("--confirm names {typed:?}, and the plan is about {:?}", plan.confirm());
        let hint = format!("see the plan with --dry-run; if it is meant, type --confirm {}", plan.confirm());
        return Ok(Passage::Stopped(Box::new(plan), Ended::Refused { why, hint }));
    }
    if !is_by_name && flags.yes && judged.answer() <= Answer::Asks {
        return approved(plan, Approval::Yes);
    }
    let Some(question) = question else {
        let ended = unconfirmed(&plan, judged);
        return Ok(Passage::Stopped(Box::new(plan), ended));
    };
    let asking = Asking { plan: &plan, judged, question, layout };
    if asking.answer().await? {
        return approved(plan, Approval::Answer);
    }
    Ok(Passage::Stopped(Box::new(plan), Ended::Declined))
}

/// What to type where nobody can be asked.
fn unconfirmed(plan: &Plan, judged: &Judged) -> Ended {
    let flag = confirming_flag(plan, judged);
    let by = if judged.answer() > Answer::Asks { format!("; {}", judged.reasons().join("; ")) } else { String::new() };
    Ended::Refused {
        why: format!("it must be confirmed (tier {}{by}), and there is no terminal to ask at", u8::from(plan.tier())),
        hint: format!("see the plan with --dry-run; if it is meant, add {flag}"),
    }
}
