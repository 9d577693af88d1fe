//! Who may see what, and what the API server says that we did.

use super::rig::Rig;
use crate::cli::Sandbox;
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

#[test]
fn a_server_with_another_authority_is_not_trusted() {
    let sandbox = Sandbox::new();
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    let other = sandbox.write("other.crt", other.cert.pem()).to_string_lossy().into_owned();
    let ran = Rig::shared().run_as("viewer", &["daily-check", "--certificate-authority", &other]);
    ran.fails(5, &["certificate is not trusted", "next: "]);
}
