//! What will happen: runs of CronJobs until tomorrow morning, certificates that end.

use super::{Row, Source};
use jiff::{SignedDuration, Timestamp};
use sre_core::check::Sight;
use sre_core::schedule::Schedule;
use sre_core::slim::{CronJob, Kind, Object, Secret};
use sre_core::view::View;

/// From the evening to the morning.
const NIGHT: SignedDuration = SignedDuration::from_hours(16);

/// Days before its end that a certificate is told in the evening, and in the week.
const SOON: i64 = 14;
const LATER: i64 = 90;

pub(super) const PLANNED: Source = Source {
    id: "planned",
    title: "Planned until tomorrow morning, and certificates that end within 14 days",
    sights: &[Sight::Of(Kind::CronJob), Sight::Of(Kind::Secret)],
    queries: &[],
    section: None,
    rows: |view, _| {
        let mut rows = scheduled(view);
        rows.extend(ending(view, SOON));
        rows.sort();
        Some(rows)
    },
};

pub(super) const CERTIFICATES: Source = Source {
    id: "certificates",
    title: "Certificates that end within 90 days",
    sights: &[Sight::Of(Kind::Secret)],
    queries: &[],
    section: None,
    rows: |view, _| Some(ending(view, LATER)),
};

/// The first run of each CronJob and how many follow; a schedule that cannot be read is a finding of its own.
fn scheduled(view: &View<'_>) -> Vec<Row> {
    let until = view.now() + NIGHT;
    let row = |job: &CronJob| {
        let spec = &job.spec;
        if spec.suspend == Some(true) {
            return None;
        }
        let schedule = Schedule::parse(&spec.schedule, spec.time_zone.as_deref()).ok()?;
        let mut runs = schedule.runs(view.now(), until);
        let (first, more) = (runs.next()?, runs.count());
        let more = if more == 0 { String::new() } else { format!(", and {more} times more") };
        Some(Row::of(Some(first), job.reference(), format!("runs{more}")))
    };
    view.all::<CronJob>().iter().filter_map(row).collect()
}

fn ending(view: &View<'_>, days: i64) -> Vec<Row> {
    let until: Timestamp = view.now() + SignedDuration::from_hours(24 * days);
    let row = |secret: &Secret| {
        let served = secret.certificates.first().filter(|served| served.not_after <= until)?;
        let text = if served.not_after <= view.now() { "its certificate has ended" } else { "its certificate ends" };
        Some(Row::of(Some(served.not_after), secret.reference(), text))
    };
    let mut rows: Vec<Row> = view.all::<Secret>().iter().filter_map(row).collect();
    rows.sort();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_testkit::Scenario;

    fn jobs(scenario: &Scenario) -> Vec<String> {
        let snapshot = scenario.snapshot();
        scheduled(&View::new(&snapshot)).into_iter().map(|row| row.text).collect()
    }

    #[test]
    fn runs_of_the_night_are_counted_and_suspended_ones_left_out() {
        let job = |schedule: &str, suspend: bool| {
            Scenario::captured("POD-02").with(json!({
                "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a", "namespace": "b"},
                "spec": {"schedule": schedule, "suspend": suspend},
            }))
        };
        assert_eq!(jobs(&job("0 * * * *", false)), ["runs, and 15 times more"]);
        assert_eq!(jobs(&job("0 * * * *", true)), Vec::<String>::new());
        assert_eq!(jobs(&job("0 0 30 2 *", false)), Vec::<String>::new());
    }

    #[test]
    fn certificates_are_told_from_their_days_on() {
        let scenario = Scenario::captured("GAP-90");
        let snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        let (soon, later) = (ending(&view, SOON), ending(&view, LATER));
        assert!(!later.is_empty() && soon.len() <= later.len(), "{later:?}");
        assert!(later.windows(2).all(|pair| pair[0].at <= pair[1].at), "the first to end comes first");
        assert_eq!(ending(&view, -3650), []);
    }
}
