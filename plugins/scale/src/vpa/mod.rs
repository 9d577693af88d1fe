//! A VerticalPodAutoscaler: when it acts, between which bounds, and on which containers.

mod advice;
#[cfg(test)]
mod tests;

use crate::refused::Refused;
use crate::replicas::autoscalers::is_target;
use crate::replicas::{Planned, Seen, keepers, name_of, text};
use serde_json::{Value, json};
use sre_core::ownership::Owner;
use sre_core::plan::{Action, Address, Call, Checked, Expectation, Note, Step, Target, Tier, Undo, edited};
use sre_core::units::Amount;

/// The name that means every container without a policy of its own.
const ALL: &str = "*";

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// When it acts, as the kind writes it: `Off`, `Initial`, `Recreate`.
    pub mode: Option<String>,
    /// The container that the bounds and values are for; every one where none is named.
    pub container: Option<String>,
    /// The least that it may recommend.
    pub least: Vec<(String, String)>,
    /// The most that it may recommend.
    pub most: Vec<(String, String)>,
    /// Whether limits follow the requests, as the kind writes it: `RequestsOnly`.
    pub values: Option<String>,
    /// Containers that it is to leave alone.
    pub excluded: Vec<String>,
    /// Whether it is to leave those alone that the template does not name: others put them into the pods.
    pub without_injected: bool,
}

/// What a new one of an object begins with: it recommends, and does nothing.
pub fn begun(name: &str, seen: &Seen<'_>) -> Value {
    json!({
        "apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
        "metadata": {"name": name, "namespace": seen.namespace()},
        "spec": {
            "targetRef": {
                "apiVersion": seen.resource.api_version, "kind": seen.resource.kind, "name": seen.name(),
            },
            "updatePolicy": {"updateMode": "Off"},
        },
    })
}

/// The step that changes an autoscaler, or makes one that has no uid yet, and what is to be known of it; `seen` is the
/// object that it is for, and `owners` are those of the autoscaler.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(autoscaler: &Value, wanted: &Wanted, seen: &Seen<'_>, owners: &[Owner]) -> Result<Planned, Refused> {
    let own = containers(seen);
    if let Some(name) = wanted.container.iter().chain(&wanted.excluded).find(|it| !own.contains(it)) {
        return Err(Refused::new(
            format!("{} has no container {name}", seen.named()),
            format!("name one of its own: {}", own.join(" or ")),
        ));
    }
    let after = changed(autoscaler, wanted, &injected(seen));
    in_order(&after)?;
    let field = if wanted.mode.is_some() { "f:updatePolicy" } else { "f:resourcePolicy" };
    let mut notes = keepers::check(autoscaler, owners, field)?;
    only_one(autoscaler, seen)?;
    if wanted.without_injected && injected(seen).is_empty() {
        notes.push(Note::remark("no container was put into the pods that the template does not name"));
    }
    let Some(step) = step(autoscaler, &after, seen) else { return Ok((Vec::new(), notes)) };
    notes.extend(advice::notes(&after));
    notes.extend(acts(&after, seen));
    notes.extend(fights(&after, seen));
    Ok((vec![step], notes))
}

/// An autoscaler as it is to be; what was not named stays.
fn changed(autoscaler: &Value, wanted: &Wanted, injected: &[String]) -> Value {
    let mut after = autoscaler.clone();
    if let Some(mode) = &wanted.mode {
        after["spec"]["updatePolicy"]["updateMode"] = json!(mode);
    }
    let is_bounded = !wanted.least.is_empty() || !wanted.most.is_empty() || wanted.values.is_some();
    if is_bounded {
        let policy = policy_of(&mut after, wanted.container.as_deref().unwrap_or(ALL));
        for (field, quantities) in [("minAllowed", &wanted.least), ("maxAllowed", &wanted.most)] {
            for (resource, quantity) in quantities {
                policy[field][resource] = json!(quantity);
            }
        }
        if let Some(values) = &wanted.values {
            policy["controlledValues"] = json!(values);
        }
    }
    let injected = injected.iter().filter(|_| wanted.without_injected);
    for name in wanted.excluded.iter().chain(injected) {
        policy_of(&mut after, name)["mode"] = json!("Off");
    }
    after
}

/// The policy of a container, which is added where there is none.
fn policy_of<'v>(autoscaler: &'v mut Value, container: &str) -> &'v mut Value {
    let policies = &mut autoscaler["spec"]["resourcePolicy"]["containerPolicies"];
    let position = policies.as_array().and_then(|all| all.iter().position(|it| it["containerName"] == container));
    let index = position.unwrap_or_else(|| {
        let all = policies.as_array().cloned().unwrap_or_default();
        let count = all.len();
        *policies = Value::Array(all.into_iter().chain([json!({"containerName": container})]).collect());
        count
    });
    &mut policies[index]
}

/// Containers by their names: those of the template, and those that others put into the pods.
fn containers(seen: &Seen<'_>) -> Vec<String> {
    let template = seen.pod_to_be();
    let named = template.iter().flat_map(|pod| pod.spec.containers.iter().map(|it| it.name.clone()));
    named.chain(injected(seen)).collect()
}

fn injected(seen: &Seen<'_>) -> Vec<String> {
    let Some(template) = seen.pod_to_be() else { return Vec::new() };
    let is_new = |name: &str| template.spec.containers.iter().all(|it| it.name != name);
    let running = seen.pods().into_iter().flat_map(|pod| &pod.spec.containers);
    let names: std::collections::BTreeSet<&str> = running.map(|it| it.name.as_str()).filter(|it| is_new(it)).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// Refuses a minimum over its maximum, which the server lets pass.
fn in_order(autoscaler: &Value) -> Result<(), Refused> {
    for policy in policies(autoscaler) {
        for (resource, least) in policy["minAllowed"].as_object().into_iter().flatten() {
            let most = amount(&policy["maxAllowed"][resource]);
            if let (Some(least), Some(most)) = (amount(least), most)
                && least > most
            {
                let container = text(policy, "/containerName");
                return Err(Refused::new(
                    format!("the minimum of {resource} of container {container} is over its maximum"),
                    "name both: --min and --max",
                ));
            }
        }
    }
    Ok(())
}

fn policies(autoscaler: &Value) -> impl Iterator<Item = &Value> {
    let all = autoscaler.pointer("/spec/resourcePolicy/containerPolicies").and_then(Value::as_array);
    all.into_iter().flatten()
}

/// The policy that holds for a container: its own, else the one for all.
fn policy_for<'v>(autoscaler: &'v Value, container: &str) -> Option<&'v Value> {
    let of = |name: &str| policies(autoscaler).find(|it| it["containerName"] == name);
    of(container).or_else(|| of(ALL))
}

fn amount(quantity: &Value) -> Option<Amount> {
    quantity.as_str().map_or_else(|| quantity.to_string().parse().ok(), |it| it.parse().ok())
}

/// When it acts; the kind's own default is to end pods and have them made anew.
pub(crate) fn mode(autoscaler: &Value) -> &str {
    autoscaler.pointer("/spec/updatePolicy/updateMode").and_then(Value::as_str).unwrap_or("Recreate")
}

/// Whether it does something to pods that run.
fn is_acting(autoscaler: &Value) -> bool {
    !matches!(mode(autoscaler), "Off" | "Initial")
}

fn step(before: &Value, after: &Value, seen: &Seen<'_>) -> Option<Step> {
    let tier = if is_acting(after) { Tier::Disruptive } else { Tier::Reversible };
    let why = format!("asked for: a vertical autoscaler of {} in mode {}", seen.named(), mode(after));
    if before.pointer("/metadata/uid").is_some() {
        return Some(Step { tier, ..edited(Action::SetAutoscaler, before, after, why)? });
    }
    let address = Address {
        api_version: "autoscaling.k8s.io/v1".to_owned(),
        kind: "VerticalPodAutoscaler".to_owned(),
        resource: "verticalpodautoscalers".to_owned(),
        namespace: Some(seen.namespace().to_owned()),
        name: name_of(after).to_owned(),
    };
    Some(Step {
        action: Action::SetAutoscaler,
        object: Target::to_be_made(address),
        why,
        tier,
        call: Call::Create { body: after.clone() },
        expects: Expectation::Fields,
        undo: Undo::Delete,
        health: None,
        checked: Checked::NotAsked,
    })
}

/// Of two vertical autoscalers of one object only one is heeded, and which is not said.
fn only_one(autoscaler: &Value, seen: &Seen<'_>) -> Result<(), Refused> {
    let mut others = seen.vertical.unwrap_or_default().iter();
    let other = others.find(|it| is_target(seen, it, "/spec/targetRef") && name_of(it) != name_of(autoscaler));
    other.map_or(Ok(()), |other| {
        Err(Refused::new(
            format!("VerticalPodAutoscaler {} is for {} already, and only one is heeded", name_of(other), seen.named()),
            format!("change that one: kubectl sre scale vpa {} -n {} --dry-run", name_of(other), seen.namespace()),
        ))
    })
}

/// What the mode does to pods.
fn acts(after: &Value, seen: &Seen<'_>) -> Vec<Note> {
    let does = match mode(after) {
        "Off" => return vec![Note::remark("mode Off: it recommends, and sets nothing")],
        "Initial" => {
            return vec![Note::remark("mode Initial: pods get its sizes when they start, and are not ended for it")];
        }
        "InPlaceOrRecreate" => "resizes running pods in place, and ends those that cannot be",
        "InPlace" => "resizes running pods in place, and waits with those that cannot be",
        _ => "ends pods whose size is far from what it recommends, and they start anew with it",
    };
    let mut notes = vec![Note::warning(format!("mode {}: it {does}, within disruption budgets", mode(after)))];
    let least = after.pointer("/spec/updatePolicy/minReplicas").and_then(Value::as_i64).unwrap_or(2);
    if seen.now() < least {
        notes.push(Note::remark(format!(
            "with {} of the {least} replicas that it wants alive, its updater ends no pod",
            seen.now()
        )));
    }
    notes
}

/// A horizontal autoscaler that measures use by the requests that this one sets.
fn fights(after: &Value, seen: &Seen<'_>) -> Vec<Note> {
    let Some(horizontal) = seen.autoscalers else {
        return vec![Note::warning("HorizontalPodAutoscalers cannot be read: whether one fights with it is not known")];
    };
    if !is_acting(after) && mode(after) != "Initial" {
        return Vec::new();
    }
    let own = horizontal.iter().filter(|it| is_target(seen, it, "/spec/scaleTargetRef"));
    let shared = own.filter_map(|it| Some((it, measured(it).find(|name| controls(after, name))?)));
    shared
        .map(|(it, resource)| {
            Note::warning(format!(
                "HorizontalPodAutoscaler {} scales by the use of {resource} in percent of requests, which this one sets: \
                 larger requests make it take replicas away, and those left use more, so that both go on for ever; keep \
                 one of them off {resource}",
                name_of(it)
            ))
        })
        .collect()
}

/// The resources whose use in percent of requests a horizontal autoscaler scales by.
fn measured(horizontal: &Value) -> impl Iterator<Item = &str> {
    let metrics = horizontal.pointer("/spec/metrics").and_then(Value::as_array).into_iter().flatten();
    let sources = metrics.flat_map(|it| [&it["resource"], &it["containerResource"]]);
    sources.filter(|it| it["target"]["type"] == "Utilization").filter_map(|it| it["name"].as_str())
}

/// Whether any container's requests of a resource are set by a vertical autoscaler.
fn controls(autoscaler: &Value, resource: &str) -> bool {
    let is_named = |policy: &Value| {
        policy["controlledResources"].as_array().is_none_or(|all| all.iter().any(|it| *it == resource))
    };
    let for_all = policy_for(autoscaler, ALL);
    let is_controlled = |policy: &Value| policy["mode"] != "Off" && is_named(policy);
    for_all.is_none_or(is_controlled) || policies(autoscaler).any(is_controlled)
}
