//! The last runs of a CronJob have failed.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::Condition;
use sre_core::slim::{CronJob, Job, Kind, Object, condition_of};
use sre_core::view::View;
use std::cmp::Reverse;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-28",
    title: "the last run of a CronJob has failed",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::CronJob)],
    relies_on: &[Sight::Of(Kind::Job)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<CronJob>().iter().filter_map(|it| judge(it, view)).collect(),
};

fn judge(cron_job: &CronJob, view: &View<'_>) -> Option<Finding> {
    if cron_job.spec.suspend == Some(true) || view.is_going(&cron_job.metadata) {
        return None;
    }
    let mut runs: Vec<&Job> = view.all::<Job>().iter().filter(|job| is_run_of(job, cron_job)).collect();
    runs.sort_by_key(|job| Reverse(job.metadata.creation_timestamp.at()));
    let ended = runs.into_iter().filter(|job| holds(job, "Complete").is_some() || holds(job, "Failed").is_some());
    let failed: Vec<&Job> = ended.take_while(|job| holds(job, "Failed").is_some()).collect();
    let last = *failed.first()?;
    Some(finding(cron_job, (last, holds(last, "Failed")?), &failed))
}

/// Whether this check tells of a CronJob.
pub fn is_so(cron_job: &CronJob, view: &View<'_>) -> bool {
    judge(cron_job, view).is_some()
}

fn is_run_of(job: &Job, cron_job: &CronJob) -> bool {
    let owner = job.metadata.controller();
    job.metadata.namespace == cron_job.metadata.namespace
        && owner.is_some_and(|it| it.kind == "CronJob" && it.name == cron_job.metadata.name)
}

fn holds<'a>(job: &'a Job, condition: &str) -> Option<&'a Condition> {
    condition_of(&job.status.conditions, condition).filter(|it| it.status == "True")
}

fn finding(cron_job: &CronJob, (last, condition): (&Job, &Condition), failed: &[&Job]) -> Finding {
    let object = cron_job.reference();
    let namespace = &cron_job.metadata.namespace;
    let success = cron_job.status.last_successful_time.and_then(|time| time.at());
    let runs = if failed.len() == 1 { "its last run".to_owned() } else { format!("its last {} runs", failed.len()) };
    let ever = if success.is_none() { ", and none has ever succeeded" } else { "" };
    let title = format!("{runs} failed{ever}: {}", sre_core::cause::why_job_failed(last, condition));
    let ends = failed.iter().filter_map(|job| holds(job, "Failed")?.last_transition_time.at());
    Finding::new("WRK-28", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(
            &last.reference(),
            "status.conditions[Failed]",
            format!("{}: {}", condition.reason, condition.message),
        )
        .evidence(&object, "status.lastSuccessfulTime", success.map_or("never".to_owned(), |at| at.to_string()))
        .since(ends.min())
        .look(format!("kubectl describe job {} -n {namespace}", last.metadata.name))
        .look(format!("kubectl logs job/{} -n {namespace} --all-containers --tail=50", last.metadata.name))
        .change(format!(
            "kubectl create job {}-again --from=cronjob/{} -n {namespace} --dry-run=server",
            cron_job.metadata.name, cron_job.metadata.name
        ))
}

const PAGE: &str = "\
The newest run of a CronJob that has ended has failed, and maybe some before it: the backup, the report,
the clean-up was not done. The title says when none has succeeded ever.

It is a symptom: where the pods of a run are still there, what is wrong with them comes first.

Looked at: the Jobs that the CronJob made, newest first, and lastSuccessfulTime. Not meant: failures
that a later run made good, and CronJobs that are suspended.

What to do: read what the run wrote, and start one by hand when it is mended:
  kubectl logs job/NAME -n NAMESPACE --all-containers --tail=50
  kubectl create job NAME-again --from=cronjob/NAME -n NAMESPACE --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn failed_runs_are_counted_up_to_the_last_good_one() {
        let findings = Scenario::captured("WRK-28").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "CronJob/fault-wrk-28/backup");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        let why = "1 of its pods failed, and backoffLimit is 0";
        assert_eq!(finding.title, format!("its last 2 runs failed, and none has ever succeeded: {why}"));
        assert_eq!(finding.evidence[1].value, "never");
    }

    #[test]
    fn a_later_run_that_succeeded_makes_it_good() {
        let scenario = Scenario::captured("WRK-28");
        let done = serde_json::json!([{"type": "Complete", "status": "True"}]);
        let good = scenario.set("Job", "backup-2", "/status/conditions", done.clone());
        let good = good.set("Job", "backup-2", "/metadata/creationTimestamp", "2099-01-01T00:00:00Z");
        assert_eq!(good.judge(&CHECK), []);
        let made_good = Scenario::captured("WRK-28").set("Job", "backup-1", "/status/conditions", done);
        let made_good = made_good.set("Job", "backup-1", "/metadata/creationTimestamp", "2026-01-01T00:00:00Z");
        assert!(made_good.judge(&CHECK)[0].title.starts_with("its last run failed"));
    }

    #[test]
    fn a_cron_job_that_is_suspended_is_not_meant() {
        assert_eq!(Scenario::captured("WRK-28").set("CronJob", "backup", "/spec/suspend", true).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-28");
        let findings = scenario.gap(Sight::Of(Kind::Job), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Job was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
