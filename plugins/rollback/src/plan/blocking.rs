//! Pods that a StatefulSet waits for, for ever.
//!
//! With the pod management policy OrderedReady the controller touches no pod while one before it is not ready, not
//! even to replace a broken pod by one of the revision that was gone back to
//! (<https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>).

use super::is_on_delete;
use crate::revisions::{Fields, Revision, is_of_revision};
use serde_json::{Value, json};
use sre_core::plan::{Step, delete_pod};

/// The deletions that let a StatefulSet go on, highest ordinal first, as it does itself.
///
/// None with the policy Parallel, under which it replaces broken pods itself, nor of pods below the partition, which
/// would come back as they are.
pub(super) fn deletions(workload: &Value, target: &Revision, pods: &[Value]) -> Vec<Step> {
    let fields = Fields(workload);
    let is_ordered = fields.text("/spec/podManagementPolicy") != Some("Parallel");
    if fields.text("/kind") != Some("StatefulSet") || !is_ordered || is_on_delete(workload) {
        return Vec::new();
    }
    let partition = fields.number("/spec/updateStrategy/rollingUpdate/partition");
    let mut blocking: Vec<(i64, &Value)> = pods
        .iter()
        .filter(|pod| blocks(pod, workload, target))
        .filter_map(|pod| Some((ordinal(pod)?, pod)))
        .filter(|(ordinal, _)| *ordinal >= partition)
        .collect();
    blocking.sort_by_key(|(ordinal, _)| std::cmp::Reverse(*ordinal));
    blocking.into_iter().filter_map(|(_, pod)| deletion(pod, target)).collect()
}

fn blocks(pod: &Value, workload: &Value, target: &Revision) -> bool {
    let is_own = Fields(pod).controller().is_some_and(|it| Some(it) == Fields(workload).text("/metadata/uid"));
    let is_ready = Fields(pod).condition("Ready").is_some_and(|it| it.text("/status") == Some("True"));
    let is_ending = pod.pointer("/metadata/deletionTimestamp").is_some();
    let kept_in = json!({"metadata": {"name": target.object.name}});
    is_own && !is_ready && !is_ending && !is_of_revision(pod, workload, &kept_in)
}

fn ordinal(pod: &Value) -> Option<i64> {
    Fields(pod).name().rsplit_once('-')?.1.parse().ok()
}

fn deletion(pod: &Value, target: &Revision) -> Option<Step> {
    // Items of a list have neither.
    let mut whole = pod.clone();
    whole["apiVersion"] = json!("v1");
    whole["kind"] = json!("Pod");
    delete_pod(&whole, format!("it is not ready, and keeps its StatefulSet from going to revision {}", target.number))
}
