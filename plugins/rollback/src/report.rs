//! The revisions of a workload, for people and for machines.

use crate::revisions::{Revision, Verdict};
use serde_json::{Value, json};
use sre_core::plan::API_VERSION;
use sre_core::report::{Block, Report, Span, Tone, Verdict as ReportVerdict};

/// The report of `--list`.
pub(crate) fn list(title: &str, revisions: &[Revision]) -> Report {
    let mut blocks = vec![Block::Heading(vec![Span::new(Tone::Strong, title)])];
    blocks.extend(revisions.iter().flat_map(revision_blocks));
    if revisions.is_empty() {
        blocks.push(line(1, vec![Span::plain("no revision is kept")]));
    }
    let revisions: Vec<Value> = revisions.iter().map(document).collect();
    let document =
        json!({"apiVersion": API_VERSION, "kind": "RevisionList", "workload": title, "revisions": revisions});
    Report { document, blocks, own: None, verdict: ReportVerdict::default(), change: None }
}

/// The revisions, for the top of a plan.
pub(crate) fn revision_blocks(revision: &Revision) -> Vec<Block> {
    let (tone, word) = verdict_word(revision.health.verdict);
    let current = if revision.is_current { "  (now)" } else { "" };
    let mut head = vec![
        Span::new(Tone::Strong, format!("{:>4}  ", revision.number)),
        Span::new(tone, format!("{word:<8}")),
        Span::faint(format!("{:.0}  ", revision.created)),
        Span::plain(images(revision)),
        Span::new(Tone::Strong, current),
    ];
    let by = revision.by.join(", ");
    head.extend((!by.is_empty()).then(|| Span::faint(format!("  by {by}"))));
    head.extend(revision.change_cause.iter().map(|cause| Span::faint(format!("  {cause}"))));
    let evidence = revision.health.evidence.iter();
    let shown = evidence.map(|it| line(4, vec![Span::faint(format!("{} {}: {}", it.object, it.field, it.value))]));
    std::iter::once(line(0, head)).chain(shown).collect()
}

fn images(revision: &Revision) -> String {
    let images = revision.images.iter().filter(|image| !image.is_init);
    images.map(|image| image.named.clone()).collect::<Vec<_>>().join(", ")
}

/// How a verdict is called.
pub(crate) fn verdict_word(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Healthy => (Tone::Good, "healthy"),
        Verdict::Bad => (Tone::Critical, "bad"),
        Verdict::Unknown => (Tone::Unknown, "unknown"),
    }
}

pub(crate) fn line(indent: usize, spans: Vec<Span>) -> Block {
    Block::Line { indent, spans }
}

fn document(revision: &Revision) -> Value {
    let evidence = revision.health.evidence.iter();
    let evidence: Vec<Value> =
        evidence.map(|it| json!({"object": it.object, "field": it.field, "value": it.value})).collect();
    let images: Vec<Value> = revision
        .images
        .iter()
        .map(|image| json!({"container": image.container, "image": image.named, "pulled": image.pulled}))
        .collect();
    json!({
        "number": revision.number, "object": revision.object, "created": revision.created,
        "current": revision.is_current, "images": images, "changeCause": revision.change_cause, "by": revision.by,
        "health": verdict_word(revision.health.verdict).1, "evidence": evidence,
    })
}
