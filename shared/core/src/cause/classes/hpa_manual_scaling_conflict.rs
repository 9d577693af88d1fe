//! An autoscaler and another writer set the replicas in turn.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "hpa-manual-scaling-conflict",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is_about(&["HorizontalPodAutoscaler", "Deployment", "StatefulSet"])
                && it.says(&["manual", "manually", "another writer", "kubectl scale"])
                && it.says(&["scal", "replica"])
        },
        |_| "the autoscaler and somebody else set the replicas in turn".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
Somebody (a person, a pipeline, GitOps) sets the replicas of a workload that an autoscaler scales. The
autoscaler sets them back, and so on: pods come and go without load.

Looked at: events that say so, and rescalings without a metric as their reason.

What to do: leave replicas out of the source of the workload, and move the bounds of the autoscaler:
  kubectl sre scale hpa NAME --min 2 --max 8 -n NAMESPACE --dry-run";
