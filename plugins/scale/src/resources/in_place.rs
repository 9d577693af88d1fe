//! Resizing pods that run, without replacing them
//! (<https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>).

use super::{Wanted, changed, class, said};
use crate::refused::Refused;
use crate::replicas::{Planned, text};
use serde_json::Value;
use sre_core::plan::{Action, Call, Checked, Expectation, Note, Step, Target, Tier, Undo, difference};
use sre_core::slim::{Pod, from_json};
use sre_core::units::Amount;
use std::collections::BTreeSet;

/// What a running pod can be given another size of.
const RESIZABLE: [&str; 2] = ["cpu", "memory"];

/// The steps that resize each pod that runs, and what is to be known of them; `is_served` is whether the API server
/// resizes pods, and `workload` what they belong to.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub(crate) fn plan(
    pods: &[Value],
    wanted: &Wanted,
    is_served: bool,
    workload: Option<&str>,
) -> Result<Planned, Refused> {
    const ROLL: &str =
        "change the template, which replaces the pods: name its Deployment or StatefulSet, without --in-place";
    if !is_served {
        return Err(Refused::new("the API server resizes no running pods: it does not serve pods/resize", ROLL));
    }
    if let Some(other) = wanted.requests.iter().chain(&wanted.limits).find(|(it, _)| !RESIZABLE.contains(&it.as_str()))
    {
        return Err(Refused::new(
            format!("a running pod can be given other cpu and memory, but not {}", other.0),
            ROLL,
        ));
    }
    let runs =
        |pod: &&Value| text(pod, "/status/phase") == "Running" && pod.pointer("/metadata/deletionTimestamp").is_none();
    let running: Vec<&Value> = pods.iter().filter(runs).collect();
    if running.is_empty() {
        return Err(Refused::new("no pod of it runs", ROLL));
    }
    let mut steps = Vec::new();
    for pod in &running {
        steps.extend(step(pod, wanted)?);
    }
    let notes = if steps.is_empty() { Vec::new() } else { notes(pods.len(), &running, wanted, workload) };
    Ok((steps, notes))
}

fn step(pod: &Value, wanted: &Wanted) -> Result<Option<Step>, Refused> {
    let after = changed(pod, "/spec", wanted)?;
    refuse_other_class(pod, &after)?;
    let fields = difference(pod, &after, "/spec");
    let Some(object) = Target::of(pod, "pods").filter(|_| !fields.is_empty()) else { return Ok(None) };
    Ok(Some(Step {
        action: Action::SetResources,
        object,
        why: format!("asked for: {}, in place", said(wanted)),
        tier: if restarting(pod, wanted).is_some() { Tier::Disruptive } else { Tier::Reversible },
        call: Call::Edit { subresource: Some("resize".to_owned()), fields },
        expects: Expectation::Resized,
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
    }))
}

/// The class of service of a pod is for life.
fn refuse_other_class(before: &Value, after: &Value) -> Result<(), Refused> {
    let read = |pod: &Value| from_json::<Pod>(pod.to_string().as_bytes()).ok().map(|pod| class(&pod.spec));
    match (read(before), read(after)) {
        (Some(before), Some(after)) if before != after => Err(Refused::new(
            format!("the class of service would change from {before} to {after}, which no running pod can"),
            "choose requests and limits that keep it, or leave --in-place out: then the pods are replaced",
        )),
        _ => Ok(()),
    }
}

/// The first resource that the container is restarted for.
fn restarting<'w>(pod: &Value, wanted: &'w Wanted) -> Option<&'w str> {
    let containers = pod.pointer("/spec/containers")?.as_array()?;
    let own = containers.iter().find(|it| it["name"] == wanted.container.as_str())?;
    let policies = own["resizePolicy"].as_array()?;
    let mut names = wanted.requests.iter().chain(&wanted.limits).map(|(name, _)| name.as_str());
    names
        .find(|name| policies.iter().any(|it| it["resourceName"] == *name && it["restartPolicy"] == "RestartContainer"))
}

fn notes(all: usize, running: &[&Value], wanted: &Wanted, workload: Option<&str>) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(workload) = workload {
        notes.push(Note::warning(format!(
            "the template of {workload} stays: pods that replace these have the size of before; without --in-place the \
             template changes, and the pods are replaced"
        )));
    }
    if let Some(name) = running.iter().find_map(|pod| restarting(pod, wanted)) {
        notes.push(Note::warning(format!(
            "container {} restarts: its resizePolicy wants that for {name}",
            wanted.container
        )));
    }
    if running.iter().any(|pod| is_memory_lowered(pod, wanted)) {
        notes.push(Note::warning("less memory is allowed than before: its node does that only while less is used"));
    }
    if all > running.len() {
        notes.push(Note::warning(format!("{} of {all} pods do not run, and stay as they are", all - running.len())));
    }
    let nodes: BTreeSet<&str> = running.iter().map(|pod| text(pod, "/spec/nodeName")).collect();
    notes.push(Note::remark(format!(
        "whether there is room the node of each decides: what it has not now it puts off ({})",
        nodes.into_iter().collect::<Vec<_>>().join(", ")
    )));
    notes
}

fn is_memory_lowered(pod: &Value, wanted: &Wanted) -> bool {
    let amount = |text: &str| text.parse::<Amount>().ok();
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    let own = containers.into_iter().find(|it| it["name"] == wanted.container.as_str());
    let before = own.and_then(|it| it["resources"]["limits"]["memory"].as_str()).and_then(amount);
    let after = wanted.limits.iter().find(|(name, _)| name == "memory").and_then(|(_, it)| amount(it));
    matches!((before, after), (Some(before), Some(after)) if after < before)
}

/// What stands in the plan of a rollout about the other way.
pub(crate) fn other_way(is_served: bool) -> Note {
    Note::remark(if is_served {
        "the template changes, so that the pods are replaced; with --in-place those that run are resized instead, and the \
         template stays"
    } else {
        "the template changes, so that the pods are replaced: this API server resizes no running pods"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(name: &str, phase: &str) -> Value {
        let resources = json!({"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}});
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": name},
            "spec": {"nodeName": "a", "containers": [{"name": "app", "resources": resources}]},
            "status": {"phase": phase},
        })
    }

    fn wanted(requests: &[(&str, &str)], limits: &[(&str, &str)]) -> Wanted {
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect();
        Wanted { container: "app".to_owned(), requests: pairs(requests), limits: pairs(limits) }
    }

    fn refused(pods: &[Value], wanted: &Wanted, is_served: bool) -> String {
        plan(pods, wanted, is_served, None).expect_err("a refusal").why
    }

    #[test]
    fn pods_that_run_are_resized_and_the_template_is_said_to_stay() {
        let pods = [pod("web-1", "Running"), pod("web-2", "Pending"), pod("web-3", "Running")];
        let (steps, notes) = plan(&pods, &wanted(&[("cpu", "2")], &[]), true, Some("Deployment web")).expect("a plan");
        let names: Vec<&str> = steps.iter().map(|it| it.object.address.name.as_str()).collect();
        assert_eq!(names, ["web-1", "web-3"]);
        assert_eq!((steps[0].call.subresource(), steps[0].expects), (Some("resize"), Expectation::Resized));
        assert_eq!(steps[0].call.fields()[0].field, "spec.containers[app].resources.requests.cpu");
        let said = notes.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n");
        assert!(
            said.contains("the template of Deployment web stays") && said.contains("1 of 3 pods do not run"),
            "{said}"
        );
        assert_eq!(plan(&pods, &wanted(&[("cpu", "1")], &[]), true, None), Ok((Vec::new(), Vec::new())));
    }

    #[test]
    fn restarts_and_less_memory_are_told() {
        let mut one = pod("web-1", "Running");
        let (steps, notes) = plan(&[one.clone()], &wanted(&[], &[("memory", "1500Mi")]), true, None).expect("a plan");
        assert!(steps[0].tier == Tier::Reversible && notes[0].text.starts_with("less memory is allowed"), "{notes:?}");
        one["spec"]["containers"][0]["resizePolicy"] =
            json!([{"resourceName": "memory", "restartPolicy": "RestartContainer"}]);
        let (steps, notes) = plan(&[one.clone()], &wanted(&[], &[("memory", "3Gi")]), true, None).expect("a plan");
        assert_eq!(
            (steps[0].tier, notes[0].text.as_str()),
            (Tier::Disruptive, "container app restarts: its resizePolicy wants that for memory")
        );
        let (steps, _) = plan(&[one], &wanted(&[("cpu", "2")], &[]), true, None).expect("a plan");
        assert_eq!(steps[0].tier, Tier::Reversible, "cpu needs no restart");
    }

    #[test]
    fn what_cannot_be_done_in_place_is_refused() {
        let pods = [pod("web-1", "Running")];
        let cpu = wanted(&[("cpu", "2")], &[]);
        assert!(refused(&pods, &cpu, false).contains("does not serve pods/resize"));
        assert!(refused(&[pod("web-1", "Pending")], &cpu, true).contains("no pod of it runs"));
        let storage = wanted(&[("ephemeral-storage", "1Gi")], &[]);
        assert!(refused(&pods, &storage, true).ends_with("but not ephemeral-storage"));
        let fixed = wanted(&[("memory", "2Gi")], &[("cpu", "1")]);
        assert!(refused(&pods, &fixed, true).contains("from Burstable to Guaranteed"));
    }
}
