//! One ordinal that is not ready holds back the others of a StatefulSet.

use crate::cause::{Class, Heard, Stage, Tells};
use crate::finding::{Finding, Severity};
use crate::slim::{Object, Pod, StatefulSet};
use crate::view::{View, is_ready, unready_since};
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class {
    id: "statefulset-ordinal-blocked",
    page: PAGE,
    recognise: |view| view.all::<StatefulSet>().iter().filter_map(|set| blocked(set, view)).collect(),
    tells: Tells::That,
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.is_about(&["StatefulSet"]) && it.says(&["waiting for pod", "previous ordinal", "predecessor"]),
        |_| "one pod that is not ready holds the others back".to_owned(),
    )),
    ..Class::SILENT
};

fn blocked(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    if set.spec.pod_management_policy == "Parallel" {
        return None;
    }
    let pods = ordinals(set, view);
    let unready: Vec<i32> = pods.iter().filter(|(_, pod)| !is_ready(pod)).map(|(ordinal, _)| *ordinal).collect();
    let made = blocking(unready.first(), unmade(set, &pods));
    let (ordinal, held) = made.or_else(|| blocking(unready.last(), old(set, &pods)))?;
    let pod = pods[&ordinal];
    view.is_stuck(pod).then(|| finding(set, pod, held))
}

/// An ordinal that is not ready, with the number of others that wait for it.
fn blocking(ordinal: Option<&i32>, waiting: Vec<i32>) -> Option<(i32, usize)> {
    let ordinal = *ordinal?;
    let held = waiting.iter().filter(|other| **other != ordinal).count();
    (held > 0).then_some((ordinal, held))
}

/// Its pods by their ordinals.
fn ordinals<'a>(set: &StatefulSet, view: &View<'a>) -> BTreeMap<i32, &'a Pod> {
    let number = |pod: &&'a Pod| Some((pod.metadata.name.rsplit_once('-')?.1.parse().ok()?, *pod));
    view.pods_of(&set.reference()).iter().filter_map(number).collect()
}

/// Ordinals that are wanted and were not made.
fn unmade(set: &StatefulSet, pods: &BTreeMap<i32, &Pod>) -> Vec<i32> {
    let start = set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start);
    (start..start + set.spec.replicas.unwrap_or(1)).filter(|ordinal| !pods.contains_key(ordinal)).collect()
}

/// Ordinals that should have the new revision and have the old one.
fn old(set: &StatefulSet, pods: &BTreeMap<i32, &Pod>) -> Vec<i32> {
    let strategy = &set.spec.update_strategy;
    let (current, update) = (&set.status.current_revision, &set.status.update_revision);
    if strategy.type_ == "OnDelete" || update.is_empty() || current == update {
        return Vec::new();
    }
    let partition = strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition).unwrap_or(0);
    let is_old = |pod: &Pod| pod.metadata.label("controller-revision-hash").is_some_and(|hash| hash != update);
    pods.iter().filter(|(ordinal, pod)| **ordinal >= partition && is_old(pod)).map(|(ordinal, _)| *ordinal).collect()
}

fn finding(set: &StatefulSet, pod: &Pod, held: usize) -> Finding {
    let object = set.reference();
    let wanted = set.spec.replicas.unwrap_or(1);
    let ready = set.status.ready_replicas;
    let severity = if ready == 0 { Severity::Critical } else { Severity::Warning };
    let name = &pod.metadata.name;
    let held = if held == 1 { "1 other pod".to_owned() } else { format!("{held} other pods") };
    Finding::new(
        "",
        severity,
        object.clone(),
        format!("{name} is not ready and holds back {held}; {ready} of {wanted} ready"),
    )
    .symptom()
    .evidence(&object, "spec.podManagementPolicy", "OrderedReady")
    .evidence(&object, "status.readyReplicas", format!("{ready} of {wanted}"))
    .evidence(&pod.reference(), "status.conditions[Ready].status", "False")
    .since(unready_since(pod))
    .shows_on(pod.reference())
    .look(format!("kubectl describe pod {name} -n {}", pod.metadata.namespace))
}

const PAGE: &str = "\
A StatefulSet with the policy OrderedReady makes its pods one after the other, and replaces them
in the opposite order; each must be ready before the next one's turn. One pod is not ready, so the
others are not made, or keep the old revision. After a template that never works, going back is
not enough: the pod of the broken revision must be deleted too.

Looked at: the StatefulSet's policy and counts, its pods and their revisions. A pod that merely
starts is given five minutes.

What to do: find out why that pod is not ready; then, if its revision was wrong and has been put
right:
  kubectl sre change delete-pod NAME-N -n NAMESPACE --dry-run";
