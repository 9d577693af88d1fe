//! What is particular to StatefulSets: an order, and a claim for each pod.

use super::{Seen, Span, text};
use serde_json::Value;
use sre_core::plan::Note;

/// Whether its pods come and go one after another.
pub(super) fn is_ordered(seen: &Seen<'_>) -> bool {
    is_stateful(seen) && text(seen.object, "/spec/podManagementPolicy") != "Parallel"
}

pub(super) fn is_stateful(seen: &Seen<'_>) -> bool {
    (seen.resource.api_version.as_str(), seen.resource.plural.as_str()) == ("apps/v1", "statefulsets")
}

/// Why a step from this many replicas is done.
pub(super) fn why(seen: &Seen<'_>, before: i64, direction: i64) -> String {
    if direction > 0 {
        format!("starts {}, and waits until it is ready", pod(seen, before))
    } else {
        format!("ends {}, the last one", pod(seen, before - 1))
    }
}

/// The name of the pod that has so many before it.
fn pod(seen: &Seen<'_>, before_it: i64) -> String {
    format!("{}-{}", seen.name(), start(seen) + before_it)
}

/// The number of its first pod.
pub(super) fn start(seen: &Seen<'_>) -> i64 {
    seen.object.pointer("/spec/ordinals/start").and_then(Value::as_i64).unwrap_or(0)
}

/// The names of the claims of the pods that come or go.
fn claims(seen: &Seen<'_>, span: Span) -> Vec<String> {
    let templates = seen.object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
    let names = templates.into_iter().flatten().map(|it| text(it, "/metadata/name"));
    let ordinals = || span.now.min(span.wanted)..span.now.max(span.wanted);
    names.flat_map(|name| ordinals().map(move |at| format!("{name}-{}", pod(seen, at)))).collect()
}

/// Whether the claims of the pods that go are deleted with them, and what is on their volumes.
pub(super) fn loses_claims(seen: &Seen<'_>, span: Span) -> bool {
    let policy = text(seen.object, "/spec/persistentVolumeClaimRetentionPolicy/whenScaled");
    is_stateful(seen) && span.more() < 0 && policy == "Delete" && !claims(seen, span).is_empty()
}

/// Systems whose members vote or hold a part of the data.
const MEMBERS: &[&str] = &["etcd", "consul", "zookeeper", "kafka", "redis", "neo4j", "cockroach", "mongo", "rabbitmq"];

/// What is to be known of it.
pub(super) fn notes(seen: &Seen<'_>, span: Span) -> Vec<Note> {
    if !is_stateful(seen) {
        return Vec::new();
    }
    let mut notes: Vec<Note> = order(seen, span).into_iter().collect();
    notes.extend(if span.more() > 0 { found_claims(seen, span) } else { left_claims(seen, span) });
    if span.more() < 0 {
        notes.extend(members(seen));
    }
    notes
}

fn order(seen: &Seen<'_>, span: Span) -> Option<Note> {
    if !is_ordered(seen) {
        return Some(Note::remark("its pod management is Parallel: all pods start or end at once"));
    }
    let ready = seen.object.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or(0);
    (span.more() > 0 && ready < span.now).then(|| {
        Note::warning(format!(
            "{ready} of {} pods are ready: the next one starts only when all before it are",
            span.now
        ))
    })
}

fn found_claims(seen: &Seen<'_>, span: Span) -> Option<Note> {
    let there = |name: &String| seen.claims.unwrap_or_default().iter().any(|it| it.metadata.name == *name);
    let found: Vec<String> = claims(seen, span).into_iter().filter(there).collect();
    (!found.is_empty()).then(|| {
        Note::remark(format!(
            "the pods get what was left in the claims that are there from before: {}",
            found.join(", ")
        ))
    })
}

fn left_claims(seen: &Seen<'_>, span: Span) -> Option<Note> {
    let left = claims(seen, span);
    if left.is_empty() {
        None
    } else if loses_claims(seen, span) {
        Some(Note::warning(format!(
            "whenScaled is Delete: these claims are deleted, what is on their volumes may be lost, and undo does not \
             bring it back: {}",
            left.join(", ")
        )))
    } else {
        Some(Note::remark(format!("these claims and what is on their volumes stay: {}", left.join(", "))))
    }
}

fn members(seen: &Seen<'_>) -> Option<Note> {
    let containers = seen.object.pointer("/spec/template/spec/containers").and_then(Value::as_array);
    let mut images = containers.into_iter().flatten().map(|it| text(it, "/image"));
    let member = images.find_map(|image| {
        let name = image.rsplit('/').next().unwrap_or_default();
        MEMBERS.iter().find(|it| name.starts_with(**it))
    })?;
    Some(Note::warning(format!(
        "it runs {member}: a member that is not taken out of the cluster first still counts, or takes its data with it"
    )))
}
