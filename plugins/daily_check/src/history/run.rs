//! What is kept of a run, so that a later one can say what is new.

use crate::usage::Usage;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sre_core::cause::Judged;
use sre_core::finding::Severity;
use sre_core::object::ObjectRef;
use sre_core::slim::{
    ClusterRole, ClusterRoleBinding, ConfigMap, CronJob, CustomResourceDefinition, DaemonSet, Deployment,
    HorizontalPodAutoscaler, Ingress, MutatingWebhookConfiguration, Namespace, NetworkPolicy, Object, ObjectMeta,
    PersistentVolumeClaim, Role, RoleBinding, Secret, Service, StatefulSet, ValidatingWebhookConfiguration,
};
use sre_core::snapshot::Shelved;
use sre_core::view::View;
use std::collections::BTreeMap;

/// A run as it is kept.
#[allow(missing_docs, reason = "the words are the meaning")]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Sorts by time, and is what `--baseline` takes.
    pub id: String,
    /// The uid of `kube-system`, else a digest of the server's address and authority.
    pub cluster: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What was asked for, in words; only runs of one scope are compared.
    pub scope: String,
    pub taken_at: Timestamp,
    pub findings: Vec<Past>,
    /// What was there of what should not silently go, by kind; kinds that were not read whole are absent.
    #[serde(default)]
    pub inventory: BTreeMap<String, Vec<ObjectRef>>,
    /// What an edit of configuration or of a workload moves on, by object.
    #[serde(default)]
    pub revisions: BTreeMap<String, String>,
    /// What the nodes used; absent where that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// A finding of an earlier run.
#[allow(missing_docs, reason = "the words are the meaning")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    pub id: String,
    pub check: String,
    pub severity: Severity,
    pub object: ObjectRef,
    pub title: String,
    /// Whether it stood for itself, and not under what explained it.
    pub standing: bool,
    /// How many objects showed it.
    pub shown: usize,
    /// When the first run that saw it was made.
    pub first_seen: Timestamp,
    /// Whether the report showed it: a selector did not leave it out, and no exclusion hid it.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub told: bool,
    /// Whether the run itself could not look: an earlier one found it, and nobody knows that it is over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unseen: bool,
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Past {
    /// A finding of now, for later; `first_seen` comes from the earlier runs.
    pub fn of(judged: &Judged, first_seen: Timestamp) -> Self {
        let finding = &judged.finding;
        Self {
            id: judged.id.clone(),
            check: finding.check.to_owned(),
            severity: finding.severity,
            object: finding.object.clone(),
            title: finding.title.clone(),
            standing: judged.caused_by.is_empty(),
            shown: finding.shows_on.len(),
            first_seen,
            told: true,
            unseen: false,
        }
    }
}

impl Run {
    /// How many findings of a severity its report told of that stood for themselves.
    pub fn standing(&self, severity: Severity) -> usize {
        let counts = |past: &&Past| past.standing && past.told && !past.unseen && past.severity == severity;
        self.findings.iter().filter(counts).count()
    }

    /// Reads what was kept, or a report that was written with `-o json`.
    ///
    /// # Errors
    /// Says what it is instead.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let no_run = match serde_json::from_slice(bytes) {
            Ok(run) => return Ok(run),
            Err(error) => error,
        };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if value["kind"] == "DailyCheck" && value["clusters"].is_array() {
            return Err("a report of several clusters, and not of one".to_owned());
        }
        if value["kind"] == "DailyCheck" {
            return of_report(&value).ok_or_else(|| "a report that lacks what every report has".to_owned());
        }
        Err(format!("neither a report of daily-check nor a kept run: {no_run}"))
    }
}

/// A report has no inventory: nothing is said of what has disappeared since.
fn of_report(report: &Value) -> Option<Run> {
    let source = &report["source"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let taken_at: Timestamp = source["takenAt"].as_str()?.parse().ok()?;
    let past = |finding: &Value| {
        Some(Past {
            id: text(&finding["id"])?,
            check: text(&finding["check"])?,
            severity: serde_json::from_value(finding["severity"].clone()).ok()?,
            object: serde_json::from_value(finding["object"].clone()).ok()?,
            title: text(&finding["title"])?,
            standing: finding["causedBy"].as_array().is_none_or(Vec::is_empty),
            shown: finding["showsOn"].as_array().map_or(0, Vec::len),
            first_seen: finding["firstSeen"].as_str().and_then(|at| at.parse().ok()).unwrap_or(taken_at),
            told: true,
            unseen: false,
        })
    };
    Some(Run {
        id: taken_at.to_string(),
        cluster: String::new(),
        context: text(&source["context"]),
        server: text(&source["server"]),
        scope: String::new(),
        taken_at,
        findings: report["findings"].as_array()?.iter().map(past).collect::<Option<_>>()?,
        inventory: BTreeMap::new(),
        revisions: BTreeMap::new(),
        usage: None,
    })
}

/// Everything whose silent disappearance matters: namespaces, workloads, scheduled jobs, claims.
pub fn inventory(view: &View<'_>) -> BTreeMap<String, Vec<ObjectRef>> {
    let mut inventory = BTreeMap::new();
    take::<Namespace>(view, &mut inventory);
    take::<Deployment>(view, &mut inventory);
    take::<StatefulSet>(view, &mut inventory);
    take::<DaemonSet>(view, &mut inventory);
    take::<CronJob>(view, &mut inventory);
    take::<PersistentVolumeClaim>(view, &mut inventory);
    inventory
}

/// The same as a run keeps it: without the objects, which their names tell.
pub fn revisions_to_keep(view: &View<'_>) -> BTreeMap<String, String> {
    revisions(view).into_iter().map(|(name, (_, version))| (name, version)).collect()
}

/// What an edit moves on, by object: configuration, workloads, what leads to them, and rights.
pub fn revisions(view: &View<'_>) -> BTreeMap<String, (ObjectRef, String)> {
    let mut revisions = BTreeMap::new();
    versions::<ConfigMap>(view, &mut revisions);
    versions::<Secret>(view, &mut revisions);
    versions::<Deployment>(view, &mut revisions);
    versions::<StatefulSet>(view, &mut revisions);
    versions::<DaemonSet>(view, &mut revisions);
    versions::<CronJob>(view, &mut revisions);
    versions::<Service>(view, &mut revisions);
    versions::<Ingress>(view, &mut revisions);
    versions::<NetworkPolicy>(view, &mut revisions);
    versions::<Role>(view, &mut revisions);
    versions::<ClusterRole>(view, &mut revisions);
    versions::<RoleBinding>(view, &mut revisions);
    versions::<ClusterRoleBinding>(view, &mut revisions);
    versions::<ValidatingWebhookConfiguration>(view, &mut revisions);
    versions::<MutatingWebhookConfiguration>(view, &mut revisions);
    versions::<CustomResourceDefinition>(view, &mut revisions);
    templates(view, &mut revisions);
    revisions
}

/// The generation, which only edits move on, where there is one.
fn versions<T: Shelved + Object>(view: &View<'_>, revisions: &mut BTreeMap<String, (ObjectRef, String)>) {
    let edited = view.all::<T>().iter().filter(|it| !is_written_by_a_program(&it.reference(), it.metadata()));
    let rows = edited.map(|it| {
        let metadata = it.metadata();
        let version =
            if metadata.generation > 0 { metadata.generation.to_string() } else { metadata.resource_version.clone() };
        (it.reference(), version)
    });
    revisions.extend(rows.map(|(object, version)| (object.to_string(), (object, version))));
}

/// An autoscaler moves the generation on with each step: of what it scales only the template counts.
fn templates(view: &View<'_>, revisions: &mut BTreeMap<String, (ObjectRef, String)>) {
    for autoscaler in view.all::<HorizontalPodAutoscaler>() {
        let (namespace, target) = (autoscaler.metadata.namespace.as_str(), &autoscaler.spec.scale_target_ref);
        let template = match target.kind.as_str() {
            "Deployment" => view
                .get::<Deployment>(namespace, &target.name)
                .and_then(|it| it.metadata.annotation("deployment.kubernetes.io/revision")),
            "StatefulSet" => {
                view.get::<StatefulSet>(namespace, &target.name).map(|it| it.status.update_revision.as_str())
            }
            _ => None,
        };
        let object = ObjectRef::namespaced(&target.kind, namespace, &target.name);
        if let Some(template) = template.filter(|it| !it.is_empty())
            && revisions.remove(&object.to_string()).is_some()
        {
            revisions.insert(format!("{object} (template)"), (object, template.to_owned()));
        }
    }
}

/// ConfigMaps in which programs keep a lock or their state change all day, and nobody has edited them.
fn is_written_by_a_program(object: &ObjectRef, metadata: &ObjectMeta) -> bool {
    let name = metadata.name.as_str();
    let is_named_so = name == "cluster-autoscaler-status"
        || ["-leader", "-leader-election", "-election", "-lock"].iter().any(|end| name.ends_with(end));
    object.kind == "ConfigMap"
        && (is_named_so || metadata.annotation("control-plane.alpha.kubernetes.io/leader").is_some())
}

fn take<T: Shelved + Object>(view: &View<'_>, inventory: &mut BTreeMap<String, Vec<ObjectRef>>) {
    if view.snapshot.coverage.is_whole(sre_core::check::Sight::Of(T::KIND)) {
        let names =
            view.all::<T>().iter().filter(|it| view.snapshot.namespaces.includes(place(*it))).map(Object::reference);
        inventory.insert(T::KIND.info().name.to_owned(), names.collect());
    }
}

/// The namespace that an object belongs to; a namespace belongs to itself.
fn place<T: Object>(object: &T) -> &str {
    let metadata = object.metadata();
    if metadata.namespace.is_empty() { &metadata.name } else { &metadata.namespace }
}
