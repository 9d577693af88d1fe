//! Changes of a pod template: where it stands, and what becomes of the pods that run.

use super::Action;
use crate::plan::{Expectation, Note, Step, Tier, edited};
use crate::workload_status::{ends_all_at_once, is_on_delete, is_paused};
use serde_json::Value;

/// What becomes of the pods of an object when its pod template is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// They are replaced as the strategy says.
    RollingOut,
    /// Nothing, until somebody resumes the rollout.
    OnResume,
    /// Nothing, until somebody deletes them.
    OnDeletion,
    /// Nothing: only pods that are made later are made so.
    Later,
    /// The kubelet starts the changed containers of the pod anew.
    InPlace,
}

/// The JSON pointer of the pod template of a kind, or of what is like one: a pod itself.
pub fn template_of(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => Some("/spec/template"),
        "CronJob" => Some("/spec/jobTemplate/spec/template"),
        "Pod" => Some(""),
        _ => None,
    }
}

impl Follows {
    /// What a change of the pod template of an object brings about.
    pub fn of(object: &Value) -> Self {
        match object["kind"].as_str() {
            Some("Pod") => Self::InPlace,
            Some("Deployment") if is_paused(object) => Self::OnResume,
            Some("StatefulSet" | "DaemonSet") if is_on_delete(object) => Self::OnDeletion,
            Some("Deployment" | "StatefulSet" | "DaemonSet") => Self::RollingOut,
            _ => Self::Later,
        }
    }
}

/// The step that brings a pod template about, with the tier and the expectation that follow from the strategy.
pub(super) fn changed_template(action: Action, object: &Value, after: &Value, why: String) -> Option<Step> {
    let follows = Follows::of(object);
    let is_rolling = follows == Follows::RollingOut;
    let step = edited(action, object, after, why)?;
    let is_disruptive = follows == Follows::InPlace || is_rolling && ends_all_at_once(object);
    Some(Step {
        tier: if is_disruptive { Tier::Disruptive } else { action.info().tier },
        expects: if is_rolling { Expectation::RolledOut } else { Expectation::Fields },
        ..step
    })
}

/// Why a pod template cannot be changed as was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// The kind has none that could be changed.
    #[error("a {0} has no pod template that can be changed so")]
    NoTemplate(String),
    /// It has no container of that name.
    #[error("there is no container {name}; there is {known}")]
    NoContainer {
        /// The name.
        name: String,
        /// Those that it has.
        known: String,
    },
    /// It is no name of an image.
    #[error("{0:?} is no name of an image")]
    NoImage(String),
    /// The value of a variable is kept in another object.
    #[error("{name} of container {container} comes from {origin}")]
    FromElsewhere {
        /// The variable.
        name: String,
        /// The container.
        container: String,
        /// What it comes from, by name.
        origin: String,
    },
    /// The value of a variable would stand where everybody can read it.
    #[error("{0} looks like a secret, and its value would stand in the plan and in records")]
    Confidential(String),
}

/// The containers of a pod template by name, init containers too; without a name all that are none.
pub(super) fn containers<'a>(object: &'a mut Value, name: Option<&str>) -> Result<Vec<&'a mut Value>, TemplateFault> {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let template = template_of(&kind).ok_or_else(|| TemplateFault::NoTemplate(kind.clone()))?;
    let spec = object.pointer_mut(&format!("{template}/spec")).and_then(Value::as_object_mut);
    let mut all: Vec<(bool, &mut Value)> = Vec::new();
    for (field, items) in spec.into_iter().flatten() {
        let is_main = field == "containers";
        if is_main || field == "initContainers" {
            all.extend(items.as_array_mut().into_iter().flatten().map(|item| (is_main, item)));
        }
    }
    let known: Vec<String> = all.iter().filter_map(|(_, it)| it["name"].as_str().map(str::to_owned)).collect();
    let is_meant = |is_main: bool, item: &Value| name.map_or(is_main, |name| item["name"] == name);
    let found: Vec<&mut Value> = all.into_iter().filter(|(main, it)| is_meant(*main, it)).map(|(_, it)| it).collect();
    match name {
        Some(name) if found.is_empty() => {
            Err(TemplateFault::NoContainer { name: name.to_owned(), known: known.join(", ") })
        }
        _ => Ok(found),
    }
}

/// What whoever changes a pod template should know of the pods that run.
pub fn template_notes(object: &Value) -> Vec<Note> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, name, namespace) = (text("/kind"), text("/metadata/name"), text("/metadata/namespace"));
    match Follows::of(object) {
        Follows::RollingOut => rolling_notes(object),
        Follows::OnResume => vec![Note::warning(format!(
            "its rollout is paused, so that nothing will roll until it is resumed: kubectl rollout resume \
             deployment/{name} -n {namespace}"
        ))],
        Follows::OnDeletion => vec![Note::warning(
            "its strategy is OnDelete, so that nothing will roll: each pod stays as it is until somebody deletes it",
        )],
        Follows::Later => vec![Note::remark(format!("what runs stays as it is: a {kind} makes only later pods so"))],
        Follows::InPlace => {
            vec![Note::warning("the kubelet ends the containers that are changed and starts them anew")]
        }
    }
}

fn rolling_notes(workload: &Value) -> Vec<Note> {
    let number = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64);
    let all = ends_all_at_once(workload).then(|| Note::warning("all pods end before those that follow are available"));
    let partition = number("/spec/updateStrategy/rollingUpdate/partition").filter(|it| *it > 0);
    let partition = partition
        .map(|it| Note::warning(format!("only pods with the ordinal {it} or higher will roll: that is its partition")));
    let none =
        (number("/spec/replicas") == Some(0)).then(|| Note::remark("it wants no replicas, so that none will roll"));
    all.into_iter().chain(partition).chain(none).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(object: &Value) -> String {
        template_notes(object).into_iter().map(|note| note.text).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_will_not_roll_is_told() {
        let of = |kind: &str, spec: Value| json!({"kind": kind, "metadata": {"name": "a"}, "spec": spec});
        let paused = of("Deployment", json!({"paused": true}));
        let by_hand = of("StatefulSet", json!({"updateStrategy": {"type": "OnDelete"}}));
        let parted = of("StatefulSet", json!({"replicas": 5, "updateStrategy": {"rollingUpdate": {"partition": 3}}}));
        assert_eq!(Follows::of(&paused), Follows::OnResume);
        assert!(told(&paused).contains("kubectl rollout resume deployment/a"), "{}", told(&paused));
        assert_eq!(Follows::of(&by_hand), Follows::OnDeletion);
        assert!(told(&by_hand).contains("nothing will roll"), "{}", told(&by_hand));
        assert!(told(&parted).contains("ordinal 3 or higher"), "{}", told(&parted));
        assert!(told(&of("Deployment", json!({"replicas": 0}))).contains("no replicas"));
        assert!(told(&of("CronJob", json!({}))).contains("only later pods"));
        assert_eq!(told(&of("Deployment", json!({"replicas": 2}))), "");
    }

    #[test]
    fn every_kind_with_a_template_has_its_place() {
        let places = ["Deployment", "CronJob", "Pod", "Service"].map(template_of);
        assert_eq!(places, [Some("/spec/template"), Some("/spec/jobTemplate/spec/template"), Some(""), None]);
    }
}
