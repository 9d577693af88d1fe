//! What whoever decides should know: what stays as it is, what may be missing, and what will undo it.

use super::references::{self, Kind, Reference};
use super::{Known, Surroundings, is_on_delete};
use crate::revisions::{Fields, Image, Revision, is_of_revision};
use jiff::Timestamp;
use serde_json::{Value, json};
use sre_core::plan::Note;
use sre_core::plan::is_moving;
use sre_core::workload_status::ends_all_at_once;
use std::collections::BTreeSet;

pub(super) fn of(
    workload: &Value,
    revisions: &[Revision],
    target: &Revision,
    pods: &[Value],
    surroundings: &Surroundings<'_>,
) -> Vec<Note> {
    let newer: Vec<&Revision> = revisions.iter().filter(|it| it.number > target.number).collect();
    let now = revisions.iter().find(|it| it.is_current);
    let parts = [
        owned(surroundings),
        rolling(workload, target, pods),
        images(workload, target, now),
        missing(target, surroundings),
        written_since(target, surroundings).into_iter().collect(),
        migrations(target, &newer, surroundings.jobs, workload),
        vec![stays(workload, surroundings.autoscalers)],
        applied_again(workload),
    ];
    parts.concat()
}

fn owned(surroundings: &Surroundings<'_>) -> Vec<Note> {
    let note = |owner: &sre_core::ownership::Owner| {
        let source = owner.source();
        if owner.sets_back() {
            Note::warning(format!("this will be set back unless it is changed in {source}"))
        } else {
            Note::warning(format!("the next upgrade sets this back unless it is changed in {source}"))
        }
    };
    surroundings.owners.iter().map(note).collect()
}

/// How the pods follow, where that is not what one expects.
fn rolling(workload: &Value, target: &Revision, pods: &[Value]) -> Vec<Note> {
    let fields = Fields(workload);
    let mut notes = Vec::new();
    if ends_all_at_once(workload) {
        notes.push(Note::warning("all pods end before those that follow are available"));
    }
    if is_on_delete(workload) {
        let namespace = fields.text("/metadata/namespace").unwrap_or("default");
        let others = pods_of_others(workload, target, pods).join(" ");
        let command = format!("kubectl delete pod -n {namespace} {others}");
        let told = format!("its strategy is OnDelete: pods stay as they are until somebody deletes them: {command}");
        notes.push(Note::warning(told.trim_end()));
    }
    let partition = fields.number("/spec/updateStrategy/rollingUpdate/partition");
    if partition > 0 {
        notes.push(Note::warning(format!(
            "only pods with the ordinal {partition} or higher go back: that is its partition"
        )));
    }
    notes
}

fn pods_of_others<'a>(workload: &Value, target: &Revision, pods: &'a [Value]) -> Vec<&'a str> {
    let kept_in = json!({"metadata": {"name": target.object.name}});
    let uid = Fields(workload).text("/metadata/uid");
    let own = pods.iter().filter(|pod| uid.is_some() && Fields(pod).controller() == uid);
    own.filter(|pod| !is_of_revision(pod, workload, &kept_in)).map(|pod| Fields(pod).name()).collect()
}

/// Names that may mean another image today.
fn images(workload: &Value, target: &Revision, now: Option<&Revision>) -> Vec<Note> {
    let moving = target.images.iter().filter(|it| is_moving(&it.named));
    moving.map(|image| Note::warning(moved(workload, image, target.number, now))).collect()
}

fn moved(workload: &Value, image: &Image, number: i64, now: Option<&Revision>) -> String {
    let Image { container, named, .. } = image;
    let is_in_both = now.is_some_and(|it| it.images.iter().any(|it| it.container == *container && it.named == *named));
    let both =
        if is_in_both { ", and the current revision names it too: it may bring back the same image" } else { "" };
    let cached = if image.pull_policy == "IfNotPresent" { "; each node runs the one that it pulled first" } else { "" };
    let fields = Fields(workload);
    let (kind, namespace) =
        (fields.text("/kind").unwrap_or_default(), fields.text("/metadata/namespace").unwrap_or("default"));
    let offer = match &image.pulled {
        Some(digest) => {
            let object = format!("{}/{}", kind.to_lowercase(), fields.name());
            format!(
                "pods of revision {number} run {digest}: kubectl sre change set-image {object} \
                 {container}={digest} -n {namespace} --dry-run"
            )
        }
        None => format!("pods do not tell which one revision {number} ran"),
    };
    format!("the image {named} of container {container} may be another one by now{both}{cached}; {offer}")
}

fn known<'a>(surroundings: &'a Surroundings<'_>, kind: Kind) -> &'a Known {
    match kind {
        Kind::ConfigMap => &surroundings.config_maps,
        Kind::Secret => &surroundings.secrets,
        Kind::ServiceAccount => &surroundings.service_accounts,
        Kind::Claim => &surroundings.claims,
        Kind::PriorityClass => &surroundings.priority_classes,
    }
}

/// What the template needs and is not there, or could not be looked for.
fn missing(target: &Revision, surroundings: &Surroundings<'_>) -> Vec<Note> {
    let needed = references::of(&target.template);
    let needed: Vec<&Reference<'_>> = needed.iter().filter(|it| !it.is_optional).collect();
    let gone = needed.iter().filter(|it| known(surroundings, it.kind).is_missing(it.name));
    let notes = gone.map(|it| {
        let (kind, name) = (it.kind.name(), it.name);
        Note::warning(format!("{kind} {name}, which revision {} needs, does not exist", target.number))
    });
    let unseen = needed.iter().filter(|it| !known(surroundings, it.kind).is_seen());
    let unseen: BTreeSet<String> = unseen.map(|it| format!("{} {}", it.kind.name(), it.name)).collect();
    let unseen = (!unseen.is_empty()).then(|| {
        let names = unseen.into_iter().collect::<Vec<_>>().join(", ");
        Note::warning(format!("whether what revision {} needs exists was not seen: {names}", target.number))
    });
    notes.chain(unseen).collect()
}

/// What the template reads and was written after the revision was made: it stays as it is now.
fn written_since(target: &Revision, surroundings: &Surroundings<'_>) -> Option<Note> {
    let reads = references::of(&target.template);
    let contents = reads.iter().filter(|it| matches!(it.kind, Kind::ConfigMap | Kind::Secret));
    let written = contents.filter(|it| known(surroundings, it.kind).is_written_since(it.name, target.created));
    let names: BTreeSet<String> = written.map(|it| format!("{} {}", it.kind.name(), it.name)).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let text = format!("written after revision {} was made, and not brought back: {names}", target.number);
    (!names.is_empty()).then(|| Note::remark(text))
}

/// What ran once since, and may have changed data in a way that the older code does not know.
fn migrations(target: &Revision, newer: &[&Revision], jobs: &[Value], workload: &Value) -> Vec<Note> {
    let inits = |template| Fields(template).list("/spec/initContainers");
    let before = inits(&target.template);
    let mut ran: BTreeSet<String> = BTreeSet::new();
    for revision in newer {
        let others = inits(&revision.template).iter().filter(|it| !before.contains(it));
        ran.extend(others.map(|it| {
            format!("init container {} of revision {}", it["name"].as_str().unwrap_or_default(), revision.number)
        }));
    }
    if let Some(since) = newer.iter().map(|it| it.created).filter(|at| *at >= target.created).min() {
        ran.extend(
            jobs.iter().filter(|job| is_part_of(job, workload, since)).map(|job| format!("Job {}", Fields(job).name())),
        );
    }
    let ran = ran.into_iter().collect::<Vec<_>>().join(", ");
    let text = format!("ran since, and what it changed stays, such as the schema of a database: {ran}");
    if ran.is_empty() { Vec::new() } else { vec![Note::warning(text)] }
}

/// A Job that somebody started since for the same application; those of a CronJob run whatever the revision is.
fn is_part_of(job: &Value, workload: &Value, since: Timestamp) -> bool {
    let (job, workload) = (Fields(job), Fields(workload));
    let labels = ["app.kubernetes.io/instance", "app.kubernetes.io/part-of", "app.kubernetes.io/name", "app"];
    let shares = |label: &&str| job.label(label).is_some_and(|it| workload.label(label) == Some(it));
    let is_named = job.name().starts_with(&format!("{}-", workload.name()));
    let is_since = job.time("/metadata/creationTimestamp").is_some_and(|at| at >= since);
    job.controller().is_none() && is_since && (is_named || labels.iter().any(shares))
}

fn stays(workload: &Value, autoscalers: &[Value]) -> Note {
    let fields = Fields(workload);
    let of_it = |it: &&Value| {
        let target = |field: &str| Fields(it).text(&format!("/spec/scaleTargetRef/{field}"));
        target("kind") == fields.text("/kind") && target("name") == Some(fields.name())
    };
    let autoscaler =
        autoscalers.iter().find(of_it).map(|it| format!("HorizontalPodAutoscaler {}, ", Fields(it).name()));
    let replicas = workload.pointer("/spec/replicas").map(|it| format!("replicas ({it}), ")).unwrap_or_default();
    Note::remark(format!(
        "only the pod template goes back: {replicas}{}ConfigMaps, Secrets, custom resource definitions and data stay \
         as they are",
        autoscaler.unwrap_or_default()
    ))
}

/// Whoever applies the manifest of today brings back what it says.
fn applied_again(workload: &Value) -> Vec<Note> {
    let fields = Fields(workload);
    let mut notes = Vec::new();
    if fields.annotation("kubectl.kubernetes.io/last-applied-configuration").is_some() {
        let told =
            "the next kubectl apply of the manifest as it is brings back what is left now: change the manifest too";
        notes.push(Note::remark(told));
    }
    let entries = fields.list("/metadata/managedFields").iter();
    let applies = |it: &&Value| it["operation"] == "Apply" && it.pointer("/fieldsV1/f:spec/f:template").is_some();
    let managers: BTreeSet<&str> = entries.filter(applies).filter_map(|it| it["manager"].as_str()).collect();
    for manager in managers {
        notes.push(Note::remark(format!(
            "the next server-side apply by {manager} conflicts with this, or brings back what is left now"
        )));
    }
    notes
}
