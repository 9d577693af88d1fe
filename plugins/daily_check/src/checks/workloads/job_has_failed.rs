//! A Job has failed.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-23",
    title: "a Job has failed",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Job)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.recognised("WRK-23", &["job-backoff-limit-exceeded", "job-deadline-exceeded"]),
};

const PAGE: &str = "\
A Job has given up: its pods failed more often than backoffLimit allows, it took longer than
activeDeadlineSeconds, or some of its indexes failed. Nothing tries again.

It is a symptom: where its pods are still there, what is wrong with them comes first and explains it.

Looked at: the condition Failed of Jobs, for a day. Runs of a CronJob are WRK-28.

What to do: read what the pods wrote, then delete the Job and start it again:
  kubectl describe job NAME -n NAMESPACE
  kubectl logs job/NAME -n NAMESPACE --all-containers --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_reason_is_told() {
        let findings = Scenario::captured("WRK-23").judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            all,
            [
                ("import", "Job import has failed: it took longer than its deadline of 1 s"),
                ("migrate", "Job migrate has failed: 1 of its pods failed, and backoffLimit is 0"),
            ]
        );
        assert!(findings.iter().all(|it| (it.severity, it.role) == (Severity::Warning, Role::Symptom)));
    }

    #[test]
    fn a_failure_of_yesterday_is_not_told() {
        assert_eq!(Scenario::captured("WRK-23").later(25 * 60).judge(&CHECK), []);
    }

    #[test]
    fn a_run_of_a_cron_job_is_left_to_its_own_check() {
        let owner = serde_json::json!([{"kind": "CronJob", "name": "nightly", "controller": true}]);
        let run = Scenario::captured("WRK-23").set("Job", "migrate", "/metadata/ownerReferences", owner);
        assert_eq!(run.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_job_that_is_complete_is_not_meant() {
        let scenario = Scenario::captured("WRK-23").without("Job", "import");
        let conditions = serde_json::json!([{"type": "Complete", "status": "True"}]);
        assert_eq!(scenario.set("Job", "migrate", "/status/conditions", conditions).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-23");
        let findings = scenario.gap(Sight::Of(Kind::Job), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Job was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
