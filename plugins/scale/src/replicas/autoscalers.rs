//! Whoever else sets the number: horizontal autoscalers and KEDA; and what changes the pods besides: vertical ones.

use super::{Seen, Span, name_of, text, unread};
use crate::keda::{PAUSED, PAUSED_AT};
use crate::refused::Refused;
use crate::vpa;
use serde_json::Value;
use sre_core::plan::Note;

/// Refuses a number that an autoscaler would set back, and says what the others do.
pub(super) fn check(seen: &Seen<'_>, span: Span) -> Result<Vec<Note>, Refused> {
    let mut notes = Vec::new();
    match seen.scaled_objects {
        Some(objects) => {
            for object in objects.iter().filter(|it| is_target(seen, it, "/spec/scaleTargetRef")) {
                notes.extend(scaled_object(seen, span, object)?);
            }
        }
        None => notes.push(unread("KEDA's ScaledObjects", "whether one sets the number back")),
    }
    match seen.autoscalers {
        Some(autoscalers) => {
            let own = autoscalers.iter().filter(|it| is_target(seen, it, "/spec/scaleTargetRef") && !is_of_keda(it));
            for autoscaler in own {
                notes.push(horizontal(seen, span, autoscaler)?);
            }
        }
        None => notes.push(unread("HorizontalPodAutoscalers", "whether one sets the number back")),
    }
    let vertical = seen.vertical.unwrap_or_default().iter().filter(|it| is_target(seen, it, "/spec/targetRef"));
    notes.extend(vertical.filter_map(vertical_note));
    Ok(notes)
}

/// Whether an autoscaler is about the object; KEDA means a Deployment where no kind is said.
pub(crate) fn is_target(seen: &Seen<'_>, autoscaler: &Value, pointer: &str) -> bool {
    let Some(target) = autoscaler.pointer(pointer) else { return false };
    let group = |version: &str| version.split_once('/').map_or(String::new(), |(group, _)| group.to_owned());
    let kind = target["kind"].as_str().unwrap_or("Deployment");
    let version = target["apiVersion"].as_str().filter(|it| !it.is_empty());
    target["name"] == seen.name()
        && kind == seen.kind()
        && version.is_none_or(|it| group(it) == group(&seen.resource.api_version))
}

pub(crate) fn is_of_keda(autoscaler: &Value) -> bool {
    let owners = autoscaler.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    owners.into_iter().flatten().any(|it| it["kind"] == "ScaledObject")
}

fn horizontal(seen: &Seen<'_>, span: Span, autoscaler: &Value) -> Result<Note, Refused> {
    let name = name_of(autoscaler);
    let number = |pointer: &str| autoscaler.pointer(pointer).and_then(Value::as_i64);
    let (least, most) = (number("/spec/minReplicas").unwrap_or(1), number("/spec/maxReplicas").unwrap_or(1));
    let is_within = (least..=most).contains(&span.wanted);
    if span.wanted == 0 && least > 0 {
        return Ok(Note::warning(format!(
            "HorizontalPodAutoscaler {name} does nothing while no replica is wanted, and goes on once one is"
        )));
    }
    let is_active = condition(autoscaler, "ScalingActive") != Some("False");
    if is_within && !is_active {
        return Ok(Note::warning(format!(
            "HorizontalPodAutoscaler {name} gets no metrics, and sets a number of its own once it does"
        )));
    }
    let decided = if is_within { "decides by its metrics" } else { "allows no such number" };
    let bounds = if span.more() > 0 {
        format!("--min {} --max {}", span.wanted, most.max(span.wanted))
    } else {
        format!("--min {} --max {}", least.min(span.wanted), span.wanted)
    };
    Err(Refused::new(
        format!(
            "HorizontalPodAutoscaler {name} ({least} to {most}) {decided}, and sets the number back within seconds"
        ),
        format!("move its bounds instead: kubectl sre scale hpa {name} {bounds} -n {} --dry-run", seen.namespace()),
    ))
}

pub(crate) fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v str> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|it| it["type"] == kind)?["status"].as_str()
}

fn scaled_object(seen: &Seen<'_>, span: Span, object: &Value) -> Result<Option<Note>, Refused> {
    let name = name_of(object);
    let annotation =
        |key: &str| object.pointer("/metadata/annotations").and_then(|it| it.get(key)).and_then(Value::as_str);
    let at = annotation(PAUSED_AT).and_then(|it| it.parse::<i64>().ok());
    if at == Some(span.wanted) || (at.is_none() && annotation(PAUSED) == Some("true")) {
        return Ok(Some(Note::remark(format!("KEDA's ScaledObject {name} is paused, and leaves the number alone"))));
    }
    Err(Refused::new(
        format!("KEDA's ScaledObject {name} sets the number back at once"),
        format!(
            "change its minReplicaCount and maxReplicaCount; or pause it at this number: kubectl sre scale keda {name} \
             --pause --at {} -n {} --dry-run",
            span.wanted,
            seen.namespace()
        ),
    ))
}

fn vertical_note(autoscaler: &Value) -> Option<Note> {
    let mode = vpa::mode(autoscaler);
    (mode != "Off").then(|| {
        Note::remark(format!(
            "VerticalPodAutoscaler {} ({mode}) sets what new pods ask for, which may be more than the template says",
            text(autoscaler, "/metadata/name")
        ))
    })
}
