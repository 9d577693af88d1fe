//! Whether pods are ready, and whether one that is not will become so by itself.

use super::{Group, View};
use crate::finding::{Finding, Role, Severity};
use crate::slim::{Node, Object, Pod, condition_of};
use jiff::Timestamp;

/// How long a pod may take to become ready while nothing else is wrong with it.
const START_MINUTES: i64 = 5;

/// The same for one that may load much at first: as long as a rollout may take.
const FIRST_START_MINUTES: i64 = 10;

/// How long an autoscaler, or a pod that ends, may take to make room before a pod counts as stuck.
const PLACING_MINUTES: i64 = 1;

/// How long nobody may be ready while a pod is replaced: first that is nothing, then it is a warning.
const ABSENCE_MINUTES: (i64, i64) = (1, 2);

/// Whether a pod says that it is ready.
pub fn is_ready(pod: &Pod) -> bool {
    condition_of(&pod.status.conditions, "Ready").is_some_and(|it| it.status == "True")
}

/// The same, also of a pod of which files hold the containers and no conditions.
pub fn seems_ready(pod: &Pod) -> bool {
    let says = condition_of(&pod.status.conditions, "Ready").is_some();
    let containers = &pod.status.container_statuses;
    is_ready(pod) || !says && !containers.is_empty() && containers.iter().all(|it| it.ready)
}

/// Since when a pod has not been ready: since it stopped being so, else since it was created.
pub fn unready_since(pod: &Pod) -> Option<Timestamp> {
    let ready = condition_of(&pod.status.conditions, "Ready");
    ready.and_then(|it| it.last_transition_time.at()).or_else(|| pod.metadata.creation_timestamp.at())
}

impl View<'_> {
    /// How bad it is that these pods do not serve: critical when no pod of their owner does. Jobs answer nobody.
    pub fn loss(&self, group: &Group<'_>) -> Severity {
        let is_served = self.pods_of(&group.owner).iter().any(|pod| is_ready(pod));
        let is_asked = !matches!(group.owner.kind.as_str(), "Job" | "CronJob");
        if is_asked && !is_served { Severity::Critical } else { Severity::Warning }
    }

    /// Whether a pod that is not ready has had the time to become so, the longer one when it has never been ready
    /// since its containers started.
    pub fn is_overdue(&self, pod: &Pod) -> bool {
        let running = pod.container_statuses().filter_map(|status| status.state.running.as_ref());
        let started = running.filter_map(|it| it.started_at.at()).max();
        let unready = unready_since(pod);
        if started.is_some() && unready > started {
            return self.is_older_than_minutes(unready, START_MINUTES);
        }
        self.is_older_than_minutes(started.or(unready), FIRST_START_MINUTES)
    }

    /// Whether something deeper tells already what is wrong with a pod: its node is not ready, or a cause shows on it.
    pub fn is_explained(&self, pod: &Pod) -> bool {
        let reference = pod.reference();
        let shows = |cause: &Finding| {
            cause.role == Role::Cause && (cause.object == reference || cause.shows_on.contains(&reference))
        };
        self.has_unready_node(pod) || self.causes().iter().any(shows)
    }

    /// Whether the node of a pod was seen and does not say that it is ready.
    pub fn has_unready_node(&self, pod: &Pod) -> bool {
        let ready = |node: &Node| condition_of(&node.status.conditions, "Ready").is_some_and(|it| it.status == "True");
        self.get::<Node>("", &pod.node_name).is_some_and(|node| !ready(node))
    }

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
