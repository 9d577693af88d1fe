//! Whether pods are ready, and whether one that is not will become so by itself.

use super::View;
use crate::finding::Severity;
use crate::slim::{Pod, condition_of};
use jiff::Timestamp;

/// How long a pod may take to become ready while nothing else is wrong with it.
const START_MINUTES: i64 = 5;

/// How long an autoscaler, or a pod that ends, may take to make room before a pod counts as stuck.
const PLACING_MINUTES: i64 = 1;

/// How long nobody may be ready while a pod is replaced: first that is nothing, then it is a warning.
const ABSENCE_MINUTES: (i64, i64) = (1, 2);

/// Whether a pod says that it is ready.
pub fn is_ready(pod: &Pod) -> bool {
    condition_of(&pod.status.conditions, "Ready").is_some_and(|it| it.status == "True")
}

/// Since when a pod has not been ready: since it stopped being so, else since it was created.
pub fn unready_since(pod: &Pod) -> Option<Timestamp> {
    let ready = condition_of(&pod.status.conditions, "Ready");
    ready.and_then(|it| it.last_transition_time.at()).or_else(|| pod.metadata.creation_timestamp.at())
}

impl View<'_> {
    /// How bad it is that traffic reaches none of these pods: nothing while they may just be starting, critical when
    /// there are none, one is stuck, or it lasts.
    pub fn absence(&self, pods: &[&Pod]) -> Option<Severity> {
        let lasts = |minutes| pods.iter().any(|pod| self.is_older_than_minutes(unready_since(pod), minutes));
        let (nothing, warning) = ABSENCE_MINUTES;
        if pods.is_empty() || lasts(warning) || pods.iter().any(|pod| self.is_stuck(pod)) {
            return Some(Severity::Critical);
        }
        lasts(nothing).then_some(Severity::Warning)
    }

    /// Whether a pod that is not ready shows more than an ordinary start: it failed, restarts, waits for a reason of
    /// its own, cannot be placed, or takes too long.
    pub fn is_stuck(&self, pod: &Pod) -> bool {
        let is_going = pod.metadata.deletion_timestamp.is_some() || pod.status.phase == "Succeeded";
        if is_ready(pod) || is_going {
            return false;
        }
        let placement = condition_of(&pod.status.conditions, "PodScheduled");
        let unplaced = placement.is_some_and(|it| {
            it.reason == "Unschedulable" && self.is_older_than_minutes(it.last_transition_time.at(), PLACING_MINUTES)
        });
        let failing = pod.status.phase == "Failed"
            || pod.container_statuses().any(|status| {
                let waiting = status.state.waiting.as_ref().map_or("", |waiting| &waiting.reason);
                status.restart_count > 0 || !matches!(waiting, "" | "ContainerCreating" | "PodInitializing")
            });
        unplaced || failing || self.is_older_than_minutes(unready_since(pod), START_MINUTES)
    }
}
