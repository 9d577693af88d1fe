//! The word of a second person, signed over a plan.

use serde_json::json;
use sre_core::plan::{API_VERSION, Approval, Plan, announced};
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::change;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::path::Path;

/// Shows a plan, and signs it into a file.
pub(crate) fn report(plan: &Plan, key: &Path, out: &Path) -> Result<Report, Error> {
    let approval = change::approve(plan, key, out)?;
    let words = "whoever asked for it goes on with the command that their run printed, and this file";
    Ok(given(plan, &approval, &out.display().to_string(), words))
}

/// Shows a plan, and signs it into the cluster.
pub(crate) async fn in_cluster(session: &Session, plan: &Plan, key: &Path) -> Result<Report, Error> {
    let (approval, address) = session.act().await?.approve(plan, key).await?;
    let words = "whoever asked for it applies the plan, without --approval";
    Ok(given(plan, &approval, &address.object_ref().to_string(), words))
}

fn given(plan: &Plan, approval: &Approval, out: &str, words: &str) -> Report {
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
    blocks.push(Block::Heading(vec![Span::new(Tone::Good, format!("Approved: the signature is in {out}"))]));
    blocks.push(Block::Line { indent: 1, spans: vec![Span::plain(words)] });
    let document = json!({
        "apiVersion": API_VERSION, "kind": "ApprovalGiven", "change": plan.id, "plan": plan.digest(),
        "approvedAt": approval.approved_at, "file": out,
    });
    Report { document, blocks, own: None, verdict: Verdict::default(), change: None }
}
