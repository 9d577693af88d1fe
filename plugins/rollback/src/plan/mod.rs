//! How to get to a revision, and what whoever decides should know of it.

mod blocking;
mod hidden;
mod known;
mod references;
mod remarks;

pub use known::{Known, last_written};

use crate::choice::Choice;
use crate::revisions::{Fields, Revision};
use serde_json::{Value, json};
use sre_core::ownership::Owner;
use sre_core::plan::{
    Action, Address, Afterwards, Call, Checked, Expectation, FieldChange, Note, Step, Target, Tier, difference,
    goes_back_to,
};
use sre_core::workload_status::ends_all_at_once;

/// What else was seen of the namespace, to say what a rollback does not bring back.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// Its ConfigMaps.
    pub config_maps: Known,
    /// Its Secrets, by name only.
    pub secrets: Known,
    /// Its service accounts.
    pub service_accounts: Known,
    /// Its claims for volumes.
    pub claims: Known,
    /// The priority classes of the cluster.
    pub priority_classes: Known,
    /// Its HorizontalPodAutoscalers.
    pub autoscalers: &'a [Value],
    /// Its Jobs.
    pub jobs: &'a [Value],
    /// Whoever owns the workload, see [`sre_core::ownership::owners`].
    pub owners: Vec<Owner>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A change would wait until somebody resumes the rollout, together with whatever else waits.
    #[error("the rollout of {object} is paused, and going back would wait with it: {command}")]
    Paused {
        /// The Deployment.
        object: String,
        /// What ends the pause.
        command: String,
    },
    /// The template is that of the revision.
    #[error("nothing to do: the pod template is that of revision {number}")]
    Unchanged {
        /// The revision.
        number: i64,
    },
    /// It is no Deployment, StatefulSet or DaemonSet, or lacks what every object has.
    #[error("{0} has no revisions to go back to")]
    NoRevisions(String),
}

/// The steps to the chosen revision, and what is to be known of them; `pods` are those of the namespace.
///
/// # Errors
/// Says why there is no plan.
pub fn steps(
    workload: &Value,
    revisions: &[Revision],
    choice: &Choice,
    pods: &[Value],
    surroundings: &Surroundings<'_>,
) -> Result<(Vec<Step>, Vec<Note>), Refused> {
    let fields = Fields(workload);
    let kind = fields.text("/kind").unwrap_or_default();
    let no_revisions = || Refused::NoRevisions(fields.object_ref(kind).to_string());
    let resource = resource(kind).ok_or_else(no_revisions)?;
    let target = revisions.iter().find(|it| it.number == choice.number).ok_or_else(no_revisions)?;
    if workload.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Err(Refused::Paused { object: fields.object_ref(kind).to_string(), command: resume(fields) });
    }
    let hidden = hidden::Hidden::of(revisions, target);
    let shown = hidden.shown(workload);
    let changes = changes(&shown, &hidden.shown(&target.template), target.change_cause.as_ref());
    if changes.iter().all(|it| it.pointer.starts_with("/metadata")) {
        return Err(Refused::Unchanged { number: target.number });
    }
    let deletions = blocking::deletions(workload, target, pods);
    let (call, undo) = hidden.call(changes);
    // What is not shown is not in the digest either.
    let seen = if matches!(call, Call::Restore { .. }) { &shown } else { workload };
    let edit = Step {
        action: Action::Rollback,
        object: Target::of(seen, resource).ok_or_else(no_revisions)?,
        why: goes_back_to(target.number),
        tier: if ends_all_at_once(workload) { choice.tier.max(Tier::Disruptive) } else { choice.tier },
        call,
        expects: expectation(workload, &deletions),
        undo,
        health: None,
        checked: Checked::NotAsked,
    };
    let notes = [choice.notes.clone(), remarks::of(workload, revisions, target, pods, surroundings)].concat();
    Ok((std::iter::once(edit).chain(deletions).collect(), notes))
}

/// What lets a StatefulSet go on that was brought to its current revision otherwise, and waits for a pod of another
/// one.
pub fn unblock(workload: &Value, revisions: &[Revision], pods: &[Value]) -> Vec<Step> {
    let current = revisions.iter().find(|it| it.is_current);
    current.map(|it| blocking::deletions(workload, it, pods)).unwrap_or_default()
}

fn resource(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment" => Some("deployments"),
        "StatefulSet" => Some("statefulsets"),
        "DaemonSet" => Some("daemonsets"),
        _ => None,
    }
}

fn resume(workload: Fields<'_>) -> String {
    let namespace = workload.text("/metadata/namespace").unwrap_or("default");
    format!("kubectl rollout resume deployment/{} -n {namespace}", workload.name())
}

/// What makes the workload's template that of a revision, and its change cause as well.
fn changes(workload: &Value, template: &Value, cause: Option<&String>) -> Vec<FieldChange> {
    const CAUSE: &str = "kubernetes.io/change-cause";
    let mut after = workload.clone();
    after["spec"]["template"] = template.clone();
    let annotations = after.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    match (annotations, cause) {
        (Some(annotations), Some(cause)) => drop(annotations.insert(CAUSE.to_owned(), json!(cause))),
        (Some(annotations), None) => drop(annotations.remove(CAUSE)),
        (None, Some(cause)) => after["metadata"]["annotations"] = json!({CAUSE: cause}),
        (None, None) => {}
    }
    let both = ["/metadata/annotations", "/spec/template"];
    // A null is what the server shows for a field that is not there, and shows again.
    let is_real = |it: &FieldChange| it.after.is_some() || it.before.as_ref().is_some_and(|before| !before.is_null());
    both.into_iter().flat_map(|pointer| difference(workload, &after, pointer)).filter(is_real).collect()
}

/// Where pods have to be deleted by hand, a rollout does not end before they are; and a pod that is deleted before the
/// controller has seen the change comes back as it was.
fn expectation(workload: &Value, deletions: &[Step]) -> Expectation {
    match (is_on_delete(workload), deletions.is_empty()) {
        (true, _) => Expectation::Fields,
        (false, false) => Expectation::Observed,
        (false, true) => Expectation::RolledOut,
    }
}

/// Where pods are deleted by hand, the rollout ends after the last of them.
pub fn afterwards(workload: &Value, steps: &[Step]) -> Option<Afterwards> {
    let deletes = steps.iter().any(|step| step.action == Action::DeletePod);
    let object = address(workload)?;
    (deletes && !is_on_delete(workload)).then_some(Afterwards { object, expects: Expectation::RolledOut })
}

/// Where a workload is served; none for what has no revisions.
pub fn address(workload: &Value) -> Option<Address> {
    Some(Target::of(workload, resource(Fields(workload).text("/kind")?)?)?.address)
}

fn is_on_delete(workload: &Value) -> bool {
    Fields(workload).text("/spec/updateStrategy/type") == Some("OnDelete")
}

#[cfg(test)]
mod tests;
