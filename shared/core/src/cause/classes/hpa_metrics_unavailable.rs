//! An autoscaler cannot read its metrics.

use crate::cause::{Class, Heard, Saying, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{HorizontalPodAutoscaler, Object, condition_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "hpa-metrics-unavailable",
    page: PAGE,
    recognise: |view| view.all::<HorizontalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.says(&[
                    "unable to fetch metrics",
                    "failed to get cpu utilization",
                    "failed to get memory utilization",
                    "unable to get metrics",
                    "no metrics returned",
                ]) || it.is(&[
                    "FailedGetResourceMetric",
                    "FailedComputeMetricsReplicas",
                    "FailedGetExternalMetric",
                    "FailedGetPodsMetric",
                    "FailedGetObjectMetric",
                    "FailedGetContainerResourceMetric",
                    "InvalidMetricSourceType",
                ])
            },
            |_| "the autoscaler cannot read its metrics".to_owned(),
        )
        .blames(only),
    ),
    ..Class::SILENT
};

/// The one autoscaler of the namespace, when it is a pod that complains.
fn only(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let namespace = saying.about.namespace.as_deref().unwrap_or_default();
    let all = view.all::<HorizontalPodAutoscaler>().iter().filter(|it| it.metadata.namespace == namespace);
    let mut all = all.filter(|_| saying.about.kind == "Pod");
    match (all.next(), all.next()) {
        (Some(one), None) => Some(one.reference()),
        _ => None,
    }
}

/// New pods have no metrics at first.
const START_MINUTES: i64 = 5;

/// Reasons that say something else: the target is scaled to zero, or several autoscalers choose the same pods.
const OTHERS: [&str; 2] = ["ScalingDisabled", "AmbiguousSelector"];

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let active = condition_of(&autoscaler.status.conditions, "ScalingActive").filter(|it| it.status == "False")?;
    let since = active.last_transition_time.at();
    let lasts = view.is_older_than_minutes(since, START_MINUTES) && !view.is_going(&autoscaler.metadata);
    if !lasts || OTHERS.contains(&active.reason.as_str()) {
        return None;
    }
    let object = autoscaler.reference();
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let title = format!("it gets no values for its metrics ({}): it scales nothing", active.reason);
    Some(
        Finding::new("", Severity::Warning, object.clone(), title)
            .symptom()
            .evidence(&object, "status.conditions[ScalingActive].message", active.message.trim())
            .evidence(&object, "spec.metrics[].type", metrics(autoscaler))
            .since(since)
            .look(format!("kubectl describe hpa {name} -n {namespace}"))
            .look("kubectl get apiservices"),
    )
}

fn metrics(autoscaler: &HorizontalPodAutoscaler) -> String {
    let types: Vec<&str> = autoscaler.spec.metrics.iter().map(|metric| metric.type_.as_str()).collect();
    types.join(", ")
}

const PAGE: &str = "\
An autoscaler has read no value of its metrics for five minutes. It leaves the number of pods as it is:
more load is not met, and after a night of little load too many pods stay.

It is a symptom: a metrics API that is down (CTL-05), pods without requests (WRK-40) or pods that are
not ready come first and explain it.

Looked at: the condition ScalingActive and its reason. Not meant: targets that are scaled to zero, and
new pods, which have no metrics at first.

What to do: the message says which metric of which API it was:
  kubectl describe hpa NAME -n NAMESPACE
  kubectl get apiservices";
