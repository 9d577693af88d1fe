//! A CronJob's schedule or time zone cannot be read.

use serde_json::json;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::schedule::{Schedule, ScheduleError};
use sre_core::slim::{CronJob, Kind, Object};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-29",
    title: "a CronJob's schedule or time zone cannot be read",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::CronJob)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<CronJob>().iter().filter_map(judge).collect(),
};

fn judge(cron_job: &CronJob) -> Option<Finding> {
    let error = Schedule::parse(&cron_job.spec.schedule, cron_job.spec.time_zone.as_deref()).err()?;
    let still_runs = cron_job.spec.suspend == Some(true) || error == ScheduleError::ZoneInSchedule;
    let severity = if still_runs { Severity::Warning } else { Severity::Critical };
    Some(finding(cron_job, &error, severity))
}

fn finding(cron_job: &CronJob, error: &ScheduleError, severity: Severity) -> Finding {
    let object = cron_job.reference();
    let (name, namespace) = (&cron_job.metadata.name, &cron_job.metadata.namespace);
    let title = match error {
        ScheduleError::ZoneInSchedule => format!("{error}: servers from 1.29 on refuse to create it anew"),
        _ => format!("it never runs: {error}"),
    };
    let finding = Finding::new("WRK-29", severity, object.clone(), title)
        .evidence(&object, "spec.schedule", &*cron_job.spec.schedule)
        .since(cron_job.metadata.creation_timestamp.at())
        .look(format!("kubectl describe cronjob {name} -n {namespace}"));
    let finding = match &cron_job.spec.time_zone {
        Some(zone) => finding.evidence(&object, "spec.timeZone", zone),
        None => finding,
    };
    match apart(&cron_job.spec.schedule) {
        Some((zone, schedule)) => finding.patch("merge", &json!({"spec": {"schedule": schedule, "timeZone": zone}})),
        None => finding,
    }
}

/// The time zone that stands in front of a schedule, and the schedule, when each can be read in its own field.
fn apart(written: &str) -> Option<(&str, &str)> {
    let (zone, schedule) = written.strip_prefix("CRON_").unwrap_or(written).strip_prefix("TZ=")?.split_once(' ')?;
    Schedule::parse(schedule.trim(), Some(zone)).is_ok().then_some((zone, schedule.trim()))
}

const PAGE: &str = "\
A CronJob whose schedule or time zone the controller cannot read never starts a Job, and says so
only in an event (UnparseableSchedule, UnknownTimeZone).

Schedules are read as the controller reads them: five fields; names of months and weekdays; *, ?,
ranges, lists and steps; @yearly to @hourly and @every DURATION; Sunday is 0 and not 7. Time zones
are those of the IANA database that is built into this program, with exact capitals.

Looked at: spec.schedule and spec.timeZone. A schedule with TZ= in front still runs where it is, but
servers from 1.29 on refuse a new one: a warning.

What to do: correct the field:
  kubectl patch cronjob NAME -n NAMESPACE --type=merge -p '{\"spec\":{\"schedule\":\"0 4 * * *\"}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The API server would refuse this, so it cannot be captured.
    fn with(field: &str, value: &str) -> Vec<Finding> {
        Scenario::captured("GAP-44").set("CronJob", "report", field, value).judge(&CHECK)
    }

    #[test]
    fn a_schedule_that_cannot_be_read_is_found() {
        let findings = with("/spec/schedule", "0 0 * * 7");
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "CronJob/fault-gap-44/report");
        assert_eq!(finding.severity, Severity::Critical);
        assert_eq!(finding.title, "it never runs: the weekday \"7\" is outside of 0 to 6");
        assert_eq!(finding.evidence[0].value, "0 0 * * 7");
        assert_eq!(finding.remedies.len(), 1, "nobody knows which day was meant");
    }

    #[test]
    fn a_time_zone_that_does_not_exist_is_found() {
        let findings = with("/spec/timeZone", "Europe/Atlantis");
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Critical));
        assert_eq!(findings[0].title, "it never runs: there is no time zone \"Europe/Atlantis\"");
    }

    #[test]
    fn a_time_zone_in_the_schedule_is_a_warning() {
        let findings = with("/spec/schedule", "TZ=Europe/Berlin 0 4 * * *");
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning));
        let patch = r#"'{"spec":{"schedule":"0 4 * * *","timeZone":"Europe/Berlin"}}' --dry-run=server"#;
        assert!(findings[0].remedies[1].command.ends_with(patch), "{:?}", findings[0].remedies);
    }

    #[test]
    fn schedules_and_time_zones_that_can_be_read_are_let_be() {
        assert_eq!(Scenario::captured("GAP-44").judge(&CHECK), []);
        assert_eq!(with("/spec/timeZone", "Europe/Berlin"), []);
    }

    #[test]
    fn cron_jobs_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-44").gap(Sight::Of(Kind::CronJob), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("CronJob was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
