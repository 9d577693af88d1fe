//! The update of a StatefulSet waits by design.

use crate::cause::Class;
use crate::finding::{Finding, Role, Severity};
use crate::slim::{Object, StatefulSet};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "statefulset-update-held",
    page: PAGE,
    recognise: |view| view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view)).collect(),
    brings: &["statefulset-ordinal-blocked", "rollout-not-progressing"],
    ..Class::SILENT
};

/// A rollout in stages takes its time.
const STAGE_MINUTES: i64 = 60;

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    let partition = set.spec.update_strategy.rolling_update.as_ref().and_then(|it| it.partition).unwrap_or(0);
    let status = &set.status;
    let is_changed = !status.update_revision.is_empty() && status.update_revision != status.current_revision;
    if partition <= 0 || !is_changed || view.is_going(&set.metadata) || set.spec.update_strategy.type_ == "OnDelete" {
        return None;
    }
    let pods = view.pods_of(&set.reference());
    let is_old = |label: Option<&str>| label.is_some_and(|hash| hash != status.update_revision);
    let old = pods.iter().filter(|pod| is_old(pod.metadata.label("controller-revision-hash"))).count();
    let newest = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max();
    let (all, updated) =
        (usize::try_from(status.replicas).unwrap_or(0), usize::try_from(status.updated_replicas).unwrap_or(0));
    if partition >= set.spec.replicas.unwrap_or(1) && all > 0 && updated == 0 {
        let held = Finding { severity: Severity::Warning, role: Role::Cause, ..finding(set, partition, (all, all)) };
        return Some(held);
    }
    // Files may hold the set without its pods.
    if pods.is_empty() && view.snapshot.is_of_files() && updated < all {
        return Some(finding(set, partition, (all - updated, all)));
    }
    let is_meant = old > 0 && view.is_older_than_minutes(newest, STAGE_MINUTES);
    is_meant.then(|| finding(set, partition, (old, pods.len())).since(newest))
}

fn finding(set: &StatefulSet, partition: i32, (old, all): (usize, usize)) -> Finding {
    let object = set.reference();
    let (name, namespace) = (&set.metadata.name, &set.metadata.namespace);
    let title = format!("{old} of {all} pods keep the old template, below partition {partition}");
    Finding::new("", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "spec.updateStrategy.rollingUpdate.partition", partition.to_string())
        .evidence(&object, "status.updateRevision", &*set.status.update_revision)
        .evidence(&object, "status.currentRevision", &*set.status.current_revision)
        .look(format!("kubectl get pods -n {namespace} -L controller-revision-hash"))
        .change(format!("kubectl sre change update-strategy statefulset/{name} --partition 0 -n {namespace} --dry-run"))
}

const PAGE: &str = "\
A StatefulSet with a partition updates only the pods whose ordinal is not below it; kubectl calls the
rollout complete all the same. The template was changed, and for an hour the pods below the partition
have kept the old one: an image, a password, a limit that everybody takes for changed.

Looked at: the partition, both revisions of the status, the label controller-revision-hash of the pods.
Not meant: a rollout in stages of less than an hour.

What to do: let the rest follow by lowering the partition, or change the template back:
  kubectl get pods -n NAMESPACE -L controller-revision-hash
  kubectl sre change update-strategy statefulset/NAME --partition 0 -n NAMESPACE --dry-run";
