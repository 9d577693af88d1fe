//! Checks of the section `alerts`, and what they have in common.

pub mod alert_comes_and_goes;
pub mod alert_fires;
pub mod watchdog_is_silent;

pub use alert_comes_and_goes::flapping;

use jiff::{SignedDuration, Timestamp};
use sre_core::inquiry::{Query, Series, label_of, named_by};
use sre_core::object::ObjectRef;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Alerts that fire by design: one proves that alerts arrive, the other keeps some of them quiet.
pub const BY_DESIGN: [&str; 2] = ["Watchdog", "InfoInhibitor"];

/// What fires now, by Prometheus.
pub const FIRING: Query = Query::now("ALERTS{alertstate=\"firing\"}");

/// Hours of a night.
pub const NIGHT_HOURS: i64 = 12;

/// Seconds between two looks at a night: finer than most alerts wait before they fire.
const STEP: u32 = 120;

/// What fired in the night, by Prometheus.
pub const NIGHT: Query =
    Query::Since { expression: Cow::Borrowed("ALERTS{alertstate=\"firing\"}"), hours: NIGHT_HOURS, step: STEP };

/// What an alert is about, by the labels that rules for Kubernetes give it.
pub fn subject(labels: &BTreeMap<String, String>) -> Option<ObjectRef> {
    named_by(labels).next()
}

/// The alert itself, as an object.
pub fn named(labels: &BTreeMap<String, String>) -> ObjectRef {
    ObjectRef::scoped("Alert", label_of(labels, "namespace"), label_of(labels, "alertname"))
}

/// Times in which an alert fired, each from its first to its last sight.
pub fn spells(series: &Series) -> Vec<(Timestamp, Timestamp)> {
    let step = i64::from(STEP);
    let mut spells: Vec<(i64, i64)> = Vec::new();
    for (at, _) in &series.values {
        match spells.last_mut() {
            Some((_, end)) if at - *end <= step => *end = *at,
            _ => spells.push((*at, *at)),
        }
    }
    let time = |second| Timestamp::from_second(second).ok();
    spells.into_iter().filter_map(|(start, end)| Some((time(start)?, time(end)?))).collect()
}

/// How long a spell was: an alert that was seen once fired for some of the time between two looks.
pub fn length(spell: &(Timestamp, Timestamp)) -> SignedDuration {
    spell.1.duration_since(spell.0) + SignedDuration::from_secs(i64::from(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_that_follow_each_other_are_one_spell() {
        let values = [0, 120, 240, 600, 1200, 1320].map(|at| (at, 1.0)).to_vec();
        let spells = spells(&Series { labels: BTreeMap::new(), values });
        let seconds: Vec<i64> = spells.iter().map(|spell| length(spell).as_secs()).collect();
        assert_eq!(seconds, [360, 120, 240]);
    }

    #[test]
    fn an_alert_is_about_what_its_labels_name() {
        let labels = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let about = |pairs: &[(&str, &str)]| subject(&labels(pairs)).map(|object| object.to_string());
        let pod = [("namespace", "shop"), ("pod", "web-1"), ("deployment", "web")];
        assert_eq!(about(&pod).as_deref(), Some("Pod/shop/web-1"));
        assert_eq!(about(&[("node", "a"), ("instance", "10.0.0.1:9100")]).as_deref(), Some("Node/a"));
        assert_eq!(about(&[("pod", "web-1")]), None);
    }
}
