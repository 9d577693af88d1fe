//! The newest good backup of a schedule is older than its schedule.

use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::backup::{Backup, Schedule};
use sre_core::slim::{Kind, Object, Time};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-85",
    title: "a schedule of Velero has no good backup of its last run",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::Schedule)],
    relies_on: &[Sight::Of(Kind::Backup)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Schedule>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// Label of a backup that names its schedule.
const SCHEDULE: &str = "velero.io/schedule-name";

fn judge(schedule: &Schedule, view: &View<'_>) -> Option<Finding> {
    let (metadata, spec) = (&schedule.metadata, &schedule.spec);
    if spec.paused || !view.is_settled(metadata) || !view.knows(Kind::Backup, &metadata.namespace) {
        return None;
    }
    let own = view.all::<Backup>().iter().filter(|it| is_of(it, schedule));
    let mut backups: Vec<(&Backup, Timestamp)> = own.filter_map(|it| Some((it, started(it)?))).collect();
    backups.sort_by_key(|(_, started)| std::cmp::Reverse(*started));
    let finished = |it: &&(&Backup, Timestamp)| !matches!(it.0.status.phase.as_str(), "" | "New" | "InProgress");
    let newest = backups.iter().find(|it| finished(it) && !is_under_way(it.0));
    let good = backups.iter().find(|(backup, _)| backup.status.phase == "Completed");
    if let Some((backup, _)) = newest.filter(|(backup, _)| backup.status.phase != "Completed") {
        return Some(failed(schedule, backup, good));
    }
    let due = last_run(schedule, good.map(|(_, started)| *started), view)?;
    let is_late = good.is_none_or(|(_, started)| *started < due) && !backups.iter().any(|(it, _)| is_under_way(it));
    is_late.then(|| overdue(schedule, due, good))
}

fn is_of(backup: &Backup, schedule: &Schedule) -> bool {
    backup.metadata.namespace == schedule.metadata.namespace
        && backup.metadata.label(SCHEDULE) == Some(&schedule.metadata.name)
}

fn started(backup: &Backup) -> Option<Timestamp> {
    backup.status.start_timestamp.as_ref().and_then(Time::at).or_else(|| backup.metadata.creation_timestamp.at())
}

fn is_under_way(backup: &Backup) -> bool {
    let phase = backup.status.phase.as_str();
    phase.starts_with("WaitingForPlugin")
        || phase.starts_with("Finalizing")
        || matches!(phase, "New" | "InProgress" | "Deleting")
}

/// The last run that must be done by now; none before the schedule was made, or for one that cannot be read.
fn last_run(schedule: &Schedule, good: Option<Timestamp>, view: &View<'_>) -> Option<Timestamp> {
    let rule = sre_core::schedule::Schedule::parse(&schedule.spec.schedule, None).ok()?;
    let made = schedule.metadata.creation_timestamp.at()?;
    let due = rule.due(view.now(), good.or(Some(made)))?;
    // Velero starts up to a minute late.
    (made < due).then(|| due.checked_sub(SignedDuration::from_mins(1)).ok()).flatten()
}

fn failed(schedule: &Schedule, backup: &Backup, good: Option<&(&Backup, Timestamp)>) -> Finding {
    let status = &backup.status;
    let title = format!("the last backup of Schedule {} is {}; {}", schedule.metadata.name, status.phase, last(good));
    let why = if status.failure_reason.is_empty() {
        format!("{} errors", status.errors)
    } else {
        status.failure_reason.clone()
    };
    let finding = statement(schedule, title)
        .evidence(&backup.reference(), "status.phase", status.phase.as_str())
        .evidence(&backup.reference(), "status.failureReason", why)
        .since(started(backup));
    let (name, namespace) = (&backup.metadata.name, &backup.metadata.namespace);
    finding.look(format!("kubectl describe backups.velero.io {name} -n {namespace}"))
}

fn overdue(schedule: &Schedule, due: Timestamp, good: Option<&(&Backup, Timestamp)>) -> Finding {
    let title = format!("Schedule {} has no backup of its last run; {}", schedule.metadata.name, last(good));
    let object = schedule.reference();
    let finding = statement(schedule, title).evidence(&object, "spec.schedule", schedule.spec.schedule.as_str());
    let finding = finding.evidence(&object, "last run", due.strftime("%Y-%m-%dT%H:%MZ").to_string());
    let (name, namespace) = (&schedule.metadata.name, &schedule.metadata.namespace);
    finding.since(Some(due)).look(format!("kubectl describe schedules.velero.io {name} -n {namespace}"))
}

fn last(good: Option<&(&Backup, Timestamp)>) -> String {
    match good {
        Some((_, at)) => format!("the newest good one is of {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => "there is no good one".to_owned(),
    }
}

fn statement(schedule: &Schedule, title: String) -> Finding {
    let namespace = &schedule.metadata.namespace;
    let list = format!("kubectl get backups.velero.io -n {namespace} -l {SCHEDULE}={}", schedule.metadata.name);
    Finding::new("GAP-85", Severity::Warning, schedule.reference(), title).look(list)
}

const PAGE: &str = "\
Velero makes backups by a schedule. The last one of this schedule did not end well (Failed,
PartiallyFailed, FailedValidation), or there is none of its last run: what would be restored today is
older than everybody believes.

Looked at: spec.schedule of Schedules, read as UTC; phase and start of the Backups that carry the
label velero.io/schedule-name. A run counts four hours after it was due, or when the next one is due if
that is sooner. Schedules that are paused are not judged.

What to do: see what the backup says, and the log of Velero:
  kubectl get backups.velero.io -n velero
  kubectl logs -n velero deployment/velero --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn told(scenario: &Scenario, name: &str) -> Option<String> {
        let found = scenario.judge(&CHECK).into_iter().find(|finding| finding.object.name == name);
        found.map(|finding| finding.title)
    }

    #[test]
    fn a_backup_that_failed_is_told_with_the_last_good_one() {
        let findings = Scenario::captured("GAP-85").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Schedule/fault-gap-85/nightly");
        let title =
            "the last backup of Schedule nightly is PartiallyFailed; the newest good one is of 2026-01-14 02:00 UTC";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[1].value, "3 errors");
        let command = "kubectl get backups.velero.io -n fault-gap-85 -l velero.io/schedule-name=nightly";
        assert_eq!(finding.remedies[0].command, command);
    }

    #[test]
    fn a_run_without_a_backup_is_told() {
        let scenario = Scenario::captured("GAP-85").without("Backup", "nightly-20260115");
        assert_eq!(told(&scenario.clone().later(2), "nightly"), None, "no run since it was made");
        let tomorrow = scenario.later(30 * 60);
        let title = told(&tomorrow, "nightly").unwrap_or_default();
        assert_eq!(
            title,
            "Schedule nightly has no backup of its last run; the newest good one is of 2026-01-14 02:00 UTC"
        );
    }

    #[test]
    fn good_backups_and_paused_schedules_are_not_meant() {
        let good =
            Scenario::captured("GAP-85").later(2).set("Backup", "nightly-20260115", "/status/phase", "Completed");
        assert_eq!(good.judge(&CHECK), []);
        assert_eq!(
            Scenario::captured("GAP-85").later(2).set("Schedule", "nightly", "/spec/paused", true).judge(&CHECK),
            []
        );
    }

    #[test]
    fn backups_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-85").gap(Sight::Of(Kind::Backup), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
