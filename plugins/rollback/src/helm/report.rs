//! The revisions of a release, for people and for machines.

use super::health::Fared;
use crate::report::{line, verdict_word};
use serde_json::{Value, json};
use sre_core::object::ObjectRef;
use sre_core::plan::API_VERSION;
use sre_core::report::{Block, Report, Span, Tone, Verdict};

/// The report of `--list`.
pub(super) fn list(title: &str, revisions: &[Fared]) -> Report {
    let mut blocks = vec![Block::Heading(vec![Span::new(Tone::Strong, title)])];
    blocks.extend(self::blocks(revisions));
    let documents: Vec<Value> =
        revisions.iter().enumerate().map(|(index, revision)| document(revision, index == 0)).collect();
    let document =
        json!({"apiVersion": API_VERSION, "kind": "RevisionList", "workload": title, "revisions": documents});
    Report { document, blocks, own: None, verdict: Verdict::default(), change: None }
}

/// The revisions, for the top of a plan.
pub(super) fn blocks(revisions: &[Fared]) -> Vec<Block> {
    revisions.iter().enumerate().flat_map(|(index, revision)| revision_blocks(revision, index == 0)).collect()
}

fn revision_blocks(fared: &Fared, is_newest: bool) -> Vec<Block> {
    let release = &fared.release;
    let (tone, word) = verdict_word(fared.verdict);
    let at = release.deployed.map_or_else(|| "at an unknown time".to_owned(), |at| format!("{at:.0}"));
    let version = if release.app_version.is_empty() { String::new() } else { format!(" ({})", release.app_version) };
    let head = vec![
        Span::new(Tone::Strong, format!("{:>4}  ", release.revision)),
        Span::new(tone, format!("{word:<8}")),
        Span::faint(format!("{at}  ")),
        Span::plain(format!("{}{version}", release.chart)),
        Span::new(Tone::Strong, if is_newest { "  (now)" } else { "" }),
    ];
    let evidence = fared.evidence.iter();
    let shown = evidence.map(|it| line(4, vec![Span::faint(format!("{} {}: {}", it.object, it.field, it.value))]));
    std::iter::once(line(0, head)).chain(shown).collect()
}

fn document(fared: &Fared, is_newest: bool) -> Value {
    let release = &fared.release;
    let evidence: Vec<Value> =
        fared.evidence.iter().map(|it| json!({"object": it.object, "field": it.field, "value": it.value})).collect();
    json!({
        "number": release.revision,
        "object": ObjectRef::namespaced("Release", &release.namespace, &release.name),
        "created": release.deployed, "current": is_newest, "images": images(&release.objects), "changeCause": null,
        "by": [], "health": verdict_word(fared.verdict).1, "evidence": evidence,
        "release": {
            "status": release.status, "chart": release.chart, "appVersion": release.app_version,
            "description": release.description,
        },
    })
}

/// What its containers run, as the manifest names it.
fn images(objects: &[Value]) -> Vec<Value> {
    let containers = objects.iter().filter_map(|it| it.pointer("/spec/template/spec/containers")?.as_array()).flatten();
    let image = |it: &Value| json!({"container": it["name"], "image": it["image"], "pulled": null});
    containers.filter(|it| it["name"].is_string() && it["image"].is_string()).map(image).collect()
}
