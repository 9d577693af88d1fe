//! The first crash follows an edit of a ConfigMap or Secret that the workload reads.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{ConfigMap, Kind, Object, Pod, Secret};
use crate::view::{View, references};
use jiff::{SignedDuration, Timestamp};

/// See the module.
pub const CLASS: Class = Class {
    id: "crash-after-config-change",
    page: PAGE,
    recognise,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.says(&["configmap", "secret", "configuration"])
                    && it.says(&[
                        "after update",
                        "after change",
                        "changed at",
                        "was updated",
                        "after edit",
                        "reload failed",
                    ])
            },
            |_| "it fails since what it reads was changed".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &["container-exit-error", "crash-unexplained"],
    ..Class::SILENT
};

/// So soon after the change the crash comes, when one has to do with the other.
const SOON: SignedDuration = SignedDuration::from_mins(30);

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let pods = view.all::<Pod>().iter();
    pods.filter_map(|pod| judge(pod, crashed_at(pod)?, view)).collect()
}

/// When a container of the pod ended with an error last.
fn crashed_at(pod: &Pod) -> Option<Timestamp> {
    let ends = pod.container_statuses().filter(|it| it.restart_count > 0 || it.state.terminated.is_some());
    let ends = ends.filter_map(|it| it.state.terminated.as_ref().or(it.last_state.terminated.as_ref()));
    ends.filter(|end| end.exit_code != 0).filter_map(|end| end.finished_at.at()).max()
}

fn judge(pod: &Pod, crashed: Timestamp, view: &View<'_>) -> Option<Finding> {
    let namespace = &pod.metadata.namespace;
    let made = |reference: &ObjectRef| match reference.kind.as_str() {
        "ConfigMap" => Some(view.get::<ConfigMap>(namespace, &reference.name)?.metadata.creation_timestamp.at()?),
        "Secret" => Some(view.get::<Secret>(namespace, &reference.name)?.metadata.creation_timestamp.at()?),
        _ => None,
    };
    let pod_made = pod.metadata.creation_timestamp.at()?;
    let needs = references(&pod.spec).into_iter().filter(|it| matches!(it.kind, Kind::ConfigMap | Kind::Secret));
    let objects = needs.map(|it| ObjectRef::namespaced(it.kind.info().name, namespace, it.name));
    let changed = objects.filter_map(|object| Some((made(&object)?, object)));
    let (when, object) = changed
        .filter(|(when, _)| *when > pod_made && *when <= crashed && crashed.duration_since(*when) < SOON)
        .max()?;
    let owner = view.owner_of(pod);
    let title = format!("it crashes since {object} was made anew, {} before", after(crashed.duration_since(when)));
    Some(
        Finding::new("", Severity::Critical, owner, title)
            .probable()
            .evidence(&object, "metadata.creationTimestamp", when.to_string())
            .evidence(&pod.reference(), "status.containerStatuses.lastState.terminated", crashed.to_string())
            .shows_on(pod.reference())
            .since(Some(when))
            .look(format!("kubectl logs {} -n {namespace} --previous --tail=50", pod.metadata.name)),
    )
}

fn after(time: SignedDuration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

const PAGE: &str = "\
A workload ran, a ConfigMap or Secret that it reads was changed, and soon afterwards it crashed for the
first time. One follows the other; that is a suspicion, and its log can prove it.

Looked at: when what pods read was made anew, against when their containers ended; events that say so.

What to do: compare the content with the last one that worked, and put that back at its source:
  kubectl get configmap NAME -n NAMESPACE -o yaml";
