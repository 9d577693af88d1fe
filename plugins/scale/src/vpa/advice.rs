//! What a vertical autoscaler recommends now, and what its bounds make of that.

use super::{amount, policy_for};
use crate::replicas::autoscalers::condition;
use serde_json::Value;
use sre_core::plan::Note;

/// A note for each container that it recommends something for, or why it recommends nothing.
pub(super) fn notes(autoscaler: &Value) -> Vec<Note> {
    let all = recommendations(autoscaler);
    if all.is_empty() {
        let why = match condition(autoscaler, "RecommendationProvided") {
            Some(_) => "its recommender has too little to go by",
            None => "no recommender has looked at it",
        };
        return vec![Note::remark(format!("it recommends nothing yet: {why}"))];
    }
    all.iter().map(|it| note(autoscaler, it)).collect()
}

fn recommendations(autoscaler: &Value) -> &[Value] {
    let all = autoscaler.pointer("/status/recommendation/containerRecommendations").and_then(Value::as_array);
    all.map_or(&[], Vec::as_slice)
}

fn note(autoscaler: &Value, recommended: &Value) -> Note {
    let container = recommended["containerName"].as_str().unwrap_or_default();
    let policy = policy_for(autoscaler, container);
    let mut said = format!("it recommends {} for {container} now", listed(&recommended["target"]));
    let (least, most) = (listed(&recommended["lowerBound"]), listed(&recommended["upperBound"]));
    if !least.is_empty() && !most.is_empty() {
        said = format!("{said} (from {least} to {most})");
    }
    if policy.is_some_and(|it| it["mode"] == "Off") {
        return Note::remark(format!("{said}, and leaves {container} alone"));
    }
    let bounded: Vec<String> =
        policy.map_or_else(Vec::new, |it| bounded(it, &recommended["uncappedTarget"], recommended));
    if bounded.is_empty() {
        Note::remark(said)
    } else {
        Note::remark(format!("{said}; with these bounds {}", bounded.join(",")))
    }
}

/// What the bounds make of a recommendation, where they make something else of it.
fn bounded(policy: &Value, uncapped: &Value, recommended: &Value) -> Vec<String> {
    let target = if uncapped.is_object() { uncapped } else { &recommended["target"] };
    let mut changed = Vec::new();
    for (resource, wanted) in target.as_object().into_iter().flatten() {
        let bound = |field: &str| policy[field].get(resource).filter(|it| amount(it).is_some());
        let Some(value) = amount(wanted) else { continue };
        let raised = bound("minAllowed").filter(|it| amount(it) > Some(value));
        let lowered = bound("maxAllowed").filter(|it| amount(it) < Some(value));
        if let Some(bound) = raised.or(lowered).filter(|it| amount(it) != amount(&recommended["target"][resource])) {
            changed.push(format!("{resource}={}", written(bound)));
        }
    }
    changed
}

fn listed(quantities: &Value) -> String {
    let all = quantities.as_object().into_iter().flatten();
    all.map(|(name, it)| format!("{name}={}", written(it))).collect::<Vec<_>>().join(",")
}

fn written(quantity: &Value) -> String {
    quantity.as_str().map_or_else(|| quantity.to_string(), str::to_owned)
}
