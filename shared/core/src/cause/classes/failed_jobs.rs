//! Jobs that have failed: the ground that the classes of Jobs share.

use crate::finding::{Finding, Severity};
use crate::slim::condition::Condition;
use crate::slim::{Job, Kind, Object, condition_of};
use crate::view::View;

/// A failed Job stays as a record: nobody tries again, and after a day whoever made it knows.
const REMEMBERED_MINUTES: i64 = 24 * 60;

const DEADLINE: &str = "DeadlineExceeded";

/// The Jobs that took too long, or those that failed for another reason.
pub(super) fn causes(view: &View<'_>, is_late: bool) -> Vec<Finding> {
    view.all::<Job>().iter().filter_map(|job| judge(job, view, is_late)).collect()
}

fn judge(job: &Job, view: &View<'_>, is_late: bool) -> Option<Finding> {
    let failed = condition_of(&job.status.conditions, "Failed").filter(|it| it.status == "True")?;
    let is_run = job.metadata.controller().is_some_and(|owner| owner.kind == "CronJob");
    let since = failed.last_transition_time.at();
    let is_old = view.is_older_than_minutes(since, REMEMBERED_MINUTES);
    let is_meant = (failed.reason == DEADLINE) == is_late;
    (is_meant && !is_run && !is_old && !view.is_going(&job.metadata)).then(|| finding(job, failed, view).since(since))
}

fn finding(job: &Job, failed: &Condition, view: &View<'_>) -> Finding {
    let object = job.reference();
    let (name, namespace) = (&job.metadata.name, &job.metadata.namespace);
    let title = format!("Job {name} has failed: {}", why(job, failed));
    Finding::new("", Severity::Warning, view.accountable(Kind::Job, &job.metadata), title)
        .symptom()
        .part(name)
        .evidence(&object, "status.conditions[Failed]", format!("{}: {}", failed.reason, failed.message))
        .evidence(&object, "status.failed", job.status.failed.to_string())
        .look(format!("kubectl describe job {name} -n {namespace}"))
        .look(format!("kubectl logs job/{name} -n {namespace} --all-containers --tail=50"))
}

/// The reason of a Job's failure, in words.
pub fn why(job: &Job, failed: &Condition) -> String {
    match failed.reason.as_str() {
        "BackoffLimitExceeded" => {
            let limit = job.spec.backoff_limit.unwrap_or(6);
            format!("{} of its pods failed, and backoffLimit is {limit}", job.status.failed)
        }
        DEADLINE => {
            let limit = job.spec.active_deadline_seconds.unwrap_or_default();
            format!("it took longer than its deadline of {limit} s")
        }
        "FailedIndexes" | "MaxFailedIndexesExceeded" => {
            format!("indexes {} failed", job.status.failed_indexes.as_deref().unwrap_or("that are not named"))
        }
        _ => failed.message.trim().to_owned(),
    }
}
