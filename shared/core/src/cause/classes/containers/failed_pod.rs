//! Whether the failure of a pod that is not restarted still matters to anybody.

use crate::slim::{Job, ObjectMeta, Pod, condition_of};
use crate::view::View;

/// How long the failure of a pod that nothing owns is told: nobody tries again, and whoever made it knows.
const REMEMBERED_MINUTES: i64 = 24 * 60;

/// Whether nothing has made good for it: its Job's later pods, or a later run of its CronJob.
///
/// A pod that was failed from outside (evicted, its node shut down) says so in its reason, and did not fail by itself.
pub(super) fn still_matters(view: &View<'_>, pod: &Pod) -> bool {
    let by_itself = pod.status.reason.is_empty() || pod.status.reason == "Error";
    by_itself && !is_made_good(view, pod)
}

/// Whether its Job's later pods, or a later run of its CronJob, have made good for it, or it is forgotten.
pub fn is_made_good(view: &View<'_>, pod: &Pod) -> bool {
    let job = pod.metadata.controller().filter(|owner| owner.kind == "Job");
    let job = job.and_then(|owner| view.get::<Job>(&pod.metadata.namespace, &owner.name));
    let forgotten = pod.metadata.controller().is_none() && ended_long_ago(view, pod);
    forgotten || job.is_some_and(|job| is_done(job) || a_later_run_is_done(view, job))
}

fn ended_long_ago(view: &View<'_>, pod: &Pod) -> bool {
    let ends = pod.container_statuses().filter_map(|status| status.state.terminated.as_ref()?.finished_at.at());
    view.is_older_than_minutes(ends.max().or_else(|| pod.metadata.creation_timestamp.at()), REMEMBERED_MINUTES)
}

fn is_done(job: &Job) -> bool {
    condition_of(&job.status.conditions, "Complete").is_some_and(|condition| condition.status == "True")
}

fn a_later_run_is_done(view: &View<'_>, job: &Job) -> bool {
    let Some(cron) = job.metadata.controller() else { return false };
    let sibling = |other: &&Job| {
        other.metadata.namespace == job.metadata.namespace
            && other.metadata.controller().is_some_and(|owner| owner.name == cron.name)
    };
    let later = |other: &Job| created(&other.metadata) > created(&job.metadata);
    view.all::<Job>().iter().filter(sibling).any(|other| later(other) && is_done(other))
}

fn created(metadata: &ObjectMeta) -> Option<jiff::Timestamp> {
    metadata.creation_timestamp.at()
}
