//! The word of a second person, signed over a plan.

use serde_json::json;
use sre_core::plan::{API_VERSION, Plan, announced};
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::change;
use sre_runtime::error::Error;
use std::path::Path;

/// Shows a plan, and signs it.
pub(crate) fn report(plan: &Plan, key: &Path, out: &Path) -> Result<Report, Error> {
    let approval = change::approve(plan, key, out)?;
    let place = &plan.cluster;
    let head = format!(
        "{}  {}  planned by {} as {}",
        place.context.as_deref().unwrap_or("no context"),
        place.server,
        plan.requester.as_deref().unwrap_or("somebody"),
        place.user
    );
    let mut blocks = vec![Block::Line { indent: 0, spans: vec![Span::faint(head)] }];
    blocks.extend(announced(plan));
    let said = format!("Approved: the signature is in {}", out.display());
    blocks.push(Block::Heading(vec![Span::new(Tone::Good, said)]));
    let words = "whoever asked for it goes on with the command that their run printed, and this file".to_owned();
    blocks.push(Block::Line { indent: 1, spans: vec![Span::plain(words)] });
    let document = json!({
        "apiVersion": API_VERSION, "kind": "ApprovalGiven", "change": plan.id, "plan": plan.digest(),
        "approvedAt": approval.approved_at, "file": out,
    });
    Ok(Report { document, blocks, own: None, verdict: Verdict::default(), change: None })
}
