//! Graded states of clusters in which nothing is wrong, read where `SRE_INCIDENT_CASES` says: nothing is said of them.

use super::sandbox::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What is said of a healthy case all the same, and why that is right: case, check, reason.
const SAID: &[(&str, &str, &str)] = &[];

fn cases() -> Option<PathBuf> {
    std::env::var_os("SRE_INCIDENT_CASES").map(|folder| PathBuf::from(folder).join("cases"))
}

fn is_healthy(case: &Path) -> bool {
    let text = fs::read_to_string(case.join("expected.json")).expect("the answer of a case");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["healthy"] == true
}

fn findings(case: &Path) -> BTreeSet<String> {
    let objects = case.join("objects.json");
    let ran = Sandbox::new().run(&["daily-check", "-o", "json", "--from", objects.to_str().expect("a path")]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|finding| finding["check"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn nothing_is_said_of_what_is_healthy() {
    let cases =
        cases().expect("SRE_INCIDENT_CASES names the folder of the cases; tests/run.sh leaves this out without");
    let entries = fs::read_dir(&cases).unwrap_or_else(|error| panic!("{}: {error}", cases.display()));
    let folders = entries.map(|entry| entry.expect("an entry").path());
    let healthy: Vec<PathBuf> = folders.filter(|case| is_healthy(case)).collect();
    assert!(healthy.len() >= 10, "only {} healthy cases in {}", healthy.len(), cases.display());
    for case in healthy {
        let name = case.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let known = SAID.iter().filter(|(of, ..)| *of == name).map(|(_, check, _)| (*check).to_owned()).collect();
        assert_eq!(findings(&case), known, "{name}");
    }
}
