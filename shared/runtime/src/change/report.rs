//! A plan and what became of it, as the report of a command.

use super::acting::{Acting, Carried};
use super::gate::{self, Judged};
use crate::args::ChangeFlags;
use crate::error::Error;
use crate::ui;
use sre_core::plan::{Ended, Note, Plan, Step, announced, outcome_blocks};
use sre_core::report::{Block, Report, Span, Verdict};

impl Acting {
    /// Takes steps through the one way of changing things, and reports what became of them.
    ///
    /// # Errors
    /// As [`Self::carry_out`].
    pub async fn changed(
        &self,
        title: impl Into<String>,
        steps: Vec<Step>,
        notes: Vec<Note>,
        flags: &ChangeFlags,
    ) -> Result<Report, Error> {
        let plan = Plan { notes, ..self.plan(title, steps, flags) };
        Ok(self.report(&self.carry_out(plan, flags).await?))
    }

    /// The report of a change.
    pub fn report(&self, carried: &Carried) -> Report {
        let mut blocks = Vec::new();
        if !carried.is_shown {
            blocks.extend(self.header());
            blocks.extend(announced(&carried.plan));
            blocks.extend(carried.judged.iter().flat_map(Judged::blocks));
        }
        blocks.extend(outcome_blocks(&carried.plan, &carried.outcome, self.reach()));
        blocks.extend(self.how_to_confirm(carried));
        Report {
            document: carried.document(),
            blocks,
            own: None,
            verdict: Verdict::default(),
            change: Some(carried.outcome.ended.clone()),
        }
    }

    fn header(&self) -> Vec<Block> {
        let place = self.place();
        let (context, server) = (place.context.as_deref().unwrap_or("no context"), &place.server);
        let line = |words: String| Block::Line { indent: 0, spans: vec![Span::faint(words)] };
        vec![line(format!("{context}  {server}  as {}", place.user)), line(ui::times(&self.now().to_string()))]
    }

    /// A dry run ends with what to add to do it.
    fn how_to_confirm(&self, carried: &Carried) -> Option<Block> {
        let flag = gate::confirming_flag(&carried.plan, carried.judged.as_ref()?);
        let words = format!("to do it, leave --dry-run out and add {flag}, or answer at a terminal");
        (carried.outcome.ended == Ended::DryRun).then(|| Block::Line { indent: 1, spans: vec![Span::faint(words)] })
    }
}
