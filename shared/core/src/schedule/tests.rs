use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn utc(text: &str) -> Schedule {
    Schedule::parse(text, None).unwrap()
}

fn next(text: &str, after: &str) -> String {
    utc(text).next(at(after)).unwrap().to_string()
}

/// The runs of a day in Berlin, as UTC hours and minutes.
fn in_berlin(text: &str, day: &str) -> Vec<String> {
    let schedule = Schedule::parse(text, Some("Europe/Berlin")).unwrap();
    let midnight = at(&format!("{day}T00:00:00Z"));
    let runs = schedule.runs(midnight, midnight + SignedDuration::from_hours(23));
    runs.map(|run| run.to_string()[11..16].to_owned()).collect()
}

#[test]
fn fields_match_minutes_hours_days_months_and_weekdays() {
    assert_eq!(next("*/15 * * * *", "2026-03-01T10:07:31Z"), "2026-03-01T10:15:00Z");
    assert_eq!(next("0 4 1 * *", "2026-03-01T04:00:00Z"), "2026-04-01T04:00:00Z");
    assert_eq!(next("30 6 * JAN,jul mon-FRI", "2026-03-01T00:00:00Z"), "2026-07-01T06:30:00Z");
    assert_eq!(next("0 0 29 2 *", "2026-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
    assert_eq!(next("59 23 31 12 *", "2026-12-31T23:59:00Z"), "2027-12-31T23:59:00Z");
}

#[test]
fn a_number_with_a_step_goes_on_to_the_end() {
    assert_eq!(next("5/20 * * * *", "2026-03-01T10:00:00Z"), "2026-03-01T10:05:00Z");
    assert_eq!(next("5/20 * * * *", "2026-03-01T10:25:00Z"), "2026-03-01T10:45:00Z");
    assert_eq!(next("10-30/15 * * * *", "2026-03-01T10:25:00Z"), "2026-03-01T11:10:00Z");
}

#[test]
fn a_question_mark_is_a_star() {
    assert_eq!(next("0 5 ? * 1", "2026-03-01T00:00:00Z"), "2026-03-02T05:00:00Z");
    assert_eq!(next("0 5 1 * ?", "2026-03-02T00:00:00Z"), "2026-04-01T05:00:00Z");
}

#[test]
fn restricted_days_and_weekdays_are_alternatives() {
    assert_eq!(next("0 0 13 * 5", "2026-03-01T00:00:00Z"), "2026-03-06T00:00:00Z");
    assert_eq!(next("0 0 13 * 5", "2026-03-06T00:00:00Z"), "2026-03-13T00:00:00Z");
    assert_eq!(next("0 0 */2 * 1", "2026-03-02T00:00:00Z"), "2026-03-03T00:00:00Z", "a stepped star restricts");
}

#[test]
fn words_stand_for_fields() {
    assert_eq!(next("@hourly", "2026-03-01T10:07:00Z"), "2026-03-01T11:00:00Z");
    assert_eq!(next("@midnight", "2026-03-01T10:07:00Z"), "2026-03-02T00:00:00Z");
    assert_eq!(next("@weekly", "2026-03-02T10:07:00Z"), "2026-03-08T00:00:00Z");
    assert_eq!(next("@yearly", "2026-03-02T10:07:00Z"), "2027-01-01T00:00:00Z");
}

#[test]
fn every_counts_from_the_run_before() {
    assert_eq!(next("@every 1h30m", "2026-03-01T10:07:31.5Z"), "2026-03-01T11:37:31Z");
    assert_eq!(next("@every 1.5h", "2026-03-01T10:00:00Z"), "2026-03-01T11:30:00Z");
    assert_eq!(next("@every 10ms", "2026-03-01T10:00:00Z"), "2026-03-01T10:00:01Z");
    assert_eq!(utc("@every 1h").previous(at("2026-03-01T10:00:00Z")), None);
    for text in ["@every ", "@every 5", "@every 1d", "@every h", "@every 1h x"] {
        assert!(Schedule::parse(text, None).is_err(), "{text}");
    }
}

#[test]
fn what_the_controller_cannot_read_is_refused() {
    let unreadable = [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "* * * foo *",
        "5-1 * * * *",
        "*/0 * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "-1 * * * *",
        "@nightly",
        "@every",
        "* * L * *",
    ];
    for text in unreadable {
        assert!(Schedule::parse(text, None).is_err(), "{text}");
    }
    assert_eq!(Schedule::parse("TZ=UTC 0 0 * * *", None).unwrap_err(), ScheduleError::ZoneInSchedule);
    assert_eq!(Schedule::parse("CRON_TZ=UTC 0 0 * * *", None).unwrap_err(), ScheduleError::ZoneInSchedule);
}

#[test]
fn time_zones_are_the_databases_names_and_no_others() {
    for name in ["Europe/Berlin", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"] {
        assert!(Schedule::parse("@daily", Some(name)).is_ok(), "{name}");
    }
    for name in ["", "Local", "Europe/Atlantis", "europe/berlin", "+02:00"] {
        assert!(Schedule::parse("@daily", Some(name)).is_err(), "{name}");
    }
}

#[test]
fn what_a_clock_change_skips_is_not_run() {
    assert_eq!(in_berlin("30 2 * * *", "2026-03-28"), ["01:30"]);
    assert_eq!(in_berlin("30 2 * * *", "2026-03-29"), Vec::<String>::new());
    assert_eq!(in_berlin("30 2 * * *", "2026-03-30"), ["00:30"]);
    assert_eq!(in_berlin("0 3 * * *", "2026-03-29"), ["01:00"]);
}

#[test]
fn what_a_clock_change_repeats_is_run_twice() {
    assert_eq!(in_berlin("30 2 * * *", "2026-10-25"), ["00:30", "01:30"]);
    assert_eq!(in_berlin("0 */4 * * *", "2026-10-25"), ["03:00", "07:00", "11:00", "15:00", "19:00", "23:00"]);
}

#[test]
fn previous_undoes_next() {
    let zones = [None, Some("Europe/Berlin"), Some("Australia/Lord_Howe"), Some("America/Santiago")];
    for (text, zone) in ["*/7 * * * *", "0 4 * * 1-5", "30 2 1 * *", "15 0,12 * * ?", "0 0 13 * 5"]
        .into_iter()
        .flat_map(|text| zones.map(|zone| (text, zone)))
    {
        let schedule = Schedule::parse(text, zone).unwrap();
        let runs: Vec<Timestamp> =
            schedule.runs(at("2026-03-20T00:00:00Z"), at("2027-04-20T00:00:00Z")).take(400).collect();
        for pair in runs.windows(2) {
            assert_eq!(schedule.previous(pair[1]), Some(pair[0]), "{text} {zone:?} before {}", pair[1]);
            assert_eq!(schedule.previous(pair[1] + SignedDuration::from_millis(1)), Some(pair[1]), "{text} {zone:?}");
        }
    }
}

#[test]
fn a_date_that_never_comes_has_no_run() {
    assert_eq!(utc("0 0 30 2 *").next(at("2026-03-01T00:00:00Z")), None);
    assert_eq!(utc("0 0 30 2 *").previous(at("2026-03-01T00:00:00Z")), None);
}

#[test]
fn a_run_has_four_hours_or_the_time_until_the_next_one() {
    let due = |text: &str, now: &str| utc(text).due(at(now), None).map(|due| due.to_string());
    assert_eq!(due("0 2 * * *", "2026-03-02T05:59:00Z").as_deref(), Some("2026-03-01T02:00:00Z"));
    assert_eq!(due("0 2 * * *", "2026-03-02T06:01:00Z").as_deref(), Some("2026-03-02T02:00:00Z"));
    assert_eq!(due("*/15 * * * *", "2026-03-02T06:01:00Z").as_deref(), Some("2026-03-02T05:45:00Z"));
    assert_eq!(due("0 0 30 2 *", "2026-03-02T06:01:00Z"), None);
}

#[test]
fn what_runs_every_so_often_is_due_so_long_after_the_last_one() {
    let from = at("2026-03-02T00:00:00Z");
    let due = |now: &str| utc("@every 1h").due(at(now), Some(from)).map(|due| due.to_string());
    assert_eq!(due("2026-03-02T01:59:00Z").as_deref(), Some("2026-03-02T00:00:00Z"));
    assert_eq!(due("2026-03-02T02:01:00Z").as_deref(), Some("2026-03-02T01:00:00Z"));
    assert_eq!(utc("@every 1h").due(from, None), None);
}
