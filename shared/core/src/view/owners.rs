//! Who is accountable: the top of the chain of controllers.

use crate::object::ObjectRef;
use crate::slim::{Job, Kind, ObjectMeta, ReplicaSet};
use crate::snapshot::Snapshot;

/// Follows controllers upwards: a pod's ReplicaSet's Deployment, a pod's Job's CronJob.
///
/// An owner that was not seen is named all the same; a static pod, owned by its Node, is accountable for itself.
pub fn accountable(snapshot: &Snapshot, kind: Kind, metadata: &ObjectMeta) -> ObjectRef {
    let Some(controller) = metadata.controller().filter(|owner| owner.kind != "Node") else {
        return ObjectRef::scoped(kind.info().name, &metadata.namespace, &metadata.name);
    };
    let above = match controller.kind.as_str() {
        "ReplicaSet" => snapshot.get::<ReplicaSet>(&metadata.namespace, &controller.name).map(|set| &set.metadata),
        "Job" => snapshot.get::<Job>(&metadata.namespace, &controller.name).map(|job| &job.metadata),
        _ => None,
    };
    match above.and_then(ObjectMeta::controller) {
        Some(top) => ObjectRef::namespaced(&top.kind, &metadata.namespace, &top.name),
        None => ObjectRef::namespaced(&controller.kind, &metadata.namespace, &controller.name),
    }
}
