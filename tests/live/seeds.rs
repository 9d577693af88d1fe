//! Faults of many classes at once, at random places of a cluster with 1,000 pods: the report names them and nothing else.

use super::rig::{Rig, eventually, leading};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const FAULTS: usize = 12;
const MOST_FINDINGS: usize = 14;

fn cause(one: &Value) -> String {
    let object = &one["object"];
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    [&one["class"], &object["kind"], &object["namespace"], &object["name"]].map(word).join(" ")
}

/// Looks at a thousand pods one after the other would take the processors from what is to happen meanwhile.
fn pause<T>() -> Option<T> {
    std::thread::sleep(Duration::from_secs(3));
    None
}

/// A report that names exactly what was placed, or the last one that did not.
fn settled(rig: &Rig, placed: &BTreeSet<String>) -> Result<Value, BTreeSet<String>> {
    let mut last = BTreeSet::new();
    let found = eventually(400, || {
        let report = rig.report_as("viewer", &[]);
        last = leading(&report).into_iter().map(cause).collect();
        (last == *placed).then_some(report).or_else(pause)
    });
    found.ok_or(last)
}

fn faults_of_a_seed_are_found(seed: u32) {
    let rig = Rig::filled();
    let healthy = eventually(300, || leading(&rig.report_as("viewer", &[])).is_empty().then_some(()).or_else(pause));
    assert!(healthy.is_some(), "the cluster was not healthy before: {:#?}", leading(&rig.report_as("viewer", &[])));
    let placed: BTreeSet<String> = rig.place(seed, FAULTS).iter().map(cause).collect();
    assert_eq!(placed.len(), FAULTS);
    let report = settled(&rig, &placed).unwrap_or_else(|found| {
        let missed: Vec<_> = placed.difference(&found).collect();
        let others: Vec<_> = found.difference(&placed).collect();
        panic!("seed {seed}: not found {missed:#?}, found besides {others:#?}")
    });
    assert!(leading(&report).len() <= MOST_FINDINGS);
    triage_names_the_same(&rig, &placed);
}

/// `incident` asks the same engine.
fn triage_names_the_same(rig: &Rig, placed: &BTreeSet<String>) {
    let mut last = BTreeSet::new();
    let same = eventually(180, || {
        let ran = rig.run_as("viewer", &["incident", "-o", "json"]);
        let triage: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let causes = triage["causes"].as_array().expect("causes").iter();
        last = causes.filter(|one| one["severity"] != "info").map(cause).collect();
        (last == *placed).then_some(()).or_else(pause)
    });
    let missed: Vec<_> = placed.difference(&last).collect();
    let others: Vec<_> = last.difference(placed).collect();
    assert!(same.is_some(), "triage: not found {missed:#?}, found besides {others:#?}");
}

/// One cluster after the other: three that are filled at once leave their simulated nodes without heartbeats.
#[test]
fn twelve_faults_of_twelve_classes_are_found_and_nothing_else() {
    for seed in 1..=3 {
        faults_of_a_seed_are_found(seed);
    }
}
