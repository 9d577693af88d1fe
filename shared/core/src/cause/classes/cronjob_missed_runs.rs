//! Runs of a CronJob were due and were not started.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::schedule::Schedule;
use crate::slim::{CronJob, Job, Kind, Object};
use crate::view::{View, is_finished};
use jiff::{SignedDuration, Timestamp};

/// See the module.
pub const CLASS: Class = Class {
    id: "cronjob-missed-runs",
    page: PAGE,
    recognise: |view| view.all::<CronJob>().iter().filter_map(|it| missed(it, view)).collect(),
    ..Class::SILENT
};

/// The controller acts within seconds; this much later a run counts as missed.
const GRACE: SignedDuration = SignedDuration::from_mins(2);

/// So many missed runs are counted; controllers before 1.21 start nothing any more beyond it, later ones warn.
const COUNTED: usize = 100;

/// The controller looks this often, so a shorter deadline may pass unseen.
const CONTROLLER_SECONDS: i64 = 10;

/// Why runs are not started.
enum Reason {
    Suspended,
    StillRunning(Vec<String>),
    Deadline(i64),
    Unsaid,
}

fn missed(cron_job: &CronJob, view: &View<'_>) -> Option<Finding> {
    if cron_job.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let schedule = Schedule::parse(&cron_job.spec.schedule, cron_job.spec.time_zone.as_deref()).ok()?;
    let last = cron_job.status.last_schedule_time.as_ref().and_then(|time| time.at());
    let from = last.or_else(|| cron_job.metadata.creation_timestamp.at())?;
    let runs: Vec<Timestamp> = schedule.runs(from, view.now().checked_sub(GRACE).ok()?).take(COUNTED + 1).collect();
    let first = *runs.first()?;
    Some(finding(cron_job, first, runs.len(), &reason(cron_job, view)))
}

fn reason(cron_job: &CronJob, view: &View<'_>) -> Reason {
    let spec = &cron_job.spec;
    if spec.suspend == Some(true) {
        return Reason::Suspended;
    }
    let running = running_jobs(cron_job, view);
    if spec.concurrency_policy == "Forbid" && !running.is_empty() {
        return Reason::StillRunning(running);
    }
    spec.starting_deadline_seconds.map_or(Reason::Unsaid, Reason::Deadline)
}

/// Jobs that it started and that have not ended, as far as they were seen.
fn running_jobs(cron_job: &CronJob, view: &View<'_>) -> Vec<String> {
    let namespace = cron_job.metadata.namespace.as_str();
    let runs = |name: &str| match view.get::<Job>(namespace, name) {
        Some(job) => !is_finished(job),
        None => !view.knows(Kind::Job, namespace),
    };
    cron_job.status.active.iter().filter(|job| runs(&job.name)).map(|job| job.name.clone()).collect()
}

fn finding(cron_job: &CronJob, first: Timestamp, count: usize, reason: &Reason) -> Finding {
    let object = cron_job.reference();
    let runs = match count {
        1 => "1 run was not started".to_owned(),
        count if count > COUNTED => format!("more than {COUNTED} runs were not started"),
        count => format!("{count} runs were not started"),
    };
    let severity = if matches!(reason, Reason::Suspended) { Severity::Info } else { Severity::Warning };
    let last = cron_job.status.last_schedule_time.as_ref().and_then(|time| time.at());
    let zone = cron_job.spec.time_zone.as_deref().unwrap_or("UTC");
    let finding = Finding::new("", severity, object.clone(), format!("{runs}: {}", words(reason)))
        .evidence(&object, "spec.schedule", format!("{} ({zone})", cron_job.spec.schedule))
        .evidence(&object, "status.lastScheduleTime", last.map_or("never".to_owned(), |last| last.to_string()))
        .since(Some(first));
    explained(finding, cron_job, reason)
}

fn words(reason: &Reason) -> String {
    match reason {
        Reason::Suspended => "it is suspended".to_owned(),
        Reason::StillRunning(jobs) => format!("Job {} still runs, and only one may", jobs.join(", ")),
        Reason::Deadline(seconds) if *seconds < CONTROLLER_SECONDS => {
            format!(
                "its starting deadline of {seconds} s is shorter than the {CONTROLLER_SECONDS} s between two looks of the controller"
            )
        }
        Reason::Deadline(seconds) => format!("its starting deadline of {seconds} s had passed"),
        Reason::Unsaid => "nothing in its fields says why".to_owned(),
    }
}

/// The field that holds the reason, and what to do about it; without a reason it may be anybody's consequence.
fn explained(finding: Finding, cron_job: &CronJob, reason: &Reason) -> Finding {
    let object = cron_job.reference();
    let (name, namespace) = (&cron_job.metadata.name, &cron_job.metadata.namespace);
    let look = format!("kubectl describe cronjob {name} -n {namespace}");
    let patch = |field: &str| {
        format!(
            "kubectl patch cronjob {name} -n {namespace} --type=merge -p '{{\"spec\":{{{field}}}}}' --dry-run=server"
        )
    };
    match reason {
        Reason::Suspended => {
            finding.risk().evidence(&object, "spec.suspend", "true").look(look).change(patch("\"suspend\":false"))
        }
        Reason::StillRunning(jobs) => finding
            .risk()
            .evidence(&object, "spec.concurrencyPolicy", "Forbid")
            .evidence(&object, "status.active", jobs.join(", "))
            .look(format!("kubectl describe job {} -n {namespace}", jobs[0])),
        Reason::Deadline(seconds) => finding
            .risk()
            .evidence(&object, "spec.startingDeadlineSeconds", seconds.to_string())
            .look(look)
            .change(patch("\"startingDeadlineSeconds\":3600")),
        Reason::Unsaid => finding.symptom().look(look),
    }
}

const PAGE: &str = "\
The schedule says that a CronJob should have started a Job, and it did not. Runs are computed from
spec.schedule and spec.timeZone as the controller computes them: a time that a clock change skips is
not a run, one that it repeats is two. A run counts as missed two minutes after it was due.

Told apart: the CronJob is suspended (information only); concurrencyPolicy Forbid holds runs back
while an old Job still runs; startingDeadlineSeconds had passed when the controller looked. When
nothing of this holds, the controller manager may be down, or may not be allowed to create the Job.

After more than 100 missed runs controllers before Kubernetes 1.21 start none at all until a
starting deadline is set; later ones warn (TooManyMissedTimes) and start the newest.

Looked at: the schedule and the last runs of CronJobs, their Jobs and events.

What to do: read the events, end or delete the Job that hangs, or start a run by hand:
  kubectl create job NAME-now --from=cronjob/NAME -n NAMESPACE --dry-run=server";
