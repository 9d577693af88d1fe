//! Pausing a ScaledObject of KEDA, and having it scale again.

#[cfg(test)]
mod tests;

use crate::refused::Refused;
use crate::replicas::{Planned, Seen, Span, keepers, losses, name_of, nodes, quota, text};
use serde_json::{Value, json};
use sre_core::ownership::Owner;
use sre_core::plan::{Action, Note, Step, Tier, edited};

/// Pauses it at the number of replicas that is there.
pub(crate) const PAUSED: &str = "autoscaling.keda.sh/paused";
/// Pauses it at this number of replicas, which KEDA sets.
pub(crate) const PAUSED_AT: &str = "autoscaling.keda.sh/paused-replicas";
/// What else pauses it, in one direction.
const ONE_WAY: [&str; 2] = ["autoscaling.keda.sh/paused-scale-in", "autoscaling.keda.sh/paused-scale-out"];

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It leaves the number of replicas alone, after it has set this one.
    Paused {
        /// The number, where one is to be set.
        at: Option<i64>,
    },
    /// It scales again.
    Resumed,
}

/// The step that pauses or resumes a ScaledObject, and what is to be known of it; `seen` is the object that it scales,
/// and `owners` are those of the ScaledObject.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(scaler: &Value, wanted: Wanted, seen: &Seen<'_>, owners: &[Owner]) -> Result<Planned, Refused> {
    let after = changed(scaler, wanted);
    let Some(step) = edited(Action::SetAutoscaler, scaler, &after, why(wanted, seen)) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let mut notes = keepers::check(scaler, owners, "f:autoscaling.keda.sh/paused")?;
    let tier = match wanted {
        Wanted::Paused { at } => {
            notes.push(Note::remark(format!(
                "KEDA deletes {}, and makes it anew once it is resumed",
                horizontal(scaler)
            )));
            notes.push(Note::warning("while it is paused nothing scales: not up under load, and not down to none"));
            at.map_or(Ok(Tier::Reversible), |at| moved(seen, Span { now: seen.now(), wanted: at }, &mut notes))?
        }
        Wanted::Resumed => {
            notes.extend(resumed(scaler, seen));
            Tier::Disruptive
        }
    };
    Ok((vec![Step { tier, ..step }], notes))
}

/// The ScaledObject with the annotations that KEDA documents. With the number alone some versions go to and fro between
/// none and one.
fn changed(scaler: &Value, wanted: Wanted) -> Value {
    let mut after = scaler.clone();
    let mut annotations =
        after.pointer("/metadata/annotations").and_then(Value::as_object).cloned().unwrap_or_default();
    annotations.remove(PAUSED_AT);
    annotations.remove(PAUSED);
    if let Wanted::Paused { at } = wanted {
        annotations.insert(PAUSED.to_owned(), json!("true"));
        annotations.extend(at.map(|at| (PAUSED_AT.to_owned(), json!(at.to_string()))));
    }
    if !annotations.is_empty() || after.pointer("/metadata/annotations").is_some() {
        after["metadata"]["annotations"] = Value::Object(annotations);
    }
    after
}

fn why(wanted: Wanted, seen: &Seen<'_>) -> String {
    match wanted {
        Wanted::Paused { at: Some(at) } => format!("asked for: {} stays at {at} replicas", seen.named()),
        Wanted::Paused { at: None } => {
            format!("asked for: {} stays at the replicas of now ({})", seen.named(), seen.now())
        }
        Wanted::Resumed => format!("asked for: {} is scaled by its triggers again", seen.named()),
    }
}

/// The horizontal autoscaler that KEDA makes of it.
fn horizontal(scaler: &Value) -> String {
    let named = [text(scaler, "/status/hpaName"), text(scaler, "/spec/advanced/horizontalPodAutoscalerConfig/name")];
    let name = named.into_iter().find(|it| !it.is_empty());
    name.map_or_else(
        || format!("HorizontalPodAutoscaler keda-hpa-{}", name_of(scaler)),
        |name| format!("HorizontalPodAutoscaler {name}"),
    )
}

/// What it means that KEDA sets another number; fewer replicas are disruptive.
fn moved(seen: &Seen<'_>, span: Span, notes: &mut Vec<Note>) -> Result<Tier, Refused> {
    if span.more() == 0 {
        return Ok(Tier::Reversible);
    }
    if span.more() < 0 {
        notes.extend(losses::notes(seen, span));
        return Ok(Tier::Disruptive);
    }
    let pod = seen.pod_to_be();
    notes.extend(quota::check(seen, pod.as_ref(), span)?);
    notes.extend(nodes::notes(seen, pod.as_ref(), span));
    Ok(Tier::Reversible)
}

fn resumed(scaler: &Value, seen: &Seen<'_>) -> Vec<Note> {
    let number = |pointer: &str, otherwise| scaler.pointer(pointer).and_then(Value::as_i64).unwrap_or(otherwise);
    let idle = scaler.pointer("/spec/idleReplicaCount").and_then(Value::as_i64);
    let least = idle.unwrap_or_else(|| number("/spec/minReplicaCount", 0));
    let most = number("/spec/maxReplicaCount", 100);
    let bounds = Note::warning(format!(
        "KEDA makes {} anew, and scales {} from {} to what its triggers say, between {least} and {most}",
        horizontal(scaler),
        seen.named(),
        seen.now()
    ));
    let left =
        ONE_WAY.iter().filter(|it| scaler.pointer("/metadata/annotations").is_some_and(|all| all[**it] == "true"));
    let left = left.map(|it| Note::remark(format!("{it} stays set, which still stops one direction")));
    std::iter::once(bounds).chain(left).collect()
}
