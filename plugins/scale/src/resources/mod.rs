//! What a container asks for, in the pod template of a workload.

pub(crate) mod in_place;
#[cfg(test)]
mod tests;
pub(crate) mod usage;

use crate::refused::Refused;
use crate::replicas::autoscalers::is_target;
use crate::replicas::{Planned, Seen, Span, keepers, name_of, nodes, quota, text};
use crate::vpa;
use serde_json::{Value, json};
use sre_core::plan::{Action, Expectation, Note, Step, Tier, edited};
use sre_core::slim::pod_spec::PodSpec;
use sre_core::slim::{Pod, ResourceAmount, amount_of};
use sre_core::workload_status::ends_all_at_once;

/// What is asked for: names of resources with their quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The container.
    pub container: String,
    /// What it is to request.
    pub requests: Vec<(String, String)>,
    /// What it may use at most.
    pub limits: Vec<(String, String)>,
}

/// The step that sets them, and what is to be known of it.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(seen: &Seen<'_>, wanted: &Wanted) -> Result<Planned, Refused> {
    if !matches!(seen.kind(), "Deployment" | "StatefulSet") {
        return Err(Refused::new(
            format!("a {} does not replace its pods when its template changes", seen.kind()),
            "name a Deployment or a StatefulSet",
        ));
    }
    if seen.object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Err(Refused::new(
            format!("the rollout of {} is paused, and the change would wait with it", seen.named()),
            format!("kubectl rollout resume deployment/{} -n {}", seen.name(), seen.namespace()),
        ));
    }
    let after = changed(seen.object, "/spec/template/spec", wanted)?;
    let why = format!("asked for: {}", said(wanted));
    let Some(step) = edited(Action::SetResources, seen.object, &after, why) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let tier = if ends_all_at_once(seen.object) { Tier::Disruptive } else { step.tier };
    let mut notes = keepers::check(seen.object, seen.owners, "f:template")?;
    let then = Seen { object: &after, ..*seen };
    notes.extend(classes(seen.pod_to_be().as_ref(), then.pod_to_be().as_ref()));
    notes.extend(room(&then)?);
    notes.extend(autoscalers(seen, wanted));
    Ok((vec![Step { tier, expects: Expectation::RolledOut, ..step }], notes))
}

/// An object with other resources of one container; `spec` is where its pods' is.
fn changed(object: &Value, spec: &str, wanted: &Wanted) -> Result<Value, Refused> {
    let mut after = object.clone();
    let mut names = Vec::new();
    for list in ["containers", "initContainers"] {
        let containers = after.pointer_mut(&format!("{spec}/{list}")).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            if container["name"] != wanted.container.as_str() {
                names.push(container["name"].as_str().unwrap_or_default().to_owned());
                continue;
            }
            for (field, quantities) in [("requests", &wanted.requests), ("limits", &wanted.limits)] {
                for (resource, quantity) in quantities {
                    container["resources"][field][resource] = json!(quantity);
                }
            }
            return Ok(after);
        }
    }
    let why = format!("{} has no container {}", text(object, "/metadata/name"), wanted.container);
    Err(Refused::new(why, format!("name one of its own: --container {}", names.join(" or "))))
}

fn said(wanted: &Wanted) -> String {
    let list = |list: &[(String, String)]| list.iter().map(|(name, it)| format!("{name}={it}")).collect::<Vec<_>>();
    let part =
        |name: &str, all: &[(String, String)]| (!all.is_empty()).then(|| format!("{name} {}", list(all).join(",")));
    let parts = [part("requests", &wanted.requests), part("limits", &wanted.limits)];
    format!("{} of {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "), wanted.container)
}

/// Says it when the class of service changes, which decides who is evicted first.
fn classes(before: Option<&Pod>, after: Option<&Pod>) -> Option<Note> {
    let (before, after) = (class(&before?.spec), class(&after?.spec));
    (before != after)
        .then(|| Note::warning(format!("the class of service of the pods changes from {before} to {after}")))
}

/// The class of service of a pod (<https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>).
fn class(spec: &PodSpec) -> &'static str {
    let says = |list: &[ResourceAmount]| list.iter().any(|it| it.name == "cpu" || it.name == "memory");
    if !spec.all_containers().any(|it| says(&it.resources.requests) || says(&it.resources.limits)) {
        return "BestEffort";
    }
    let is_fixed = |name: &str| {
        spec.all_containers().all(|it| {
            let limit = amount_of(&it.resources.limits, name);
            let request = amount_of(&it.resources.requests, name).or(limit);
            limit.is_some() && request == limit
        })
    };
    if is_fixed("cpu") && is_fixed("memory") { "Guaranteed" } else { "Burstable" }
}

/// Whether pods of the new size may come into being, and find a place.
fn room(then: &Seen<'_>) -> Result<Vec<Note>, Refused> {
    let pod = then.pod_to_be();
    pod.as_ref().map_or(Ok(None), |pod| quota::limits(then, pod))?;
    // While it rolls out, one pod more is there, as a rule.
    let one_more = Span { now: then.now(), wanted: then.now() + 1 };
    let mut rolling = match quota::check(then, pod.as_ref(), one_more) {
        Ok(notes) => notes,
        Err(refused) => vec![Note::warning(refused.why)],
    };
    rolling.extend(nodes::notes(then, pod.as_ref(), one_more));
    rolling.iter_mut().for_each(|note| note.text = format!("for the first pod of the new size: {}", note.text));
    Ok(rolling)
}

/// What vertical autoscalers recommend or set themselves, and horizontal ones that measure by what is requested.
pub(crate) fn autoscalers(seen: &Seen<'_>, wanted: &Wanted) -> Vec<Note> {
    let vertical = seen.vertical.unwrap_or_default().iter().filter(|it| is_target(seen, it, "/spec/targetRef"));
    let mut notes: Vec<Note> = vertical.flat_map(|it| vertical_notes(it, wanted)).collect();
    let horizontal = seen.autoscalers.unwrap_or_default().iter();
    let horizontal = horizontal.filter(|it| is_target(seen, it, "/spec/scaleTargetRef"));
    notes.extend(horizontal.filter(|it| measures(it, wanted)).map(|it| {
        Note::warning(format!(
            "HorizontalPodAutoscaler {} measures use by what is requested: with other requests it wants another number",
            name_of(it)
        ))
    }));
    notes
}

fn vertical_notes(autoscaler: &Value, wanted: &Wanted) -> Vec<Note> {
    let name = name_of(autoscaler);
    let all = autoscaler.pointer("/status/recommendation/containerRecommendations").and_then(Value::as_array);
    let own = all.into_iter().flatten().find(|it| it["containerName"] == wanted.container.as_str());
    let recommended = own.and_then(|it| it["target"].as_object()).map(|target| {
        let each = target.iter().map(|(name, it)| format!("{name}={}", it.as_str().unwrap_or_default()));
        Note::remark(format!("VerticalPodAutoscaler {name} recommends {}", each.collect::<Vec<_>>().join(",")))
    });
    let mode = vpa::mode(autoscaler);
    let sets = (mode != "Off").then(|| {
        Note::warning(format!(
            "VerticalPodAutoscaler {name} ({mode}) sets what new pods ask for, whatever the template says"
        ))
    });
    recommended.into_iter().chain(sets).collect()
}

fn measures(autoscaler: &Value, wanted: &Wanted) -> bool {
    let metrics = autoscaler.pointer("/spec/metrics").and_then(Value::as_array).into_iter().flatten();
    let named = |resource: &Value| wanted.requests.iter().any(|(name, _)| *resource == name.as_str());
    metrics.into_iter().any(|it| {
        let source = if it["type"] == "ContainerResource" { &it["containerResource"] } else { &it["resource"] };
        source["target"]["type"] == "Utilization" && named(&source["name"])
    })
}
