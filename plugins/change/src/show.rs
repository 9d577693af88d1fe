//! One change, and the page of an action.

use serde_json::json;
use sre_core::plan::{ActionInfo, Ended, Happened, Outcome, announced, outcome_blocks, printed_blocks};
use sre_core::report::{Block, Report, Span, Verdict};
use sre_runtime::change::Changes;
use sre_runtime::error::Error;

pub(crate) fn report(changes: &Changes, id: &str) -> Result<Report, Error> {
    let plan = changes.plan_of(id)?;
    let replayed = changes.replayed(&plan)?;
    let killed = Ended::Failed { why: "the run that carried it out was killed, or is not done yet".to_owned() };
    let ended = replayed.ended.clone().unwrap_or(killed);
    let outcome = Outcome { ended, steps: replayed.happened(), watched: replayed.watched.clone(), head: None };
    let place = &plan.cluster;
    let head = format!(
        "{}  {}  as {}  {:.0}",
        place.context.as_deref().unwrap_or("no context"),
        place.server,
        place.user,
        plan.made_at
    );
    let mut blocks = vec![Block::Line { indent: 0, spans: vec![Span::faint(head)] }];
    blocks.extend(announced(&plan));
    let reach: Vec<String> = place.context.iter().flat_map(|name| ["--context".to_owned(), name.clone()]).collect();
    blocks.extend(outcome_blocks(&plan, &outcome, &reach));
    blocks.extend(printed_blocks(&plan, &replayed.outputs));
    let mut document = plan.document();
    document["outcome"] = json!(outcome);
    let is_open = outcome.steps.iter().any(|it| matches!(it, Happened::Unknown { .. }));
    let verdict = Verdict { failing: false, incomplete: is_open };
    Ok(Report { document, blocks, own: None, verdict, change: None })
}

/// The page of an action.
pub(crate) fn page(row: &ActionInfo) -> String {
    format!(
        "{}  {}\n\nTier   {}; {}\nUndo   {}\n\n{}\n",
        row.id,
        row.does,
        u8::from(row.tier),
        row.higher,
        row.undo,
        row.page
    )
}
