//! The question to the person at the terminal: once, for the whole plan, under a banner that says where it would happen.

use super::Judged;
use crate::change::journal;
use crate::error::Error;
use crate::ui::{Layout, Question, render};
use sre_core::plan::{Plan, Undo, announced, changes_of};
use sre_core::policy::Environment;
use sre_core::report::{Block, Span, Tone};
use std::collections::BTreeSet;
use std::path::Path;

/// What is being asked about.
pub(super) struct Asking<'a> {
    pub(super) plan: &'a Plan,
    pub(super) judged: &'a Judged,
    pub(super) question: Question,
    pub(super) layout: &'a Layout,
}

impl Asking<'_> {
    /// Shows the plan and asks.
    ///
    /// # Errors
    /// Says that an answer cannot be read.
    pub(super) async fn answer(&self) -> Result<bool, Error> {
        self.show(&banner(self.plan, self.judged));
        self.show(&announced(self.plan));
        self.show(&self.judged.blocks());
        self.ask().await
    }

    fn show(&self, blocks: &[Block]) {
        self.question.show(&render(blocks, self.layout));
    }

    async fn ask(&self) -> Result<bool, Error> {
        let plan = self.plan;
        let name = super::typed_name(plan, self.judged).map(unmistakable);
        let words = match &name {
            None => format!("Do it? [y/N] ({KEYS})"),
            Some(name) => format!("Tier {}: type {name} to do it ({KEYS})", u8::from(plan.tier())),
        };
        loop {
            let Some(answer) = self.question.ask(&words).await? else { return Ok(false) };
            let is_yes = match &name {
                None => matches!(answer.as_str(), "y" | "Y" | "yes"),
                Some(name) => answer == *name,
            };
            if is_yes {
                return Ok(true);
            }
            match answer.split_once(' ').unwrap_or((&answer, "")) {
                ("" | "n" | "N" | "no", _) => return Ok(false),
                ("d", _) => self.show(&changes(plan)),
                ("u", _) => self.show(&undo(plan)),
                ("w", _) => self.show(&reasons(plan)),
                ("s", file) if !file.trim().is_empty() => save(plan, file.trim(), self.question),
                _ => self.question.show(&format!("That is no answer. {KEYS}\n")),
            }
        }
    }
}

/// A name that cannot be taken for one of the keys.
fn unmistakable(name: &str) -> String {
    let is_key = ["d", "u", "w", "s", "n", "no", "y", "yes"].contains(&name.to_lowercase().as_str());
    if is_key { format!("name {name}") } else { name.to_owned() }
}

/// Where it would happen, before the plan.
fn banner(plan: &Plan, judged: &Judged) -> Vec<Block> {
    let place = &plan.cluster;
    let line = |name: &str, value: &str| Block::Line {
        indent: 1,
        spans: vec![Span::faint(format!("{name:<12}")), Span::new(Tone::Strong, value)],
    };
    let namespaces: BTreeSet<&str> =
        plan.steps.iter().filter_map(|step| step.object.address.namespace.as_deref()).collect();
    let namespaces = namespaces.into_iter().collect::<Vec<_>>().join(", ");
    let (tone, environment) = match judged.environment() {
        Environment::Production => (Tone::Critical, "PRODUCTION"),
        Environment::Unknown => (Tone::Critical, "treated as PRODUCTION: nothing says that it is not"),
        Environment::Other => (Tone::Good, "not production"),
    };
    vec![
        Block::Heading(vec![Span::new(tone, format!("== {environment} =="))]),
        line("context", place.context.as_deref().unwrap_or("none")),
        line("server", &place.server),
        line("user", &place.user),
        line("namespace", if namespaces.is_empty() { "none: the whole cluster" } else { &namespaces }),
    ]
}

const KEYS: &str = "d the changes, u the undo, w the reasons, s FILE save the plan, n no";

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
        Undo::Run(run) => format!("kubectl sre change undo {} runs {}", plan.id, run.typed()),
        Undo::None { why } => format!("none: {why}"),
    };
    named(plan).map(|(name, step)| line(format!("{name}: {}", words(&step.undo)))).collect()
}

fn reasons(plan: &Plan) -> Vec<Block> {
    named(plan).map(|(name, step)| line(format!("{name}: {}", step.why))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_typed_by_a_key() {
        assert_eq!(
            (unmistakable("web"), unmistakable("d"), unmistakable("N")),
            ("web".to_owned(), "name d".to_owned(), "name N".to_owned())
        );
    }
}
