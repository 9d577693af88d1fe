//! Triage asks a Prometheus that stands in the cluster, in a bounded time, and says what cannot be seen from here.

use super::formats::triage_document as document;
use super::recorder::{Asked, Recorder};
use super::sandbox::{Ran, Sandbox};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

type Service = fn(&Asked) -> Option<(&'static str, String)>;

/// A pod that is ready, with a limit of memory, and a Prometheus.
fn objects() -> Value {
    let made = "2026-01-01T00:00:00Z";
    json!([
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "prometheus-operated", "namespace": "monitoring", "creationTimestamp": made},
            "spec": {"clusterIP": "None", "ports": [{"port": 9090}]}},
        {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web-1", "namespace": "shop", "uid": "1", "labels": {"app": "web"}, "creationTimestamp": made},
            "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "registry.example/web:1", "resources": {"limits": {"memory": "512Mi"}}}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": made}],
                "containerStatuses": [{"name": "web", "ready": true, "started": true, "restartCount": 0, "image": "", "imageID": "",
                    "state": {"running": {"startedAt": made}}}]}}
    ])
}

/// A Prometheus that measures memory, and nothing else.
fn memory_is_short(asked: &Asked) -> Option<(&'static str, String)> {
    let is_of_limit = asked.target.contains("container_spec_memory_limit_bytes");
    let row = json!({"metric": {"namespace": "shop", "pod": "web-1", "container": "web"}, "value": [1, "0.97"]});
    let rows = if is_of_limit { vec![row] } else { Vec::new() };
    Some(("200 OK", json!({"status": "success", "data": {"resultType": "vector", "result": rows}}).to_string()))
}

fn forbidden(_: &Asked) -> Option<(&'static str, String)> {
    let message = "services \"prometheus-operated:9090\" is forbidden: no services/proxy for you";
    let status = json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": message, "code": 403});
    Some(("403 Forbidden", status.to_string()))
}

fn silent(_: &Asked) -> Option<(&'static str, String)> {
    None
}

/// Runs, and tells how often Prometheus was asked.
fn triage(service: Service, more: &[&str]) -> (Ran, usize) {
    let (sandbox, server) = (Sandbox::new(), Recorder::with_services(&objects(), service));
    sandbox.write("named.yaml", "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nprometheus: {service: 'monitoring/prometheus-operated:9090'}\n");
    let ran = sandbox.run(&[&["incident", "triage", "--server", server.url()], more].concat());
    let asked = server.take();
    let asked = asked.iter().filter(|it| it.path().contains("/services/prometheus-operated:9090/proxy/")).count();
    (ran, asked)
}

fn unseen(document: &Value) -> Vec<&str> {
    let all = document["coverage"]["unseen"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|it| it["why"].as_str()).collect()
}

#[test]
fn what_prometheus_measured_is_told_with_what_to_do_and_the_rest_is_said_to_be_unseen() {
    let (ran, asked) = triage(memory_is_short, &["-o", "json"]);
    assert_eq!((ran.code, asked), (0, 6), "{}", ran.stderr);
    let document = document(&ran);
    let cause = &document["causes"][0];
    assert_eq!((&cause["class"], &cause["confidence"]), (&json!("memory-near-limit"), &json!("medium")), "{cause:#}");
    assert_eq!(cause["evidence"][0]["value"], "97 %");
    assert_eq!(unseen(&document), ["Prometheus has no such series"; 5]);
    let (text, _) = triage(memory_is_short, &[]);
    assert!(text.stdout.contains("5 questions of performance cannot be seen from here"), "{}", text.stdout);
    let (wide, _) = triage(memory_is_short, &["-o", "wide"]);
    assert!(
        wide.stdout.contains("cannot be seen from here: delay of the event loop (Prometheus has no"),
        "{}",
        wide.stdout
    );
}

/// A Prometheus that answers one question in part, refuses one, and knows nothing of the others.
fn partly(asked: &Asked) -> Option<(&'static str, String)> {
    if asked.target.contains("container_cpu_cfs") {
        let error = json!({"status": "error", "errorType": "execution", "error": "too many samples"});
        return Some(("422 Unprocessable Entity", error.to_string()));
    }
    let (status, text) = memory_is_short(asked)?;
    let mut said: Value = serde_json::from_str(&text).expect("JSON");
    if said["data"]["result"] != json!([]) {
        said["warnings"] = json!(["store-2 is away"]);
    }
    Some((status, said.to_string()))
}

#[test]
fn each_question_says_why_it_has_no_answer_and_a_warning_is_told() {
    let (ran, _) = triage(partly, &["-o", "json"]);
    let document = document(&ran);
    assert_eq!(document["causes"][0]["class"], "memory-near-limit", "what was answered counts: {document:#}");
    let why = unseen(&document);
    let count = |words: &str| why.iter().filter(|it| it.contains(words)).count();
    assert_eq!(count("it answers with status 422: too many samples"), 1, "{why:?}");
    assert_eq!(count("Prometheus has no such series"), 4, "{why:?}");
    assert_eq!(count("Prometheus warns: store-2 is away"), 1, "{why:?}");
}

#[test]
fn an_archive_keeps_what_was_measured() {
    let (sandbox, server) = (Sandbox::new(), Recorder::with_services(&objects(), memory_is_short));
    let saved = sandbox.run(&["incident", "triage", "--server", server.url(), "--save", "kept"]);
    let again = sandbox.run(&["incident", "triage", "--from", "kept"]);
    assert!(saved.stdout.contains("[memory-near-limit]"), "{}{}", saved.stdout, saved.stderr);
    assert_eq!((saved.code, &saved.stdout), (again.code, &again.stdout), "{}", again.stderr);
}

#[test]
fn who_does_not_want_measurements_asks_nobody_for_them() {
    let (ran, asked) = triage(memory_is_short, &["--no-metrics", "-o", "json"]);
    assert_eq!((ran.code, asked), (0, 0), "{}", ran.stderr);
    assert_eq!(unseen(&document(&ran)), Vec::<&str>::new());
    let (text, _) = triage(memory_is_short, &["--no-metrics"]);
    assert!(text.stdout.contains("nobody was asked for measurements (--no-metrics)"), "{}", text.stdout);
}

/// Nobody promised the caller a Prometheus that merely stands there; a profile that names it does.
#[test]
fn one_that_may_not_be_asked_is_a_gap_only_where_a_profile_names_it() {
    let (ran, _) = triage(forbidden, &["-o", "json"]);
    let document = self::document(&ran);
    assert_eq!((ran.code, &document["causes"]), (0, &json!([])), "{}", ran.stderr);
    let why = unseen(&document);
    assert!(
        why.len() == 6 && why[0].starts_with("forbidden: ") && why[0].contains("no services/proxy for you"),
        "{why:?}"
    );
    let (named, _) = triage(forbidden, &["--profile", "named.yaml"]);
    assert_eq!(named.code, 6, "{}", named.stderr);
    assert!(named.stdout.contains("Prometheus (forbidden)"), "{}", named.stdout);
}

#[test]
fn one_that_does_not_answer_holds_a_triage_up_for_seconds_only() {
    let begin = Instant::now();
    let (ran, _) = triage(silent, &["-o", "json"]);
    let lasted = begin.elapsed();
    assert!(lasted < Duration::from_secs(20), "{lasted:?}");
    let document = document(&ran);
    assert!(unseen(&document).iter().all(|why| why.starts_with("timed out")), "{document:#}");
}
