//! Alerts of the last twelve hours: what fired when, what comes and goes, what is silenced by whom until when.

use super::{Row, Source};
use crate::checks::alerts::{BY_DESIGN, NIGHT, flapping, length, named, spells};
use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Section, Sight};
use sre_core::inquiry::Silence;
use sre_core::object::ObjectRef;
use sre_core::snapshot::ReadState;
use sre_core::view::View;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SOURCE: Source = Source {
    id: "alerts",
    title: "Alerts of the last 12 hours",
    sights: &[Sight::Prometheus, Sight::Alertmanager],
    queries: &[NIGHT],
    section: Some(Section::Alerts),
    rows: |view, _| {
        let coverage = &view.snapshot.coverage;
        let is_seen = |sight| matches!(coverage.state(sight), ReadState::Read { .. } | ReadState::Gap(_));
        (is_seen(Sight::Prometheus) || is_seen(Sight::Alertmanager)).then(|| rows(view))
    },
};

type Spell = (Timestamp, Timestamp);

fn rows(view: &View<'_>) -> Vec<Row> {
    let mut rows = fired(view);
    rows.sort();
    rows.extend(silenced(view));
    rows
}

/// Each name in each namespace once, with all of its times.
fn fired(view: &View<'_>) -> Vec<Row> {
    let mut alerts: BTreeMap<ObjectRef, (Vec<Spell>, bool)> = BTreeMap::new();
    for series in view.series(&NIGHT) {
        if BY_DESIGN.contains(&series.label("alertname")) {
            continue;
        }
        let (known, noise) = alerts.entry(named(&series.labels)).or_default();
        known.extend(spells(&series));
        *noise |= flapping(&series).is_some();
    }
    let row = |(object, (mut spells, noise)): (ObjectRef, (Vec<Spell>, bool))| {
        spells.sort_unstable();
        Row::of(spells.first().map(|(start, _)| *start), object, told(&spells, noise, view.now()))
    };
    alerts.into_iter().map(row).collect()
}

fn told(spells: &[Spell], noise: bool, now: Timestamp) -> String {
    let total = spells.iter().map(length).fold(SignedDuration::ZERO, |sum, length| sum + length);
    let end = spells.iter().map(|(_, end)| *end).max();
    let is_on = end.is_some_and(|end| now.duration_since(end) <= SignedDuration::from_mins(4));
    let still = if is_on { ", and still fires" } else { "" };
    match spells.len() {
        1 => format!("fired for {}{still}", span(total)),
        count => {
            let noise = if noise { "; it comes and goes: a candidate for noise" } else { "" };
            format!("fired {count} times, for {} in all{still}{noise}", span(total))
        }
    }
}

fn span(length: SignedDuration) -> String {
    match length.as_mins() {
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{:.1} hours", f64::from(i32::try_from(minutes).unwrap_or(i32::MAX)) / 60.0),
    }
}

/// What is kept quiet, by whom, why and until when.
fn silenced(view: &View<'_>) -> Vec<Row> {
    let answers = &view.snapshot.answers;
    let silences: BTreeMap<String, Silence> =
        answers.silences().unwrap_or_default().into_iter().map(|it| (it.id.clone(), it)).collect();
    let mut rows = BTreeSet::new();
    for alert in answers.alerts().unwrap_or_default() {
        for silence in alert.status.silenced_by.iter().filter_map(|id| silences.get(id)) {
            let until = silence.ends_at.strftime("%Y-%m-%d %H:%M UTC");
            let text = format!("is silenced by {} until {until}: {}", silence.created_by, silence.comment);
            rows.insert(Row::of(Some(silence.starts_at), named(&alert.labels), text));
        }
    }
    rows.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn what_fired_and_what_is_silenced_is_told() {
        let snapshot = Scenario::captured("monitoring").snapshot();
        let view = View::new(&snapshot);
        assert!((SOURCE.rows)(&view, None).is_some());
        let told = |rows: Vec<Row>| -> Vec<String> {
            let object = |row: &Row| row.object.as_ref().map(ToString::to_string).unwrap_or_default();
            rows.iter().map(|row| format!("{} {}", object(row), row.text)).collect()
        };
        let fired = told(fired(&view));
        assert!(fired.iter().any(|it| it.starts_with("Alert/shop/DiskIsFull fired for 5.")), "{fired:#?}");
        assert!(
            fired.iter().any(|it| it.starts_with("Alert/shop/QueueGrows fired ") && it.ends_with("noise")),
            "{fired:#?}"
        );
        let quiet = told(silenced(&view));
        assert_eq!(quiet.len(), 1, "{quiet:#?}");
        assert!(quiet[0].starts_with("Alert/shop/Tested is silenced by on-call until "), "{quiet:#?}");
    }

    #[test]
    fn where_nobody_can_be_asked_there_is_no_panel() {
        let snapshot = Scenario::captured("healthy").snapshot();
        assert_eq!((SOURCE.rows)(&View::new(&snapshot), None), None);
    }
}
