//! An autoscaler wants more replicas than its maximum allows.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::condition::ControllerCondition;
use crate::slim::{HorizontalPodAutoscaler, Object, condition_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "hpa-at-max",
    page: PAGE,
    recognise: |view| view.all::<HorizontalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
    ..Class::SILENT
};

/// A peak passes.
const PEAK_MINUTES: i64 = 15;

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let limited = condition_of(&autoscaler.status.conditions, "ScalingLimited");
    let limited = limited.filter(|it| it.status == "True" && it.reason == "TooManyReplicas")?;
    let (least, most) = (autoscaler.spec.min_replicas.unwrap_or(1), autoscaler.spec.max_replicas);
    let is_full = autoscaler.status.current_replicas >= most && least < most;
    let lasts = view.is_older_than_minutes(limited.last_transition_time.at(), PEAK_MINUTES);
    (is_full && lasts && !view.is_going(&autoscaler.metadata)).then(|| finding(autoscaler, limited, most))
}

fn finding(autoscaler: &HorizontalPodAutoscaler, limited: &ControllerCondition, most: i32) -> Finding {
    let object = autoscaler.reference();
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let title = format!("it has scaled to its maximum of {most}, and its metric asks for more");
    Finding::new("", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "spec.maxReplicas", most.to_string())
        .evidence(&object, "status.currentReplicas", autoscaler.status.current_replicas.to_string())
        .evidence(&object, "status.conditions[ScalingLimited].message", limited.message.trim())
        .since(limited.last_transition_time.at())
        .look(format!("kubectl describe hpa {name} -n {namespace}"))
        .change(format!(
            "kubectl sre scale hpa {name} --max {} -n {namespace} --dry-run",
            most.saturating_add((most / 2).max(1))
        ))
}

const PAGE: &str = "\
For a quarter of an hour an autoscaler has wanted more pods than maxReplicas, and as many run as it
allows: the metric stays above its target, and the next rise of the load meets no reserve.

Looked at: the condition ScalingLimited (TooManyReplicas), since when, and the number of pods. Not
meant: a maximum that is equal to the minimum, which is a choice, and peaks that pass.

Follows from something else: pods that crash or cannot be placed leave the work to the others.

What to do: see whether the nodes have room, and raise the maximum; or find what has become slow:
  kubectl describe hpa NAME -n NAMESPACE";
