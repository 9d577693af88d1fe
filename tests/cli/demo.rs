//! What the built-in demo promises to a newcomer without a cluster.

use super::sandbox::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;

fn demo() -> (i32, Value) {
    let ran = Sandbox::new().run(&["daily-check", "--from", "demo", "-o", "json"]);
    let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    (ran.code, report)
}

fn findings(report: &Value) -> &[Value] {
    report["findings"].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn every_system_has_a_finding_and_many_checks_speak() {
    let (code, report) = demo();
    assert_eq!(code, 1);
    let objects: Vec<String> = findings(&report).iter().map(|finding| finding["object"].to_string()).collect();
    for system in ["graphmemory", "kubilitics", "leanvibe", "quizmentor"] {
        assert!(objects.iter().any(|object| object.contains(system)), "nothing about {system}");
    }
    let known = |finding: &&Value| finding["severity"] != "unknown";
    let checks: BTreeSet<&str> =
        findings(&report).iter().filter(known).filter_map(|finding| finding["check"].as_str()).collect();
    assert!(checks.len() >= 8, "{checks:?}");
}

#[test]
fn one_cause_explains_many_pods() {
    let (_, report) = demo();
    let silent =
        findings(&report).iter().find(|finding| finding["class"] == "node-kubelet-silent").expect("a silent node");
    let explained: BTreeSet<&str> =
        silent["explains"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let symptoms =
        findings(&report).iter().filter(|finding| explained.contains(finding["id"].as_str().unwrap_or_default()));
    let pods: BTreeSet<String> = symptoms
        .chain([silent])
        .flat_map(|finding| finding["showsOn"].as_array().expect("a list"))
        .filter(|object| object["kind"] == "Pod")
        .map(ToString::to_string)
        .collect();
    assert!(pods.len() >= 10, "{} pods", pods.len());
}

#[test]
fn one_kind_is_forbidden_and_one_certificate_is_due() {
    let (_, report) = demo();
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    assert_eq!(reads.iter().filter(|read| read["state"] == "forbidden").count(), 1);
    assert!(findings(&report).iter().any(|finding| finding["check"] == "GAP-90"), "no certificate is due");
}

#[test]
fn the_report_in_the_readme_is_a_real_one() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a report");
    let real = Sandbox::new().run(&["daily-check", "--from", "demo"]).stdout;
    for paragraph in shown.trim_end().split("\n\n").filter(|paragraph| *paragraph != "...") {
        assert!(real.contains(paragraph), "not in the report of the demo:\n{paragraph}");
    }
}

#[test]
fn a_selector_keeps_the_cause_of_what_it_selects() {
    let ran = Sandbox::new().run(&["daily-check", "--from", "demo", "-l", "app=streamlit-dashboard"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("CRITICAL ResourceQuota/graphmemory-prod/graphmemory-quota"), "{}", ran.stdout);
    assert!(ran.stdout.contains("kubectl sre explain CFG-14"), "{}", ran.stdout);
}

#[test]
fn a_selector_that_no_object_answers_to_says_nothing() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["daily-check", "--from", "demo", "--only", "quotas", "-l", "app=typo"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    assert!(ran.stdout.contains("No object has the labels of -l, so nothing can be said"), "{}", ran.stdout);
    let ran = sandbox.run(&["daily-check", "--from", "demo", "--only", "quotas", "-l", "app=streamlit-dashboard"]);
    assert!(!ran.stdout.contains("nothing can be said"), "{}", ran.stdout);
}

#[test]
fn checks_of_system_namespaces_have_not_passed_with_another_namespace() {
    let fate = |more: &[&str]| {
        let ran = Sandbox::new().run(&[&["daily-check", "--from", "demo", "--show-ok", "-o", "json"], more].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let passed = report["passed"].as_array().expect("a list").clone();
        let skipped = report["coverage"]["skippedChecks"].as_array().expect("a list").clone();
        ["GAP-11", "GAP-12", "NET-33"]
            .map(|id| (passed.contains(&Value::from(id)), skipped.iter().any(|skipped| skipped["check"] == id)))
    };
    assert_eq!(fate(&[]), [(true, false); 3]);
    assert_eq!(fate(&["-n", "leanvibe-production"]), [(false, true); 3]);
}
