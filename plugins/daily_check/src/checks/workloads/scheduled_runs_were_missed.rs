//! Runs of a CronJob were due and were not started.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-44",
    title: "scheduled runs of a CronJob were not started",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::CronJob)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Job), Sight::Of(Kind::Lease)],
    page: PAGE,
    run: |view| view.recognised("GAP-44", &["cronjob-missed-runs"]),
};

const PAGE: &str = "\
By its schedule and time zone a CronJob should have started a Job since its last one, and did not.
Nothing fails and no pod complains: backups and clean-ups are missing, and it shows when they are
needed.

Told apart: suspended (information only), an old Job that still runs where only one may, a starting
deadline that had passed, and runs that nothing on the CronJob explains.

Looked at: spec.schedule, spec.timeZone, status.lastScheduleTime or, for one that never ran, its
creation. A run counts as missed two minutes after it was due. A schedule that cannot be read is
WRK-29.

See also: kubectl sre explain cronjob-missed-runs";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Finding, Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn of(name: &str, findings: &[Finding]) -> Finding {
        findings.iter().find(|it| it.object.name == name).cloned().unwrap_or_else(|| panic!("{name}: {findings:#?}"))
    }

    #[test]
    fn a_deadline_that_passes_again_and_again_is_found() {
        let findings = Scenario::captured("GAP-44").judge(&CHECK);
        assert_eq!(findings.len(), 3, "{findings:#?}");
        let report = of("report", &findings);
        assert_eq!(report.object.to_string(), "CronJob/fault-gap-44/report");
        assert_eq!((report.severity, report.class), (Severity::Warning, Some("cronjob-missed-runs")));
        assert_eq!(report.title, "6 runs were not started: its starting deadline of 60 s had passed");
        assert_eq!(report.since.unwrap().to_string(), "2021-01-01T00:00:00Z");
        assert_eq!(report.evidence[1].value, "2020-01-01T00:00:00Z");
        assert!(
            report.remedies[1].command.ends_with(r#"-p '{"spec":{"startingDeadlineSeconds":3600}}' --dry-run=server"#)
        );
    }

    #[test]
    fn an_old_job_that_still_runs_is_named() {
        let findings = Scenario::captured("GAP-44").judge(&CHECK);
        let backup = of("backup", &findings);
        assert_eq!((backup.severity, backup.role), (Severity::Warning, Role::Risk));
        assert_eq!(backup.title, "2 runs were not started: Job backup-old still runs, and only one may");
        assert_eq!(backup.remedies[0].command, "kubectl describe job backup-old -n fault-gap-44");
    }

    #[test]
    fn suspended_is_worth_knowing_and_no_more() {
        let findings = Scenario::captured("GAP-44").judge(&CHECK);
        let cleanup = of("cleanup", &findings);
        assert_eq!(cleanup.severity, Severity::Info);
        assert_eq!(cleanup.title, "more than 100 runs were not started: it is suspended");
    }

    #[test]
    fn runs_that_nothing_explains_may_be_anybodys_consequence() {
        let scenario = Scenario::captured("GAP-44").unset("CronJob", "report", "/spec/startingDeadlineSeconds");
        let report = of("report", &scenario.judge(&CHECK));
        assert_eq!((report.severity, report.role), (Severity::Warning, Role::Symptom));
        assert!(report.title.ends_with("nothing in its fields says why"), "{}", report.title);
    }

    #[test]
    fn a_deadline_shorter_than_the_controllers_interval_is_said() {
        let scenario = Scenario::captured("GAP-44").set("CronJob", "report", "/spec/startingDeadlineSeconds", 5);
        assert!(of("report", &scenario.judge(&CHECK)).title.contains("deadline of 5 s is shorter than the 10 s"));
    }

    #[test]
    fn a_job_that_has_ended_holds_back_nothing() {
        let ended = Scenario::captured("GAP-44").set(
            "Job",
            "backup-old",
            "/status/conditions",
            serde_json::json!([{"type": "Complete", "status": "True"}]),
        );
        assert_eq!(of("backup", &ended.judge(&CHECK)).role, Role::Symptom);
    }

    #[test]
    fn runs_that_were_all_started_are_let_be() {
        let scenario = Scenario::captured("GAP-44").without("CronJob", "backup").without("CronJob", "cleanup");
        let recent = scenario.set("CronJob", "report", "/status/lastScheduleTime", "2026-01-01T00:00:00Z");
        assert_eq!(recent.judge(&CHECK), []);
    }

    #[test]
    fn a_time_zone_moves_the_runs() {
        let scenario = Scenario::captured("GAP-44").without("CronJob", "backup").without("CronJob", "cleanup");
        let ran = scenario.set("CronJob", "report", "/status/lastScheduleTime", "2025-12-31T23:30:00Z");
        assert_eq!(ran.judge(&CHECK).len(), 1, "midnight in UTC comes after it");
        assert_eq!(ran.set("CronJob", "report", "/spec/timeZone", "Europe/Berlin").judge(&CHECK), []);
    }

    #[test]
    fn cron_jobs_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-44").gap(Sight::Of(Kind::CronJob), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("CronJob was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
