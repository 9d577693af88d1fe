//! The newest success of a CronJob that makes backups is older than its schedule.

use crate::checks::workloads::last_runs_have_failed;
use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::schedule::Schedule;
use sre_core::slim::{CronJob, Kind, Object, Time};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-87",
    title: "a CronJob that makes backups has not succeeded since it was due",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::CronJob)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.all::<CronJob>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// Words in the names of CronJobs that make backups.
const WORDS: [&str; 11] = [
    "backup",
    "dump",
    "snapshot",
    "archive-db",
    "wal-push",
    "wal-g",
    "pgbackrest",
    "barman",
    "restic",
    "etcd-save",
    "mariabackup",
];

/// A controller is some seconds early or late.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

/// The newest success against the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is of the last run that must be done by now.
    InTime,
    /// There was no run yet that must be done.
    NotDue,
    /// It is of an earlier run than the one that was due then.
    Late(Timestamp),
    /// The schedule says nothing that can be held against it.
    Unclear,
}

/// Whether a CronJob makes backups, by its name or by the profile.
pub fn makes_backups(job: &CronJob, view: &View<'_>) -> bool {
    WORDS.iter().any(|word| job.metadata.name.contains(word)) || view.profile.names_backup(&job.reference())
}

/// Holds the newest success of what was made at a time against its schedule.
pub fn standing(
    rule: Option<&Schedule>,
    newest: Option<Timestamp>,
    made: Option<Timestamp>,
    now: Timestamp,
) -> Standing {
    let Some(due) = rule.and_then(|rule| rule.due(now, newest.or(made))) else { return Standing::Unclear };
    let is_missed = newest.is_none_or(|newest| newest < due - SLACK);
    // A run that was due before there was anything to run is not missed; what has succeeded was there.
    let was_there = made.into_iter().chain(newest).min().is_some_and(|first| first < due);
    match (is_missed, was_there) {
        (true, true) => Standing::Late(due),
        (true, false) => Standing::NotDue,
        (false, _) => Standing::InTime,
    }
}

/// The newest success of a CronJob.
pub fn succeeded(job: &CronJob) -> Option<Timestamp> {
    job.status.last_successful_time.as_ref().and_then(Time::at)
}

/// How a CronJob stands now.
pub fn of(job: &CronJob, view: &View<'_>) -> Standing {
    let rule = Schedule::parse(&job.spec.schedule, job.spec.time_zone.as_deref()).ok();
    standing(rule.as_ref(), succeeded(job), job.metadata.creation_timestamp.at(), view.now())
}

fn judge(job: &CronJob, view: &View<'_>) -> Option<Finding> {
    if !makes_backups(job, view) || job.spec.suspend == Some(true) || view.is_going(&job.metadata) {
        return None;
    }
    let Standing::Late(due) = of(job, view) else { return None };
    let started = job.status.last_schedule_time.as_ref().and_then(Time::at)?;
    // What was not started is told of all CronJobs, and so are failures whose Jobs are still there.
    let is_told = started < due - SLACK || last_runs_have_failed::is_so(job, view);
    (!is_told && job.status.active.is_empty()).then(|| finding(job, started, due))
}

fn finding(job: &CronJob, started: Timestamp, due: Timestamp) -> Finding {
    let newest = succeeded(job);
    let success = newest.map(|at| format!("its newest success is of {}", minute(at)));
    let success = success.unwrap_or_else(|| "it has never succeeded".to_owned());
    let object = job.reference();
    let (name, namespace) = (&job.metadata.name, &job.metadata.namespace);
    let zone = job.spec.time_zone.as_deref().unwrap_or("UTC");
    Finding::new(CHECK.id, Severity::Warning, object.clone(), format!("{success}, and it was due at {}", minute(due)))
        .symptom()
        .evidence(&object, "spec.schedule", format!("{} ({zone})", job.spec.schedule))
        .evidence(&object, "status.lastSuccessfulTime", newest.map_or("never".to_owned(), |at| at.to_string()))
        .evidence(&object, "status.lastScheduleTime", started.to_string())
        .since(Some(due))
        .look(format!("kubectl describe cronjob {name} -n {namespace}"))
        .look(format!("kubectl get jobs,pods -n {namespace}"))
        .change(format!("kubectl create job {name}-again --from=cronjob/{name} -n {namespace} --dry-run=server"))
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

const PAGE: &str = "\
A CronJob that makes backups is started on time, and its newest success is of an earlier run than the
last one that must be done by now: what would be restored today is older than everybody believes. The
Jobs that failed may be gone (failedJobsHistoryLimit, ttlSecondsAfterFinished), so that nothing else
says it.

Looked at: spec.schedule, spec.timeZone, status.lastSuccessfulTime and status.lastScheduleTime of
CronJobs whose name says that they make backups (backup, dump, snapshot, archive-db, wal-push, wal-g,
pgbackrest, barman, restic, etcd-save, mariabackup), or that a profile names (backups). A run counts
four hours after it was due, or when the next one is due if that is sooner.

Not meant: CronJobs that are suspended, and those of which a Job runs now. Runs that were not started
are GAP-44, failed runs whose Jobs are still there WRK-28.

What to do: start a run by hand, and read what it writes:
  kubectl create job NAME-again --from=cronjob/NAME -n NAMESPACE --dry-run=server
  kubectl logs job/NAME-again -n NAMESPACE --all-containers --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sre_core::profile::Profile;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn told(scenario: &Scenario) -> Vec<String> {
        scenario.judge(&CHECK).into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn a_success_before_the_last_due_run_is_told() {
        let findings = Scenario::captured("GAP-87").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "CronJob/fault-gap-87/pg-backup");
        assert_eq!(finding.severity, Severity::Warning);
        let title = "its newest success is of 2026-01-02 02:03 UTC, and it was due at 20";
        assert!(finding.title.starts_with(title) && finding.title.ends_with(" 02:00 UTC"), "{}", finding.title);
        assert_eq!(finding.evidence[1].value, "2026-01-02T02:03:00Z");
    }

    #[test]
    fn one_that_never_succeeded_is_told_after_its_first_run() {
        let never = Scenario::captured("GAP-87").unset("CronJob", "pg-backup", "/status/lastSuccessfulTime");
        assert_eq!(told(&never), Vec::<String>::new(), "it is too new");
        let old = never.set("CronJob", "pg-backup", "/metadata/creationTimestamp", "2026-01-01T00:00:00Z");
        let told = told(&old);
        assert!(told.len() == 1 && told[0].starts_with("it has never succeeded, and it was due at "), "{told:?}");
    }

    #[test]
    fn other_jobs_suspended_ones_and_what_runs_now_are_not_meant() {
        let with =
            |pointer: &str, value: Value| Scenario::captured("GAP-87").set("CronJob", "pg-backup", pointer, value);
        let running = json!([{"apiVersion": "batch/v1", "kind": "Job", "name": "pg-backup-1"}]);
        let long_ago = json!("2026-01-02T02:00:00Z");
        for (pointer, value) in [
            ("/spec/suspend", json!(true)),
            ("/status/active", running),
            ("/status/lastScheduleTime", long_ago),
            ("/metadata/name", json!("report")),
        ] {
            assert_eq!(told(&with(pointer, value)), Vec::<String>::new(), "{pointer}");
        }
    }

    #[test]
    fn a_profile_names_backups_whose_names_do_not_say_it() {
        let text = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nbackups: [CronJob/*/nightly]\n";
        let profile = Profile::parse(text, &[]).expect("a profile");
        let snapshot = Scenario::captured("GAP-87").set("CronJob", "pg-backup", "/metadata/name", "nightly").snapshot();
        let view = View::new(&snapshot).with_profile(profile);
        assert_eq!((CHECK.run)(&view).len(), 1);
    }

    #[test]
    fn a_failure_whose_job_is_still_there_is_told_once() {
        let scenario = Scenario::captured("WRK-28")
            .set("CronJob", "backup", "/metadata/creationTimestamp", "2020-01-01T00:00:00Z")
            .set("CronJob", "backup", "/status/lastScheduleTime", "2099-01-01T00:00:00Z");
        assert_eq!(told(&scenario), Vec::<String>::new());
        assert_eq!(told(&scenario.without("Job", "backup-")).len(), 1);
    }

    #[test]
    fn cron_jobs_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-87").gap(Sight::Of(Kind::CronJob), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
