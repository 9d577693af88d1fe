//! The objects that revisions are kept in, oldest first.

use super::Seen;
use super::fields::Fields;
use jiff::Timestamp;
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::pod_template::{is_same, meant};

/// A revision and the object that it is kept in.
pub(super) struct Kept<'a> {
    pub(super) number: i64,
    /// The number that it had when it was made: a ReplicaSet that is gone back to gets a new one.
    pub(super) first: i64,
    pub(super) object: ObjectRef,
    pub(super) fields: Fields<'a>,
    pub(super) created: Timestamp,
    pub(super) is_brought_back: bool,
    pub(super) template: Value,
    /// The pods of it that are there, without those that are ending.
    pub(super) pods: Vec<&'a Value>,
}

/// The revisions of a workload, by their numbers.
pub(super) fn revisions<'a>(seen: &Seen<'a>) -> Vec<Kept<'a>> {
    let uid = Fields(seen.workload).text("/metadata/uid");
    let owned = seen.owned.iter().filter(|it| uid.is_some() && Fields(it).controller() == uid);
    let mut kept: Vec<Kept<'_>> = owned.filter_map(|object| read(seen, object)).collect();
    kept.sort_by_key(|it| it.number);
    for index in 0..kept.len() {
        let created = kept[index].created;
        kept[index].is_brought_back |= kept[..index].iter().any(|earlier| earlier.created > created);
    }
    kept
}

fn read<'a>(seen: &Seen<'a>, object: &'a Value) -> Option<Kept<'a>> {
    let fields = Fields(object);
    let is_deployment = seen.workload["kind"] == "Deployment";
    let (kind, number, template) = if is_deployment {
        let number = fields.annotation("deployment.kubernetes.io/revision")?.parse().ok()?;
        ("ReplicaSet", number, object.pointer("/spec/template")?)
    } else {
        ("ControllerRevision", object["revision"].as_i64()?, object.pointer("/data/spec/template")?)
    };
    let pods = seen.pods.iter().filter(|pod| is_of_revision(pod, seen.workload, object));
    let numbers_before = fields.annotation("deployment.kubernetes.io/revision-history").unwrap_or_default();
    let first = numbers_before.split(',').next().and_then(|it| it.parse().ok());
    Some(Kept {
        number,
        first: first.unwrap_or(number),
        object: fields.object_ref(kind),
        fields,
        created: fields.time("/metadata/creationTimestamp")?,
        is_brought_back: first.is_some(),
        template: meant(template),
        pods: pods.filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none()).collect(),
    })
}

/// Whether a pod is of a revision: owned by its ReplicaSet, or by the workload and labelled with its
/// ControllerRevision.
///
/// A StatefulSet labels its pods with the name of the ControllerRevision, a DaemonSet with the end of it.
pub(crate) fn is_of_revision(pod: &Value, workload: &Value, kept_in: &Value) -> bool {
    let (pod, kept_in) = (Fields(pod), Fields(kept_in));
    let Some(controller) = pod.controller() else { return false };
    if workload["kind"] == "Deployment" {
        return Some(controller) == kept_in.text("/metadata/uid");
    }
    let hash = pod.label("controller-revision-hash").unwrap_or_default();
    let is_labelled = kept_in.name() == hash || kept_in.name().strip_suffix(hash).is_some_and(|it| it.ends_with('-'));
    Some(controller) == Fields(workload).text("/metadata/uid") && !hash.is_empty() && is_labelled
}

/// The number of the revision that the workload wants.
///
/// None while its controller has not made one yet, and for a Deployment that was changed while it was paused.
pub(super) fn current(seen: &Seen<'_>, kept: &[Kept<'_>]) -> Option<i64> {
    let wanted = seen.workload.pointer("/spec/template")?;
    if seen.workload["kind"] == "Deployment" {
        // Where two are the same, the controller takes the oldest.
        let same = kept.iter().filter(|it| is_same(&it.template, wanted));
        return same.min_by_key(|it| it.created).map(|it| it.number);
    }
    // A ControllerRevision is kept as it was written: after an upgrade of the API server, templates have defaults
    // that it lacks. The controller gives the highest number to what it follows.
    let same = kept.iter().rev().find(|it| is_same(&it.template, wanted));
    let newest = kept.last().filter(|_| Fields(seen.workload).is_observed());
    newest.or(same).map(|it| it.number)
}
