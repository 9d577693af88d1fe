//! A proxy that spoils the list of pods: that is one gap with its own words, never a shorter list that looks whole.

use super::rig::{Rig, TestNamespace, eventually};
use crate::cli::{Ran, Sandbox};
use kubectl_sre_daily_check::checks::CHECKS;
use serde_json::Value;
use sre_core::check::Sight;
use sre_core::slim::Kind;
use sre_testkit::proxy::{Fault, Proxy, Trouble};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PODS: &str = "/api/v1/pods";

/// Pods in a namespace of [`crowd`].
const CROWD: usize = 24;

/// A namespace with pods whose list the server packs, as it does from 128 KiB on.
fn crowd<'a>(rig: &'a Rig, name: &str) -> TestNamespace<'a> {
    let namespace = rig.namespace(name);
    let filling: Vec<String> = (0_u64..900).map(|number| format!("{:x}", number * number * 7919)).collect();
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: crowd}}\nspec:\n  replicas: {CROWD}\n  \
         selector: {{matchLabels: {{app: crowd}}}}\n  template:\n    \
         metadata: {{labels: {{app: crowd}}, annotations: {{filling: {}}}}}\n    \
         spec: {{containers: [{{name: c, image: registry.k8s.io/pause:3.10}}]}}\n",
        filling.join("-")
    );
    rig.apply(&namespace.name, &deployment);
    let pods = || rig.kubectl(&["get", "pods", "-n", &namespace.name, "-o", "name"]).lines().count();
    eventually(60, || (pods() == CROWD).then_some(())).expect("all pods");
    namespace
}

/// A proxy in front of the control plane, for somebody who may see everything.
fn proxy(rig: &Rig, trouble: Trouble) -> Proxy {
    Proxy::with(Path::new(&rig.kubeconfig("viewer")), trouble)
}

fn check(proxy: &Proxy, more: &[&str]) -> Ran {
    Sandbox::new().run(&[&["daily-check", "--server", proxy.url()], more].concat())
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

/// The reads that gave less than the whole: kind, state, why.
fn gaps(document: &Value) -> Vec<(&str, &str, &str)> {
    let reads = document["coverage"]["reads"].as_array().expect("the reads").iter();
    reads.filter_map(|read| Some((read["what"].as_str()?, read["state"].as_str()?, read["detail"].as_str()?))).collect()
}

/// How many objects were read whole of a kind.
fn whole(document: &Value, kind: &str) -> Option<u64> {
    let mut reads = document["coverage"]["reads"].as_array().expect("the reads").iter();
    reads.find(|read| read["what"] == kind && read["state"] == "read")?["objects"].as_u64()
}

/// The checks that look at a kind and claim to have found nothing.
fn passed_that_need(kind: Kind, document: &Value) -> Vec<&str> {
    let passed = document["passed"].as_array().expect("what found nothing").iter().filter_map(Value::as_str);
    let needs_it = |id: &&str| {
        let check = CHECKS.iter().find(|check| check.id == *id).expect("a check of the table");
        check.examines.iter().chain(check.relies_on).any(|sight| *sight == Sight::Of(kind))
    };
    passed.filter(needs_it).collect()
}

/// One way to spoil a list: how it is told, and how often the server is asked because of it.
struct Case {
    fault: Fault,
    state: &'static str,
    why: &'static str,
    asked: usize,
    more: &'static [&'static str],
}

const fn case(fault: Fault, state: &'static str, why: &'static str, asked: usize) -> Case {
    Case { fault, state, why, asked, more: &[] }
}

const fn refusal(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) -> Fault {
    Fault::Instead { status, headers, body }
}

const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const EXPIRED: &str = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
const SIGN_IN: &str = "<html><h1>Sign in, please</h1></html>";

/// Of a list that the server packs.
const LARGE: &[Case] = &[
    case(refusal(429, &[("retry-after", "1")], ""), "API unavailable", "too many requests", 3),
    case(refusal(500, &[], "etcd is full"), "API unavailable", "unavailable: HTTP 500: etcd is full", 2),
    case(refusal(410, JSON, EXPIRED), "cut short", "the list expired while it was read", 2),
    case(refusal(200, HTML, SIGN_IN), "API unavailable", "text/html", 1),
    case(refusal(502, HTML, SIGN_IN), "API unavailable", "text/html", 2),
    case(Fault::Mislabelled("text/plain"), "API unavailable", "text/plain", 1),
    case(Fault::Mislabelled("application/json"), "cut short", "", 2),
    // A busy machine takes some tenths more.
    Case { more: &["--request-timeout", "5s"], ..case(Fault::Silent, "timed out", "timed out after 5", 1) },
    Case { more: &["--request-timeout", "5s"], ..case(Fault::Stalled(0.5), "timed out", "timed out after 5", 1) },
    case(Fault::Cut(0.0), "cut short", "cut short after 0 items", 2),
    case(Fault::Cut(0.01), "cut short", "", 2),
    case(Fault::Cut(0.5), "cut short", "", 2),
    case(Fault::Cut(0.99), "cut short", "", 2),
    case(Fault::Cut(1.0), "cut short", "", 2),
    case(Fault::CutUnframed(0.0), "cut short", "", 2),
    case(Fault::CutUnframed(0.5), "cut short", "", 2),
    case(Fault::CutUnframed(1.0), "cut short", "the gzip stream ends before its trailer", 2),
    case(Fault::Length(-1), "cut short", "", 2),
    case(Fault::Length(1), "cut short", "", 2),
    // The trailer of gzip: four bytes of checksum, four of length.
    case(Fault::Damaged(8), "cut short", "the gzip stream is damaged", 2),
    case(Fault::Damaged(1), "cut short", "the gzip stream is damaged", 2),
];

/// Of a list that comes as it is.
const SMALL: &[Case] = &[
    case(Fault::Cut(0.0), "cut short", "cut short after 0 items", 2),
    case(Fault::Cut(0.5), "cut short", "", 2),
    case(Fault::Cut(1.0), "cut short", "", 2),
    case(Fault::CutUnframed(0.5), "cut short", "the list ends before its end", 2),
    case(Fault::CutUnframed(1.0), "cut short", "the list ends before its end", 2),
    case(Fault::Length(-1), "cut short", "", 2),
    case(Fault::Length(1), "cut short", "", 2),
];

/// The run goes on, says what it could not see, and concludes nothing from the part that it saw.
fn is_one_gap(rig: &Rig, kind: Kind, case: &Case) {
    let path = kind.info().path(None);
    let proxy = proxy(rig, Trouble::always(path.as_str(), case.fault));
    let start = Instant::now();
    let ran = check(&proxy, &[&["-o", "json", "--show-ok"], case.more].concat());
    let fault = case.fault;
    assert!(start.elapsed() < Duration::from_secs(30), "{fault:?} held up the run");
    assert!([1, 6].contains(&ran.code), "{fault:?}: {} {}", ran.code, ran.stderr);
    assert!(!ran.stdout.contains("Sign in"), "a page for people is not shown: {}", ran.stdout);
    let document = document(&ran);
    let mut gaps = gaps(&document);
    // Who is looked for among the Services is not seen either, and says so.
    let is_of_services = |(what, state, why): &(&str, &str, &str)| {
        kind == Kind::Service
            && ["Prometheus", "Alertmanager"].contains(what)
            && *state == case.state
            && why.starts_with("it is looked for among the Services: ")
    };
    let followers = gaps.extract_if(.., |gap| is_of_services(gap)).count();
    assert_eq!(followers, if kind == Kind::Service { 2 } else { 0 }, "{fault:?}: {gaps:?}");
    let [(what, state, why)] = gaps[..] else { panic!("{fault:?}: {gaps:?}") };
    assert_eq!((what, state), (kind.info().name, case.state), "{fault:?}: {why}");
    assert!(why.contains(case.why), "{fault:?}: {why}");
    assert!(whole(&document, "Deployment") > Some(0), "{fault:?}: other kinds are read");
    let fine = passed_that_need(kind, &document);
    assert!(fine.is_empty(), "{fault:?}: found nothing in a part of the list: {fine:?}");
    assert_eq!(proxy.answered_to(&path).len(), case.asked, "{fault:?}");
}

#[test]
fn every_fault_of_one_list_costs_exactly_one_gap() {
    let rig = Rig::shared();
    let _crowd = crowd(&rig, "spoiled");
    for case in LARGE {
        is_one_gap(&rig, Kind::Pod, case);
    }
    for case in SMALL {
        is_one_gap(&rig, Kind::Service, case);
    }
}

#[test]
fn a_fault_that_ends_leaves_no_gap() {
    let rig = Rig::shared();
    let crowd = crowd(&rig, "passing");
    let path = format!("/api/v1/namespaces/{}/pods", crowd.name);
    let busy = refusal(429, &[("retry-after", "1")], "");
    for (answers, fault) in [
        (1, busy),
        (2, busy),
        (1, refusal(500, &[], "")),
        (1, refusal(410, JSON, EXPIRED)),
        (1, Fault::Cut(0.5)),
        (1, Fault::Damaged(1)),
    ] {
        let proxy = proxy(&rig, Trouble::first(answers, path.as_str(), fault));
        let start = Instant::now();
        let document = document(&check(&proxy, &["-n", &crowd.name, "-o", "json"]));
        assert_eq!(gaps(&document), [], "{fault:?}");
        assert_eq!(whole(&document, "Pod"), Some(CROWD as u64), "{fault:?}");
        assert_eq!(proxy.answered_to(&path).len(), answers + 1, "{fault:?}");
        let paused = if let Fault::Instead { status: 429, .. } = fault { answers as u64 } else { 0 };
        assert!(start.elapsed() >= Duration::from_secs(paused), "{fault:?}: Retry-After was not honoured");
    }
}

#[test]
fn a_list_that_was_cut_stays_a_gap_in_the_archive() {
    let rig = Rig::shared();
    let _crowd = crowd(&rig, "archived");
    let proxy = proxy(&rig, Trouble::always(PODS, Fault::Cut(0.5)));
    let sandbox = Sandbox::new();
    let live = sandbox.run(&["daily-check", "--server", proxy.url(), "--save", "a.tar.zst"]);
    let answers = proxy.answered_to(PODS);
    assert!(answers.iter().all(|answer| answer.content_type == "application/json" && answer.is_packed), "{answers:?}");
    let again = sandbox.run(&["daily-check", "--from", "a.tar.zst"]);
    assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}{}", live.stderr, again.stderr);
    assert!([1, 6].contains(&live.code), "{}", live.code);
    assert!(live.stdout.contains("Could not look at everything\n  Pod cut short"), "{}", live.stdout);
    assert!(!live.stdout.contains("Nothing found"), "{}", live.stdout);
}

/// What `-v 6` says that was received.
fn received(ran: &Ran) -> usize {
    let words = |line: &str| line.strip_prefix("received ")?.strip_suffix(" bytes of lists")?.parse().ok();
    ran.stderr.lines().find_map(words).unwrap_or_else(|| panic!("{}", ran.stderr))
}

/// The bytes of all lists that a proxy sent, those that were not whole included.
fn sent(proxy: &Proxy) -> usize {
    let is_list = |path: &str| path.starts_with("/api/") || path.starts_with("/apis/");
    let lists = proxy.answered().into_iter().filter(|answer| is_list(&answer.path) && answer.status == 200);
    lists.map(|answer| answer.sent).sum()
}

#[test]
fn the_bytes_that_are_told_are_those_that_were_sent() {
    let rig = Rig::shared();
    let _crowd = crowd(&rig, "counted");
    let honest = Proxy::honest(Path::new(&rig.kubeconfig("viewer")));
    let ran = check(&honest, &["-v", "6"]);
    assert_eq!(received(&ran), sent(&honest));
    let pods = honest.answered_to(PODS);
    let services = honest.answered_to("/api/v1/services");
    assert!(services.iter().all(|it| !it.is_packed && it.sent > 100), "{services:?}");
    assert!(pods.iter().all(|it| it.is_packed && it.content_type.contains("protobuf") && it.sent > 1000), "{pods:?}");
    for trouble in [Trouble::first(1, PODS, Fault::Cut(0.5)), Trouble::always(PODS, Fault::Cut(0.5))] {
        let proxy = proxy(&rig, trouble.clone());
        assert_eq!(received(&check(&proxy, &["-v", "6"])), sent(&proxy), "{trouble:?}");
    }
}

#[test]
fn an_interrupt_in_the_middle_of_a_list_ends_at_once_and_leaves_nothing() {
    let rig = Rig::shared();
    let _crowd = crowd(&rig, "interrupted");
    let proxy = proxy(&rig, Trouble::always(PODS, Fault::Stalled(0.5)));
    let sandbox = Sandbox::new();
    let arguments = ["daily-check", "--server", proxy.url(), "--save", "half.tar.zst"];
    let child = sandbox.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    eventually(60, || (!proxy.answered_to(PODS).is_empty()).then_some(())).expect("it asks for the pods");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let start = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(5), "it ends at once");
    assert!(output.stdout.is_empty());
    let left: Vec<_> =
        std::fs::read_dir(sandbox.path(".")).expect("a home").flatten().map(|it| it.file_name()).collect();
    assert!(left.is_empty(), "nothing half-written stays: {left:?}");
}
