//! Who may see what, and what the API server says that we did.

use super::rig::Rig;
use crate::cli::Sandbox;
use serde_json::Value;
use sre_core::slim::{KINDS, KindOrigin};
use std::collections::BTreeSet;

#[test]
fn a_reading_run_only_reads() {
    let rig = Rig::shared();
    let ran = rig.run_as("viewer", &["daily-check"]);
    assert!([0, 1].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
    let events = rig.audit("kubectl-sre/");
    let verbs: BTreeSet<&str> = events.iter().map(|event| event.verb.as_str()).collect();
    assert!(!events.is_empty(), "the runs stand in the audit log");
    assert_eq!(verbs.difference(&BTreeSet::from(["get", "list"])).count(), 0, "{verbs:?}");
    let agent = &events[0].user_agent;
    assert!(agent.contains(") daily-check "), "the command and the run are named: {agent}");
}

#[test]
fn every_kind_is_listed_once_a_run() {
    let rig = Rig::shared();
    let ran = rig.run_as("viewer", &["daily-check", "-v", "6"]);
    let requests: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("GET ")).collect();
    assert!(requests.len() > 5, "{}", ran.stderr);
    let distinct: BTreeSet<&str> = requests.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(distinct.len(), requests.len(), "a list was read twice: {requests:#?}");
}

#[test]
fn kinds_that_are_forbidden_are_gaps_and_never_fine() {
    let rig = Rig::shared();
    let ran = rig.run_as("partial", &["daily-check"]);
    assert!([1, 6].contains(&ran.code), "{}", ran.code);
    assert!(ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Secret forbidden") || ran.stdout.contains("Node forbidden"), "{}", ran.stdout);
}

#[test]
fn a_caller_without_any_right_gets_no_report() {
    Rig::shared().run_as("nobody", &["daily-check"]).fails(5, &["forbidden", "next: "]);
}

#[test]
fn an_expired_certificate_gets_no_report() {
    Rig::shared().run_as("expired", &["daily-check"]).fails(5, &["expired", "next: "]);
}

#[test]
fn one_namespace_is_enough_for_somebody_who_may_no_more() {
    let rig = Rig::shared();
    let ran = rig.run_as("namespaced", &["daily-check", "-n", "default"]);
    assert!([1, 6].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("namespace default"), "{}", ran.stdout);
}

/// The items of a kind in what a run prints to apply.
fn printed(arguments: &[&str], kind: &str) -> Vec<Value> {
    let ran = Sandbox::new().run(&[&["daily-check", "-o", "json", "--from", "demo"], arguments].concat());
    let list: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    list["items"].as_array().expect("items").iter().filter(|item| item["kind"] == kind).cloned().collect()
}

fn resources(roles: &[Value]) -> BTreeSet<String> {
    let rules = roles.iter().flat_map(|role| role["rules"].as_array().expect("rules"));
    let plurals = rules.filter_map(|rule| rule["resources"].as_array()).flatten();
    plurals.map(|plural| plural.as_str().expect("a plural").to_owned()).collect()
}

#[test]
fn the_rights_that_are_printed_are_enough_and_none_is_too_many() {
    let rig = Rig::shared();
    let text = Sandbox::new().run(&["daily-check", "--from", "demo", "--print-rbac"]).stdout;
    rig.apply("default", &text);
    let binding =
        ["create", "clusterrolebinding", "morning", "--clusterrole=kubectl-sre-daily-check", "--user=morning"];
    rig.kubectl(&binding);
    let report = rig.report_as("admin", &["--as", "morning"]);
    rig.kubectl(&["delete", "clusterrolebinding/morning", "clusterrole/kubectl-sre-daily-check"]);
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    let gaps: Vec<&Value> = reads.iter().filter(|read| read["detail"].is_string()).collect();
    assert!(gaps.is_empty() && reads.len() > 30, "{gaps:#?}");
    let asked = rig.audit("kubectl-sre/").into_iter().filter(|event| event.user == "morning");
    let listed: BTreeSet<String> = asked.map(|event| event.resource).filter(|plural| !plural.is_empty()).collect();
    let allowed = resources(&printed(&["--print-rbac"], "ClusterRole"));
    assert_eq!(listed.difference(&allowed).collect::<Vec<_>>(), Vec::<&String>::new());
    // What nobody has installed here was not asked for.
    let installed = KINDS.iter().filter(|info| info.origin != KindOrigin::BuiltIn).map(|info| info.plural);
    let installed: BTreeSet<&str> = installed.collect();
    // Nobody stands here whom the API server could ask.
    let is_there = |plural: &&String| !installed.contains(plural.as_str()) && plural.as_str() != "services/proxy";
    let unused: Vec<&String> = allowed.difference(&listed).filter(is_there).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

#[test]
fn the_rights_for_one_namespace_and_some_sections_are_fewer() {
    let all = resources(&printed(&["--print-rbac"], "ClusterRole"));
    let some = resources(&printed(&["--print-rbac", "--only", "quotas"], "ClusterRole"));
    assert!(some.len() < all.len() && some.contains("resourcequotas") && !some.contains("secrets"), "{some:?}");
    let inside = ["--print-rbac", "--only", "quotas,nodes", "-n", "graphmemory-prod"];
    let roles = printed(&inside, "Role");
    assert_eq!(roles[0]["metadata"]["namespace"], "graphmemory-prod");
    assert!(resources(&roles).contains("resourcequotas"));
    let whole = resources(&printed(&inside, "ClusterRole"));
    assert!(whole.contains("nodes") && !whole.contains("resourcequotas"), "{whole:?}");
}

#[test]
fn a_server_with_another_authority_is_not_trusted() {
    let sandbox = Sandbox::new();
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    let other = sandbox.write("other.crt", other.cert.pem()).to_string_lossy().into_owned();
    let ran = Rig::shared().run_as("viewer", &["daily-check", "--certificate-authority", &other]);
    ran.fails(5, &["certificate is not trusted", "next: "]);
}
