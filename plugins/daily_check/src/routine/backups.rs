//! The newest success of everything that makes backups, against its own schedule.

use super::{Row, Source};
use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Section, Sight};
use sre_core::schedule::Schedule as Rule;
use sre_core::slim::custom::backup::{Backup, Schedule, VolumeSnapshot};
use sre_core::slim::{CronJob, Kind, Object, Time};
use sre_core::view::View;
use std::collections::BTreeMap;

pub(super) const SOURCE: Source = Source {
    id: "backups",
    title: "Backups",
    sights: &[
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::VolumeSnapshot),
        Sight::Of(Kind::Schedule),
        Sight::Of(Kind::Backup),
    ],
    queries: &[],
    section: Some(Section::Storage),
    // A cluster whose backups are made elsewhere has nothing to tell.
    rows: |view, _| Some(rows(view)).filter(|rows| !rows.is_empty()),
};

/// How long a run may take before its success is missed.
const PATIENCE: SignedDuration = SignedDuration::from_hours(4);

/// Words in the names of CronJobs that make backups.
const WORDS: [&str; 5] = ["backup", "dump", "snapshot", "archive-db", "wal-push"];

/// Label of a backup that names its schedule.
const SCHEDULE: &str = "velero.io/schedule-name";

fn rows(view: &View<'_>) -> Vec<Row> {
    [cron_jobs(view), schedules(view), snapshots(view)].concat()
}

fn cron_jobs(view: &View<'_>) -> Vec<Row> {
    let makes_backups = |job: &&CronJob| WORDS.iter().any(|word| job.metadata.name.contains(word));
    let row = |job: &CronJob| {
        let newest = job.status.last_successful_time.as_ref().and_then(Time::at);
        let rule = Rule::parse(&job.spec.schedule, job.spec.time_zone.as_deref()).ok();
        let text = match job.spec.suspend {
            Some(true) => format!("is suspended; {}", succeeded(newest)),
            _ => format!(
                "{}{}",
                succeeded(newest),
                verdict(newest, rule.as_ref(), job.metadata.creation_timestamp.at(), view)
            ),
        };
        Row::of(newest, job.reference(), text)
    };
    view.all::<CronJob>().iter().filter(makes_backups).map(row).collect()
}

fn schedules(view: &View<'_>) -> Vec<Row> {
    let row = |schedule: &Schedule| {
        let is_own = |backup: &&Backup| {
            backup.metadata.namespace == schedule.metadata.namespace
                && backup.metadata.label(SCHEDULE) == Some(&schedule.metadata.name)
                && backup.status.phase == "Completed"
        };
        let made = |backup: &Backup| backup.status.start_timestamp.as_ref().and_then(Time::at);
        let newest = view.all::<Backup>().iter().filter(is_own).filter_map(made).max();
        let rule = Rule::parse(&schedule.spec.schedule, None).ok();
        let text = match schedule.spec.paused {
            true => format!("is paused; {}", succeeded(newest)),
            false => format!(
                "{}{}",
                succeeded(newest),
                verdict(newest, rule.as_ref(), schedule.metadata.creation_timestamp.at(), view)
            ),
        };
        Row::of(newest, schedule.reference(), text)
    };
    view.all::<Schedule>().iter().map(row).collect()
}

fn succeeded(newest: Option<Timestamp>) -> String {
    newest.map_or("has never succeeded".to_owned(), |_| "has succeeded".to_owned())
}

/// Whether the newest success is of the last run that must be done by now.
fn verdict(newest: Option<Timestamp>, rule: Option<&Rule>, made: Option<Timestamp>, view: &View<'_>) -> String {
    let due = rule.and_then(|rule| rule.previous(view.now().checked_sub(PATIENCE).ok()?));
    let Some(due) = due else { return String::new() };
    // A run that was due before there was anything to run is not missed; a controller is some seconds early or late.
    let is_new = made.is_none_or(|made| made > due);
    let is_late = newest.is_none_or(|newest| newest < due - SignedDuration::from_mins(2));
    match is_late && !is_new {
        true => format!(", but not since {} when it was due: LATE", due.strftime("%Y-%m-%d %H:%M UTC")),
        false if newest.is_some() => ", in time".to_owned(),
        false => ", and was not due yet".to_owned(),
    }
}

/// The newest snapshot of each claim that can be used.
fn snapshots(view: &View<'_>) -> Vec<Row> {
    let mut newest: BTreeMap<(&str, &str), &VolumeSnapshot> = BTreeMap::new();
    for snapshot in view.all::<VolumeSnapshot>().iter().filter(|it| it.status.ready_to_use == Some(true)) {
        let Some(claim) = snapshot.spec.source.persistent_volume_claim_name.as_deref() else { continue };
        let known = newest.entry((&snapshot.metadata.namespace, claim)).or_insert(snapshot);
        if known.metadata.creation_timestamp.at() < snapshot.metadata.creation_timestamp.at() {
            *known = snapshot;
        }
    }
    let row = |((_, claim), snapshot): ((&str, &str), &VolumeSnapshot)| {
        Row::of(
            snapshot.metadata.creation_timestamp.at(),
            snapshot.reference(),
            format!("is the newest of claim {claim}"),
        )
    };
    newest.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_testkit::Scenario;

    /// A CronJob of every night at two, looked at so many hours after it has succeeded.
    fn told(hours: i64, schedule: &str) -> String {
        let job = json!({
            "apiVersion": "batch/v1", "kind": "CronJob",
            "metadata": {"name": "pg-backup", "namespace": "shop", "creationTimestamp": "2020-01-01T00:00:00Z"},
            "spec": {"schedule": schedule},
            "status": {"lastSuccessfulTime": "2026-01-02T02:03:00Z"},
        });
        let scenario = Scenario::captured("healthy").with(job);
        let at: Timestamp = "2026-01-02T02:03:00Z".parse().expect("a time");
        let now = scenario.snapshot().taken_at;
        let minutes = at.duration_since(now).as_mins() + 60 * hours;
        let snapshot = scenario.later(minutes).snapshot();
        cron_jobs(&View::new(&snapshot)).remove(0).text
    }

    #[test]
    fn the_newest_success_is_held_against_the_schedule() {
        assert_eq!(told(6, "0 2 * * *"), "has succeeded, in time");
        assert_eq!(
            told(24 + 6, "0 2 * * *"),
            "has succeeded, but not since 2026-01-03 02:00 UTC when it was due: LATE"
        );
        assert_eq!(told(24 + 6, "0 2 * * 0"), "has succeeded, in time");
    }

    #[test]
    fn other_jobs_are_not_listed() {
        let snapshot = Scenario::captured("healthy").snapshot();
        assert_eq!(cron_jobs(&View::new(&snapshot)), []);
    }
}
