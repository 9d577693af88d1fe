//! The one door to changing anything: a plan goes through it and comes out approved, or does not come out.

use super::journal;
use crate::args::ChangeFlags;
use crate::error::Error;
use crate::ui::{Layout, Question, render};
use sre_core::plan::{Checked, Ended, Plan, Tier, Undo, announced, changes_of};
use sre_core::report::{Block, Span, Tone};
use std::path::Path;

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
pub fn refusal(plan: &Plan, flags: &ChangeFlags) -> Option<Ended> {
    let refused = |why: String, hint: String| Some(Ended::Refused { why, hint });
    if let Some(most) = flags.max_changes.filter(|most| plan.objects() > *most) {
        let why = format!("the plan changes {} objects, and --max-changes allows {most}", plan.objects());
        return refused(why, "narrow the target, or allow more with --max-changes".to_owned());
    }
    for step in &plan.steps {
        if let Checked::Refused { why } = &step.checked {
            let why = format!(
                "the server would not take {} of {}: {why}",
                step.action.id(),
                step.object.address.object_ref()
            );
            return refused(why, "see what you may: kubectl auth can-i --list".to_owned());
        }
    }
    None
}

/// Asks, by flags or at the terminal, whether a plan is to be carried out.
///
/// # Errors
/// Says that an answer cannot be read, or that the plan cannot be saved.
pub async fn pass(
    plan: Plan,
    flags: &ChangeFlags,
    question: Option<Question>,
    layout: &Layout,
) -> Result<Passage, Error> {
    let approved = |plan, how| Ok(Passage::Approved(Box::new(ApprovedPlan { plan, how })));
    if let Some(typed) = &flags.confirm
        && (plan.tier() > Tier::Reversible || typed == plan.confirm())
    {
        if typed == plan.confirm() {
            return approved(plan, Approval::Confirm);
        }
        let why = format!("--confirm names {typed:?}, and the plan is about {:?}", plan.confirm());
        let hint = format!("see the plan with --dry-run; if it is meant, type --confirm {}", plan.confirm());
        return Ok(Passage::Stopped(Box::new(plan), Ended::Refused { why, hint }));
    }
    if plan.tier() == Tier::Reversible && flags.yes {
        return approved(plan, Approval::Yes);
    }
    let Some(question) = question else {
        let ended = unconfirmed(&plan);
        return Ok(Passage::Stopped(Box::new(plan), ended));
    };
    question.show(&render(&banner(&plan), layout));
    question.show(&render(&announced(&plan), layout));
    if ask(&plan, question, layout).await? {
        return approved(plan, Approval::Answer);
    }
    Ok(Passage::Stopped(Box::new(plan), Ended::Declined))
}

/// What to type where nobody can be asked.
fn unconfirmed(plan: &Plan) -> Ended {
    let flag = match plan.tier() {
        Tier::Reversible => "--yes".to_owned(),
        _ => format!("--confirm {}", plan.confirm()),
    };
    Ended::Refused {
        why: format!("it must be confirmed (tier {}), and there is no terminal to ask at", u8::from(plan.tier())),
        hint: format!("see the plan with --dry-run; if it is meant, add {flag}"),
    }
}

/// Where it would happen, before the plan.
fn banner(plan: &Plan) -> Vec<Block> {
    let place = &plan.cluster;
    let line = |name: &str, value: &str| Block::Line {
        indent: 1,
        spans: vec![Span::faint(format!("{name:<12}")), Span::new(Tone::Strong, value)],
    };
    let namespaces: std::collections::BTreeSet<&str> =
        plan.steps.iter().filter_map(|step| step.object.address.namespace.as_deref()).collect();
    let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(", ");
    let is_production = is_production(plan);
    let (tone, environment) =
        if is_production { (Tone::Critical, "PRODUCTION") } else { (Tone::Good, "not production") };
    vec![
        Block::Heading(vec![Span::new(tone, format!("== {environment} =="))]),
        line("context", place.context.as_deref().unwrap_or("none")),
        line("server", &place.server),
        line("user", &place.user),
        line("namespace", if namespaces.is_empty() { "none: the whole cluster" } else { &namespaces }),
    ]
}

/// Parts of names by which people call what is not production.
const ELSEWHERE: [&str; 10] =
    ["dev", "test", "staging", "stage", "sandbox", "local", "kind", "minikube", "demo", "preview"];

/// Whether a plan is about production: what is not known to be something else is.
pub fn is_production(plan: &Plan) -> bool {
    let namespaces = plan.steps.iter().filter_map(|step| step.object.address.namespace.as_deref());
    let names: Vec<&str> = plan.cluster.context.as_deref().into_iter().chain(namespaces).collect();
    let says = |words: &[&str]| {
        names.iter().any(|name| name.split(|it: char| !it.is_alphanumeric()).any(|part| words.contains(&part)))
    };
    names.iter().any(|name| name.contains("prod")) || !says(&ELSEWHERE)
}

const KEYS: &str = "d the changes, u the undo, w the reasons, s FILE save the plan, n no";

async fn ask(plan: &Plan, question: Question, layout: &Layout) -> Result<bool, Error> {
    let words = match plan.tier() {
        Tier::Reversible => format!("Do it? [y/N] ({KEYS})"),
        tier => format!("Tier {}: type {} to do it ({KEYS})", u8::from(tier), plan.confirm()),
    };
    loop {
        let Some(answer) = question.ask(&words).await? else { return Ok(false) };
        let is_yes = plan.tier() == Tier::Reversible && matches!(answer.as_str(), "y" | "Y" | "yes");
        if is_yes || answer == plan.confirm() && plan.tier() > Tier::Reversible {
            return Ok(true);
        }
        match answer.split_once(' ').unwrap_or((&answer, "")) {
            ("" | "n" | "N" | "no", _) => return Ok(false),
            ("d", _) => question.show(&render(&changes(plan), layout)),
            ("u", _) => question.show(&render(&undo(plan), layout)),
            ("w", _) => question.show(&render(&reasons(plan), layout)),
            ("s", file) if !file.trim().is_empty() => save(plan, file.trim(), question),
            _ => question.show(&format!("That is no answer. {KEYS}\n")),
        }
    }
}

fn save(plan: &Plan, file: &str, question: Question) {
    let said = match journal::save(plan, Path::new(file)) {
        Ok(()) => format!("saved; to do it later: kubectl sre change apply {file}\n"),
        Err(error) => format!("{}\n", crate::error::explain(&error).message),
    };
    question.show(&said);
}

fn named(plan: &Plan) -> impl Iterator<Item = (String, &sre_core::plan::Step)> {
    plan.steps.iter().map(|step| (format!("{} {}", step.action.id(), step.object.address.object_ref()), step))
}

fn line(text: String) -> Block {
    Block::Line { indent: 1, spans: vec![Span::plain(text)] }
}

fn changes(plan: &Plan) -> Vec<Block> {
    named(plan).flat_map(|(name, step)| std::iter::once(line(name)).chain(changes_of(&step.call))).collect()
}

fn undo(plan: &Plan) -> Vec<Block> {
    let words = |undo: &Undo| match undo {
        Undo::Reverse => format!("kubectl sre change undo {} sets the values of before", plan.id),
        Undo::Delete => format!("kubectl sre change undo {} deletes it again", plan.id),
        Undo::None { why } => format!("none: {why}"),
    };
    named(plan).map(|(name, step)| line(format!("{name}: {}", words(&step.undo)))).collect()
}

fn reasons(plan: &Plan) -> Vec<Block> {
    named(plan).map(|(name, step)| line(format!("{name}: {}", step.why))).collect()
}
