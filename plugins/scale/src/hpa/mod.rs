//! The bounds and targets of a HorizontalPodAutoscaler: how to change them, and what it decides then.

mod decision;
#[cfg(test)]
mod tests;

pub use decision::{Decided, decided};

use crate::refused::Refused;
use crate::replicas::autoscalers::{condition, is_of_keda, is_target};
use crate::replicas::{Planned, Seen, Span, keepers, name_of, nodes, quota, text};
use serde_json::{Value, json};
use sre_core::ownership::Owner;
use sre_core::plan::{Action, Address, Call, Checked, Expectation, Note, Step, Target, Tier, Undo, edited};

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The least replicas.
    pub least: Option<i64>,
    /// The most replicas.
    pub most: Option<i64>,
    /// Utilisation in percent of what is requested, by resource.
    pub utilisation: Vec<(&'static str, u16)>,
    /// Targets of other metrics: name and quantity.
    pub metrics: Vec<(String, String)>,
}

/// An autoscaler as it is to be; `autoscaler` is how it is, or what a new one begins with.
///
/// Metrics that were not named stay, and so does all else.
pub fn changed(autoscaler: &Value, wanted: &Wanted) -> Value {
    let mut after = autoscaler.clone();
    let spec = &mut after["spec"];
    if let Some(least) = wanted.least {
        spec["minReplicas"] = json!(least);
    }
    if let Some(most) = wanted.most {
        spec["maxReplicas"] = json!(most);
    }
    let names_metrics = !wanted.utilisation.is_empty() || !wanted.metrics.is_empty();
    if names_metrics && !spec["metrics"].is_array() {
        spec["metrics"] = json!([]);
    }
    let Some(metrics) = spec["metrics"].as_array_mut() else { return after };
    for (resource, percent) in &wanted.utilisation {
        let target = json!({"type": "Utilization", "averageUtilization": percent});
        match metrics.iter_mut().find(|it| it["type"] == "Resource" && it["resource"]["name"] == *resource) {
            Some(metric) => metric["resource"]["target"] = target,
            None => metrics.push(json!({"type": "Resource", "resource": {"name": resource, "target": target}})),
        }
    }
    for (name, quantity) in &wanted.metrics {
        match metrics.iter_mut().find_map(|it| named_source(it, name)) {
            Some(source) => set_target(source, quantity),
            None => metrics.push(json!({"type": "Pods", "pods": {
                "metric": {"name": name}, "target": {"type": "AverageValue", "averageValue": quantity},
            }})),
        }
    }
    after
}

/// The source of a metric of this name that is no resource.
fn named_source<'v>(metric: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let member = ["pods", "object", "external"].into_iter().find(|it| metric[*it]["metric"]["name"] == name)?;
    metric.get_mut(member)
}

/// Sets a target without changing whether it is one for each pod or for all together.
fn set_target(source: &mut Value, quantity: &str) {
    let field = if source["target"]["type"] == "Value" { "value" } else { "averageValue" };
    source["target"][field] = json!(quantity);
}

/// What a new autoscaler of an object begins with.
pub fn begun(name: &str, seen: &Seen<'_>) -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": seen.namespace()},
        "spec": {"scaleTargetRef": {
            "apiVersion": seen.resource.api_version, "kind": seen.resource.kind, "name": seen.name(),
        }},
    })
}

/// The step that changes an autoscaler, or makes one that has no uid yet, and what is to be known of it; `seen` is the
/// object that it scales, and `owners` are those of the autoscaler.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(autoscaler: &Value, wanted: &Wanted, seen: &Seen<'_>, owners: &[Owner]) -> Result<Planned, Refused> {
    if is_of_keda(autoscaler) {
        return Err(Refused::new(
            format!("HorizontalPodAutoscaler {} is made by KEDA, which sets it back", name_of(autoscaler)),
            format!("change minReplicaCount and maxReplicaCount: kubectl edit scaledobject -n {}", seen.namespace()),
        ));
    }
    let after = changed(autoscaler, wanted);
    let (least, most) = bounds(&after);
    if least > most {
        return Err(Refused::new(
            format!("the minimum of {least} is over the maximum of {most}"),
            "name both: --min and --max",
        ));
    }
    let mut notes = keepers::check(autoscaler, owners, "f:maxReplicas")?;
    notes.extend(only_one(autoscaler, seen)?);
    let Some(step) = step(autoscaler, &after, seen) else { return Ok((Vec::new(), notes)) };
    notes.extend(decided(&after).note());
    notes.extend(silent(&after, seen));
    notes.extend(room(seen, least, most)?);
    Ok((vec![step], notes))
}

/// The least and the most replicas.
fn bounds(autoscaler: &Value) -> (i64, i64) {
    let number = |pointer: &str| autoscaler.pointer(pointer).and_then(Value::as_i64);
    (number("/spec/minReplicas").unwrap_or(1), number("/spec/maxReplicas").unwrap_or(1))
}

fn step(before: &Value, after: &Value, seen: &Seen<'_>) -> Option<Step> {
    let (least, most) = bounds(after);
    if before.pointer("/metadata/uid").is_none() {
        let address = Address {
            api_version: "autoscaling/v2".to_owned(),
            kind: "HorizontalPodAutoscaler".to_owned(),
            resource: "horizontalpodautoscalers".to_owned(),
            namespace: Some(seen.namespace().to_owned()),
            name: name_of(after).to_owned(),
        };
        return Some(Step {
            action: Action::SetAutoscaler,
            object: Target::to_be_made(address),
            why: format!("asked for: an autoscaler of {} between {least} and {most}", seen.named()),
            tier: tier(most, seen),
            call: Call::Create { body: after.clone() },
            expects: Expectation::Fields,
            undo: Undo::Delete,
            health: None,
            checked: Checked::NotAsked,
        });
    }
    let why = format!("asked for: {} between {least} and {most}", seen.named());
    Some(Step { tier: tier(most, seen), ..edited(Action::SetAutoscaler, before, after, why)? })
}

/// With a maximum below what is there, pods end.
fn tier(most: i64, seen: &Seen<'_>) -> Tier {
    if most < seen.now() { Tier::Disruptive } else { Tier::Reversible }
}

/// Two autoscalers of one object fight; a vertical one that sets the same resource does too.
fn only_one(autoscaler: &Value, seen: &Seen<'_>) -> Result<Vec<Note>, Refused> {
    let others = seen.autoscalers.unwrap_or_default().iter();
    let mut others =
        others.filter(|it| is_target(seen, it, "/spec/scaleTargetRef") && name_of(it) != name_of(autoscaler));
    if let Some(other) = others.next() {
        return Err(Refused::new(
            format!("HorizontalPodAutoscaler {} scales {} already, and two fight", name_of(other), seen.named()),
            format!("change that one: kubectl sre scale hpa {} -n {} --dry-run", name_of(other), seen.namespace()),
        ));
    }
    let vertical = seen.vertical.unwrap_or_default().iter().filter(|it| is_target(seen, it, "/spec/targetRef"));
    let vertical = vertical.filter(|it| text(it, "/spec/updatePolicy/updateMode") != "Off");
    Ok(vertical
        .map(|it| {
            Note::warning(format!(
                "VerticalPodAutoscaler {} sets requests of the same pods, which moves the utilisation of CPU and memory",
                name_of(it)
            ))
        })
        .collect())
}

/// Utilisation is a part of what is requested: where nothing is, it cannot be told.
fn silent(after: &Value, seen: &Seen<'_>) -> Vec<Note> {
    let Some(pod) = seen.pod_to_be() else { return Vec::new() };
    let metrics = after.pointer("/spec/metrics").and_then(Value::as_array).into_iter().flatten();
    let shares = metrics.filter(|it| it["resource"]["target"]["type"] == "Utilization");
    let names = shares.filter_map(|it| it["resource"]["name"].as_str());
    let missing = |name: &str| {
        pod.spec.containers.iter().find(|it| {
            [&it.resources.requests, &it.resources.limits].iter().all(|list| list.iter().all(|it| it.name != name))
        })
    };
    names
        .filter_map(|name| {
            let container = &missing(name)?.name;
            Some(Note::warning(format!(
                "container {container} requests no {name}: its utilisation cannot be told, and nothing is scaled by it"
            )))
        })
        .collect()
}

/// What the minimum needs must be there; what the maximum needs had better be.
fn room(seen: &Seen<'_>, least: i64, most: i64) -> Result<Vec<Note>, Refused> {
    let pod = seen.pod_to_be();
    let (now, mut notes) = (seen.now(), Vec::new());
    if least > now {
        quota::check(seen, pod.as_ref(), Span { now, wanted: least })?;
    }
    if most <= now {
        return Ok(notes);
    }
    let span = Span { now, wanted: most };
    let in_quota = quota::check(seen, pod.as_ref(), span);
    notes.extend(in_quota.unwrap_or_else(|refused| vec![Note::warning(refused.why)]));
    notes.extend(nodes::notes(seen, pod.as_ref(), span));
    notes.iter_mut().for_each(|note| note.text = format!("at the maximum of {most}: {}", note.text));
    Ok(notes)
}

/// Why it decides nothing, in its own words.
fn inactive(autoscaler: &Value) -> Option<String> {
    (condition(autoscaler, "ScalingActive") == Some("False")).then(|| {
        let conditions = autoscaler.pointer("/status/conditions").and_then(Value::as_array);
        let active = conditions.into_iter().flatten().find(|it| it["type"] == "ScalingActive");
        active.map_or_else(String::new, |it| text(it, "/message").to_owned())
    })
}
