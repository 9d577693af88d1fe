//! An autoscaler's target does not exist, or cannot be scaled.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::condition::ControllerCondition;
use crate::slim::{Deployment, HorizontalPodAutoscaler, Kind, Object, ReplicaSet, StatefulSet, condition_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "hpa-target-missing",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| it.is(&["FailedGetScale"]),
        |_| "the target of the autoscaler does not exist or cannot be scaled".to_owned(),
    )),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let all = view.all::<HorizontalPodAutoscaler>().iter();
    let settled = all.filter(|it| !view.is_young(&it.metadata) && !view.is_going(&it.metadata));
    settled.filter_map(|it| missing(it, view)).collect()
}

fn missing(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let target = &autoscaler.spec.scale_target_ref;
    let refused = condition_of(&autoscaler.status.conditions, "AbleToScale").filter(|it| it.reason == "FailedGetScale");
    let absent = is_absent(&target.kind, &autoscaler.metadata.namespace, &target.name, view);
    let unscalable = refused.is_some_and(|it| says_missing(&it.message));
    absent.unwrap_or(unscalable).then(|| finding(autoscaler, refused))
}

/// Whether a target of a known kind is absent; none when its kind is another one, or was not seen whole.
fn is_absent(kind: &str, namespace: &str, name: &str, view: &View<'_>) -> Option<bool> {
    let (kind, seen) = match kind {
        "Deployment" => (Kind::Deployment, view.get::<Deployment>(namespace, name).is_some()),
        "StatefulSet" => (Kind::StatefulSet, view.get::<StatefulSet>(namespace, name).is_some()),
        "ReplicaSet" => (Kind::ReplicaSet, view.get::<ReplicaSet>(namespace, name).is_some()),
        _ => return None,
    };
    (seen || view.knows(kind, namespace)).then_some(!seen)
}

fn says_missing(message: &str) -> bool {
    ["not found", "could not find the requested resource", "no matches for kind"]
        .iter()
        .any(|words| message.contains(words))
}

fn finding(autoscaler: &HorizontalPodAutoscaler, refused: Option<&ControllerCondition>) -> Finding {
    let object = autoscaler.reference();
    let target = &autoscaler.spec.scale_target_ref;
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let what = format!("{}/{}", target.kind, target.name);
    let title = format!("the autoscaler's target {what} does not exist or cannot be scaled: nothing is scaled");
    let finding =
        Finding::new("", Severity::Critical, object.clone(), title).evidence(&object, "spec.scaleTargetRef", what);
    let finding = match refused {
        Some(it) => finding
            .evidence(&object, "status.conditions[AbleToScale]", format!("{}: {}", it.reason, it.message))
            .since(it.last_transition_time.at()),
        None => finding.since(autoscaler.metadata.creation_timestamp.at()),
    };
    finding
        .look(format!("kubectl describe hpa {name} -n {namespace}"))
        .look(format!("kubectl get deployments,statefulsets,replicasets -n {namespace}"))
}

const PAGE: &str = "\
A HorizontalPodAutoscaler names the object that it scales by kind and name. That object does not
exist, or is of a kind that has no scale (a DaemonSet, a mistyped kind or group). Nothing is scaled,
and the load is carried by whatever happens to run.

Looked at: spec.scaleTargetRef; Deployments, StatefulSets and ReplicaSets of the namespace; for
other kinds, what the controller says in the condition AbleToScale.

What to do: give it the right target, or delete it when its workload is gone for good:
  kubectl patch hpa NAME -n NAMESPACE --dry-run=server \\
    -p '{\"spec\":{\"scaleTargetRef\":{\"name\":\"TARGET\"}}}'";
