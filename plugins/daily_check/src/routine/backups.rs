//! The newest success of everything that makes backups, against its own schedule.

use super::{Row, Source};
use crate::checks::storage::backup_job_has_not_succeeded::{self as job, Standing};
use jiff::Timestamp;
use sre_core::check::{Section, Sight};
use sre_core::schedule::Schedule as Rule;
use sre_core::slim::custom::backup::{Backup, Schedule, VolumeSnapshot};
use sre_core::slim::{CronJob, Kind, Object, Time};
use sre_core::snapshot::ReadState;
use sre_core::view::View;
use std::collections::BTreeMap;

pub(super) const SOURCE: Source = Source {
    id: "backups",
    title: "Backups",
    sights: &SIGHTS,
    queries: &[],
    section: Some(Section::Storage),
    rows: |view, _| Some(rows(view)),
};

const SIGHTS: [Sight; 4] =
    [Sight::Of(Kind::CronJob), Sight::Of(Kind::VolumeSnapshot), Sight::Of(Kind::Schedule), Sight::Of(Kind::Backup)];

/// Label of a backup that names its schedule.
const SCHEDULE: &str = "velero.io/schedule-name";

fn rows(view: &View<'_>) -> Vec<Row> {
    let rows = [cron_jobs(view), schedules(view), snapshots(view)].concat();
    let was_seen = |sight: &Sight| {
        let state = view.snapshot.coverage.state(*sight);
        matches!(state, ReadState::Read { .. } | ReadState::NotInstalled)
    };
    if rows.is_empty() && SIGHTS.iter().all(was_seen) {
        let none = "nothing that makes backups is known here: no CronJob that is called so or that the profile names, no \
                    Schedule of Velero, no VolumeSnapshot";
        return vec![Row::fact(none)];
    }
    rows
}

fn cron_jobs(view: &View<'_>) -> Vec<Row> {
    let row = |cron_job: &CronJob| {
        let newest = job::succeeded(cron_job);
        let text = match cron_job.spec.suspend {
            Some(true) => format!("is suspended; {}", succeeded(newest)),
            _ => told(newest, job::of(cron_job, view)),
        };
        Row::of(newest, cron_job.reference(), text)
    };
    view.all::<CronJob>().iter().filter(|it| job::makes_backups(it, view)).map(row).collect()
}

fn schedules(view: &View<'_>) -> Vec<Row> {
    let row = |schedule: &Schedule| {
        let is_own = |backup: &&Backup| {
            backup.metadata.namespace == schedule.metadata.namespace
                && backup.metadata.label(SCHEDULE) == Some(&schedule.metadata.name)
                && backup.status.phase == "Completed"
        };
        let started = |backup: &Backup| backup.status.start_timestamp.as_ref().and_then(Time::at);
        let newest = view.all::<Backup>().iter().filter(is_own).filter_map(started).max();
        let (rule, made) = (Rule::parse(&schedule.spec.schedule, None).ok(), schedule.metadata.creation_timestamp.at());
        let text = match schedule.spec.paused {
            true => format!("is paused; {}", succeeded(newest)),
            false => told(newest, job::standing(rule.as_ref(), newest, made, view.now())),
        };
        Row::of(newest, schedule.reference(), text)
    };
    view.all::<Schedule>().iter().map(row).collect()
}

fn succeeded(newest: Option<Timestamp>) -> &'static str {
    if newest.is_some() { "has succeeded" } else { "has never succeeded" }
}

/// Whether the newest success is of the last run that must be done by now.
fn told(newest: Option<Timestamp>, standing: Standing) -> String {
    let succeeded = succeeded(newest);
    match standing {
        Standing::InTime => format!("{succeeded}, in time"),
        Standing::NotDue => format!("{succeeded}, and was not due yet"),
        Standing::Late(due) => {
            format!("{succeeded}, but not since {} when it was due: LATE", due.strftime("%Y-%m-%d %H:%M UTC"))
        }
        Standing::Unclear => format!("{succeeded}; its schedule cannot be judged"),
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
    use sre_core::snapshot::GapReason;
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
    fn what_runs_often_has_less_time() {
        assert_eq!(told(2, "*/15 * * * *"), "has succeeded, but not since 2026-01-02 03:45 UTC when it was due: LATE");
        assert_eq!(told(0, "*/15 * * * *"), "has succeeded, in time");
        assert_eq!(told(1, "@every 1h"), "has succeeded, in time");
        assert_eq!(told(3, "@every 1h"), "has succeeded, but not since 2026-01-02 03:03 UTC when it was due: LATE");
    }

    #[test]
    fn of_a_schedule_that_says_nothing_nothing_is_promised() {
        assert_eq!(told(1, "every night"), "has succeeded; its schedule cannot be judged");
    }

    #[test]
    fn a_success_before_it_was_made_anew_is_not_in_time() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let rule = Rule::parse("0 2 * * *", None).expect("a schedule");
        let (made, now) = (at("2026-01-10T12:00:00Z"), at("2026-01-10T13:00:00Z"));
        let standing = |newest| job::standing(Some(&rule), newest, Some(made), now);
        assert_eq!(standing(Some(at("2026-01-02T02:03:00Z"))), Standing::Late(at("2026-01-10T02:00:00Z")));
        assert_eq!(standing(None), Standing::NotDue);
    }

    #[test]
    fn other_jobs_are_not_listed_and_that_there_are_no_backups_is_said() {
        let healthy = Scenario::captured("healthy");
        let snapshot = healthy.snapshot();
        assert_eq!(cron_jobs(&View::new(&snapshot)), []);
        let told = rows(&View::new(&snapshot));
        assert!(told.len() == 1 && told[0].text.starts_with("nothing that makes backups is known here"), "{told:?}");
        let blind = healthy.gap(Sight::Of(Kind::CronJob), GapReason::Forbidden).snapshot();
        assert_eq!(rows(&View::new(&blind)), [], "nobody has looked");
    }
}
