//! A Job runs far longer than its predecessors did, or than a day.

use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Job, Kind, Object, condition_of};
use sre_core::view::{View, is_finished};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-24",
    title: "a Job runs far longer than its predecessors, or than a day",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Job)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::CronJob), Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<Job>().iter().filter_map(|job| judge(job, view)).collect(),
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// So many runs before make a habit, and so many times their longest is out of it; never less than an hour.
const HABIT: usize = 3;
const TIMES: i32 = 10;
const LEAST: SignedDuration = SignedDuration::from_hours(1);

fn judge(job: &Job, view: &View<'_>) -> Option<Finding> {
    let is_running = job.status.active > 0 && !is_finished(job) && job.spec.suspend != Some(true);
    let started = job.status.start_time.and_then(|time| time.at())?;
    if !is_running || view.is_going(&job.metadata) {
        return None;
    }
    let owner = view.accountable(Kind::Job, &job.metadata);
    let longest = longest(job, view);
    let limit = longest.map_or(DAY, |longest| longest.saturating_mul(TIMES).max(LEAST));
    let is_long = view.age(started) >= limit;
    (is_long && !is_told(&owner, view)).then(|| finding(job, owner, (started, longest), view))
}

/// The longest of its CronJob's earlier runs, when there were enough to tell.
fn longest(job: &Job, view: &View<'_>) -> Option<SignedDuration> {
    let cron = job.metadata.controller().filter(|owner| owner.kind == "CronJob")?;
    let sibling = |other: &&Job| {
        other.metadata.namespace == job.metadata.namespace
            && other.metadata.controller().is_some_and(|owner| owner.name == cron.name)
    };
    let lasted: Vec<SignedDuration> = view.all::<Job>().iter().filter(sibling).filter_map(lasted).collect();
    lasted.iter().max().copied().filter(|_| lasted.len() >= HABIT)
}

fn lasted(job: &Job) -> Option<SignedDuration> {
    let is_complete = condition_of(&job.status.conditions, "Complete").is_some_and(|it| it.status == "True");
    let (start, end) = (job.status.start_time?.at()?, job.status.completion_time?.at()?);
    is_complete.then(|| end.duration_since(start))
}

/// A CronJob whose next runs wait for this one says so itself.
fn is_told(owner: &ObjectRef, view: &View<'_>) -> bool {
    view.causes().iter().any(|cause| cause.class == Some("cronjob-missed-runs") && cause.object == *owner)
}

fn finding(
    job: &Job,
    owner: ObjectRef,
    (started, longest): (Timestamp, Option<SignedDuration>),
    view: &View<'_>,
) -> Finding {
    let object = job.reference();
    let (name, namespace) = (&job.metadata.name, &job.metadata.namespace);
    let hours = view.age(started).as_hours();
    let than =
        longest.map_or(String::new(), |longest| format!("; earlier runs took {} min at most", longest.as_mins()));
    let title = format!("Job {name} has been running for {hours} hours{than}");
    Finding::new("WRK-24", Severity::Warning, owner, title)
        .symptom()
        .part(if longest.is_some() { "" } else { name })
        .evidence(&object, "status.startTime", started.to_string())
        .evidence(&object, "status.active", job.status.active.to_string())
        .since(Some(started))
        .look(format!("kubectl describe job {name} -n {namespace}"))
        .look(format!("kubectl logs job/{name} -n {namespace} --all-containers --tail=50"))
}

const PAGE: &str = "\
A Job has been running for a day. When it is a run of a CronJob and three earlier runs at least were
seen, it is told when it takes ten times as long as the longest of them, and an hour at least. It may
hang, wait for a lock, or have much more to do than was thought; without activeDeadlineSeconds nothing
ends it.

It is a symptom: what is wrong with its pods comes first. Where runs of the CronJob are held back by
it, GAP-44 tells it.

Looked at: start time and active pods of the Jobs, how long the earlier runs took.

What to do: see whether it still gets on; if not, delete it:
  kubectl logs job/NAME -n NAMESPACE --all-containers --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn a_day_later() -> Scenario {
        Scenario::captured("WRK-24").later(24 * 60)
    }

    #[test]
    fn a_job_of_its_own_has_a_day() {
        let findings = a_day_later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Job/fault-wrk-24/reindex");
        assert_eq!(findings[0].title, "Job reindex has been running for 24 hours");
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(Scenario::captured("WRK-24").later(23 * 60).judge(&CHECK), []);
    }

    #[test]
    fn earlier_runs_say_what_is_long() {
        let owner = serde_json::json!([{"kind": "CronJob", "name": "nightly", "controller": true}]);
        let run = |number| {
            serde_json::json!({
                "apiVersion": "batch/v1", "kind": "Job",
                "metadata": {"name": format!("nightly-{number}"), "namespace": "fault-wrk-24", "ownerReferences": owner},
                "status": {"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:20:00Z",
                    "conditions": [{"type": "Complete", "status": "True"}]}
            })
        };
        let scenario = Scenario::captured("WRK-24").set("Job", "reindex", "/metadata/ownerReferences", owner.clone());
        let scenario = scenario.with(run(1)).with(run(2)).with(run(3));
        assert_eq!(scenario.clone().later(3 * 60).judge(&CHECK), []);
        let findings = scenario.later(4 * 60).judge(&CHECK);
        assert_eq!(findings[0].object.to_string(), "CronJob/fault-wrk-24/nightly");
        assert_eq!(findings[0].title, "Job reindex has been running for 4 hours; earlier runs took 20 min at most");
    }

    #[test]
    fn a_job_that_rests_is_not_meant() {
        assert_eq!(a_day_later().set("Job", "reindex", "/spec/suspend", true).judge(&CHECK), []);
        assert_eq!(a_day_later().set("Job", "reindex", "/status/active", 0).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-24").later(24 * 60);
        let findings = scenario.gap(Sight::Of(Kind::Job), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Job was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
