//! An alert came and went several times in the night: a candidate for noise.

use super::{BY_DESIGN, NIGHT, NIGHT_HOURS, length, named, spells};
use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::Series;
use sre_core::object::ObjectRef;
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "ALT-03",
    title: "an alert comes and goes",
    section: Section::Alerts,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Spells of one series from which on it is a nuisance.
const SPELLS: usize = 3;

/// Longer than this, somebody may have looked at it.
const SHORT: SignedDuration = SignedDuration::from_mins(15);

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut noisy: BTreeMap<ObjectRef, Vec<Spell>> = BTreeMap::new();
    for series in view.series(&NIGHT) {
        if let Some(spells) = flapping(&series) {
            noisy.entry(named(&series.labels)).or_default().extend(spells);
        }
    }
    noisy.into_iter().map(|(object, spells)| statement(object, spells)).collect()
}

type Spell = (Timestamp, Timestamp);

/// The spells of a series that fired often and, at the middle, shortly.
pub fn flapping(series: &Series) -> Option<Vec<Spell>> {
    if BY_DESIGN.contains(&series.label("alertname")) {
        return None;
    }
    let spells = spells(series);
    let mut lengths: Vec<SignedDuration> = spells.iter().map(length).collect();
    lengths.sort_unstable();
    let is_noise = spells.len() >= SPELLS && lengths[lengths.len() / 2] <= SHORT;
    is_noise.then_some(spells)
}

fn statement(object: ObjectRef, mut spells: Vec<Spell>) -> Finding {
    spells.sort_unstable();
    let mut lengths: Vec<SignedDuration> = spells.iter().map(length).collect();
    lengths.sort_unstable();
    let middle = lengths[lengths.len() / 2].as_mins();
    let title = format!(
        "it came and went {} times in {NIGHT_HOURS} hours, mostly for {middle} minutes: a candidate for noise",
        spells.len()
    );
    let first = spells.first().map(|(start, _)| *start);
    let times = spells.iter().map(|(start, end)| format!("{} to {}", start.strftime("%H:%M"), end.strftime("%H:%M")));
    let times: Vec<String> = times.collect();
    Finding::new(CHECK.id, Severity::Info, object.clone(), title)
        .evidence(&object, "ALERTS, UTC", times.join(", "))
        .since(first)
}

const PAGE: &str = "\
An alert fired at least three times within the last twelve hours, and half of the time for not longer
than fifteen minutes. Whoever is called by it finds it gone: it may be a false positive.

Looked at: the series ALERTS of Prometheus, every two minutes of the last twelve hours.

What to do: let its rule wait longer (for:), look at a longer window (rate over more minutes), keep it
firing for a while (keep_firing_for:), or give it hysteresis; if each time something was really broken
for users, it is no noise.";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn titles(scenario: &Scenario) -> Vec<String> {
        scenario.judge(&CHECK).into_iter().map(|it| format!("{} {}", it.object, it.title)).collect()
    }

    #[test]
    fn one_that_fires_often_and_shortly_is_a_candidate_for_noise() {
        let said = titles(&Scenario::captured("monitoring"));
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].starts_with("Alert/shop/QueueGrows it came and went "), "{said:#?}");
    }

    #[test]
    fn one_that_fired_long_is_none() {
        let scenario = Scenario::captured("monitoring").edit_answer("/api/v1/query_range", |answer| {
            for series in answer["data"]["result"].as_array_mut().expect("a matrix") {
                fill(&mut series["values"]);
            }
        });
        assert_eq!(titles(&scenario), Vec::<String>::new());
    }

    /// Lets it have fired from its first to its last sight.
    fn fill(values: &mut Value) {
        let at = |value: &Value| value[0].as_i64().expect("a time");
        let list = values.as_array().expect("values");
        let (first, last) = (at(&list[0]), at(&list[list.len() - 1]));
        *values = (first..=last).step_by(120).map(|second| json!([second, "1"])).collect();
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
