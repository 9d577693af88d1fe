//! What `kubectl sre incident` says of stored objects, through the real binary.

use super::formats::schema_of_triage;
use super::sandbox::{BINARY, Ran, Sandbox, fixtures, objects};
use serde_json::Value;
use sre_core::logs::Redactor;
use sre_core::redaction::redact_object;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn triage(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.run(&[&["incident", "triage", "--from", "o.json"], more].concat())
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

/// A Deployment whose image does not exist, behind a Service, as its kubelet and controllers report it.
fn broken() -> String {
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "registry.example/web:2"}]},
        "status": {"phase": "Pending",
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
            "containerStatuses": [{"name": "app", "ready": false, "restartCount": 0, "image": "", "imageID": "",
                "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]}
    });
    let service = serde_json::json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "creationTimestamp": "2025-12-01T00:00:00Z"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    });
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1"}, "type": "Warning", "reason": "Failed",
        "message": "Failed to pull image \"registry.example/web:2\": registry.example/web:2: not found",
        "firstTimestamp": "2026-01-01T00:10:00Z", "lastTimestamp": "2026-01-01T00:20:00Z", "count": 3
    });
    serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [pod, service, event]}).to_string()
}

#[test]
fn a_cause_says_whom_it_hurts_what_shows_it_and_what_to_type() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", broken());
    let ran = triage(&sandbox, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for said in [
        "1 root cause",
        "[image-not-found]",
        "broken for users Service/shop/web (0 of 1 pod are ready)",
        "kubectl describe pod web-1 -n shop",
        "kubectl sre explain image-not-found",
    ] {
        assert!(ran.stdout.contains(said), "{said}:\n{}", ran.stdout);
    }
    let (schemas, index) = schema_of_triage();
    let document = document(&triage(&sandbox, &["-o", "json"]));
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!((&document["kind"], &document["undetermined"]), (&"Triage".into(), &false.into()));
    assert_eq!(document["causes"][0]["class"], "image-not-found");
}

#[test]
fn a_target_keeps_the_causes_that_reach_it() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", broken());
    let causes = |target: &str| document(&triage(&sandbox, &[target, "-o", "json"]))["causes"].as_array().map(Vec::len);
    assert_eq!((causes("service/web"), causes("po/web-1")), (Some(1), Some(1)));
    triage(&sandbox, &["svc/gone"]).fails(2, &["there is no Service gone", "any namespace"]);
    triage(&sandbox, &["web"]).fails(2, &["TYPE/NAME is wanted"]);
    triage(&sandbox, &["thing/web"]).fails(2, &["nothing is called"]);
}

#[test]
fn without_a_fault_that_is_said_and_without_objects_nothing_is_fine() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", objects());
    let whole = sandbox.run(&["incident", "--from", "o.json"]);
    assert_eq!(whole.stdout, triage(&sandbox, &[]).stdout, "incident alone triages everything");
    sandbox.write("o.json", r#"{"apiVersion":"v1","kind":"List","items":[]}"#);
    let empty = triage(&sandbox, &[]);
    assert_eq!(empty.code, 6, "{}", empty.stdout);
    assert!(empty.stdout.contains("Nothing was seen"), "{}", empty.stdout);
}

/// A pod in a phase, with a container in a state where one is given.
fn pod(name: &str, phase: &str, waiting: Option<&str>) -> Value {
    let status = waiting.map(|reason| {
        serde_json::json!([{"name": "app", "ready": false, "restartCount": 0, "image": "", "imageID": "",
            "state": {"waiting": {"reason": reason}}}])
    });
    serde_json::json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "app", "image": "registry.example/web:2"}]},
        "status": {"phase": phase, "containerStatuses": status.unwrap_or_else(|| serde_json::json!([]))}
    })
}

/// An event about a pod, so many minutes after it was made.
fn event(pod: &str, minute: u8, (type_, reason, message): (&str, &str, &str)) -> Value {
    let at = format!("2026-01-01T00:{minute:02}:00Z");
    serde_json::json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{pod}-{minute}"), "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": pod}, "type": type_, "reason": reason,
        "message": message, "firstTimestamp": at, "lastTimestamp": at, "count": 1
    })
}

/// The classes of the causes, and of what each explains.
fn told(objects: &[Value]) -> Vec<(String, Vec<String>)> {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string());
    let document = document(&triage(&sandbox, &["-o", "json"]));
    let class = |it: &Value| it["class"].as_str().unwrap_or_default().to_owned();
    let causes = document["causes"].as_array().expect("causes").iter();
    causes.map(|it| (class(it), it["explains"].as_array().expect("a list").iter().map(class).collect())).collect()
}

fn first(objects: &[Value]) -> String {
    told(objects).first().map(|(class, _)| class.clone()).unwrap_or_default()
}

#[test]
fn what_held_a_pod_up_is_over_once_it_has_come_further() {
    let unplaced = event("web", 1, ("Warning", "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu."));
    assert_eq!(first(&[pod("web", "Pending", None), unplaced.clone()]), "unschedulable-insufficient-resources");
    let placed = event("web", 2, ("Normal", "Scheduled", "Successfully assigned shop/web to n1"));
    let denied =
        event("web", 3, ("Warning", "Failed", "Failed to pull image \"registry.example/web:2\": 401 Unauthorized"));
    let mut on_node = pod("web", "Pending", Some("ImagePullBackOff"));
    on_node["spec"]["nodeName"] = "n1".into();
    assert_eq!(first(&[on_node, unplaced, placed, denied]), "image-auth");
}

#[test]
fn why_something_fails_stands_before_that_it_fails() {
    let back_off = event("web", 2, ("Warning", "BackOff", "Back-off restarting failed container app"));
    assert_eq!(first(&[pod("web", "Running", Some("CrashLoopBackOff")), back_off.clone()]), "crash-unexplained");
    let why = event("web", 3, ("Warning", "Failed", "open /data/app.log: permission denied"));
    let told = told(&[pod("web", "Running", Some("CrashLoopBackOff")), back_off, why]);
    assert_eq!(told, [("container-permission-denied".to_owned(), vec!["crash-unexplained".to_owned()])]);
}

#[test]
fn names_that_do_not_resolve_follow_from_a_dns_that_does_not_work() {
    let lost =
        event("web", 3, ("Warning", "Failed", "lookup db.shop.svc.cluster.local on 10.96.0.10:53: server misbehaving"));
    let waiting = pod("web", "Running", Some("CrashLoopBackOff"));
    assert_eq!(first(&[waiting.clone(), lost.clone()]), "dns-resolution-failed");
    let mut dns = pod("coredns-1", "Running", Some("CrashLoopBackOff"));
    dns["metadata"]["namespace"] = "kube-system".into();
    let mut broken = event("coredns-1", 4, ("Warning", "Unhealthy", "Readiness probe failed: 503"));
    broken["involvedObject"]["namespace"] = "kube-system".into();
    let told = told(&[waiting, lost, dns, broken]);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "coredns-unavailable"), "{told:?}");
    assert!(told[0].1.contains(&"dns-resolution-failed".to_owned()), "{told:?}");
}

#[test]
fn independent_causes_are_all_told_and_what_nothing_explains_is_undecided() {
    let denied = |name| {
        event(name, 3, ("Warning", "Failed", "Failed to pull image \"registry.example/web:2\": 401 Unauthorized"))
    };
    let killed =
        event("api", 3, ("Warning", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"));
    let objects = [
        pod("web", "Pending", Some("ImagePullBackOff")),
        denied("web"),
        pod("api", "Running", Some("CrashLoopBackOff")),
        killed,
    ];
    let classes: BTreeSet<String> = told(&objects).into_iter().map(|(class, _)| class).collect();
    assert_eq!(classes, ["image-auth".to_owned(), "liveness-probe-kill".to_owned()].into());
    let odd = event("web", 3, ("Warning", "Strange", "something that nobody has a class for"));
    assert_eq!(first(&[pod("web", "Pending", None), odd]), "evidence-insufficient");
}

#[test]
fn an_old_word_and_that_of_another_pod_of_the_name_say_nothing_of_now() {
    let old = event("web", 0, ("Warning", "Failed", "open /data: permission denied"));
    let newest = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "shop", "creationTimestamp": "2026-01-01T03:00:00Z"}});
    let said = told(&[pod("web", "Running", Some("CrashLoopBackOff")), old, newest]);
    assert!(said.iter().all(|(class, _)| class != "container-permission-denied"), "{said:?}");
}

/// Kinds that are not known here are judged by their conditions.
#[test]
fn an_object_of_an_unknown_kind_that_says_that_it_failed_is_told() {
    let claim = serde_json::json!({"apiVersion": "example.org/v1", "kind": "Widget",
        "metadata": {"name": "w", "namespace": "shop"},
        "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Broken", "message": "no cogs",
            "lastTransitionTime": "2026-01-01T00:00:00Z"}]}});
    assert_eq!(first(&[claim]), "custom-resource-not-ready");
}

/// What daily-check names by a class, triage names too: they ask the same engine.
#[test]
fn every_class_that_daily_check_names_of_a_captured_fault_is_in_its_triage() {
    let sandbox = Sandbox::new();
    let classes = |document: &Value, list: &str| -> BTreeSet<String> {
        let all = document[list].as_array().expect("a list").iter();
        let folded = all.clone().flat_map(|one| one["explains"].as_array().cloned().unwrap_or_default());
        all.cloned().chain(folded).filter_map(|one| one["class"].as_str().map(str::to_owned)).collect()
    };
    let (mut seen, mut lost) = (0, Vec::new());
    for fixture in captured() {
        let path = fixture.to_str().expect("a path");
        let daily = document(&sandbox.run(&["daily-check", "--from", path, "-o", "json"]));
        let triaged = document(&sandbox.run(&["incident", "triage", "--from", path, "-o", "json"]));
        let (daily, triaged) = (classes(&daily, "findings"), classes(&triaged, "causes"));
        let missing: Vec<&String> = daily.difference(&triaged).collect();
        if !missing.is_empty() {
            lost.push(format!("{path}: {missing:?} are not in {triaged:?}"));
        }
        seen += daily.len();
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(seen >= 60, "only {seen} classes in all fixtures");
}

fn captured() -> Vec<std::path::PathBuf> {
    let folder = fixtures().join("checks");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    found
}

/// Graded states of clusters, scored by the program that lies beside them.
mod graded {
    use super::*;

    fn numbers(folder: &Path) -> Value {
        let kept = tempfile::NamedTempFile::new().expect("a file");
        let mut score = Command::new(folder.join("score"));
        score.args(["--jobs", "2", "--json"]).arg(kept.path()).args(["--", BINARY, "incident", "triage"]);
        let done = score.args(["--from", "{}", "-o", "json"]).output().expect("the scorer");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&std::fs::read(kept.path()).expect("numbers")).expect("JSON")
    }

    #[test]
    fn the_order_of_a_list_changes_no_class() {
        let folder = std::env::var_os("SRE_INCIDENT_CASES").expect("tests/run.sh leaves this out without");
        let cases = std::fs::read_dir(Path::new(&folder).join("cases")).expect("cases");
        let mut looked_at = 0;
        for case in cases.map(|entry| entry.expect("an entry").path()).step_by(5) {
            let text = std::fs::read_to_string(case.join("objects.json")).expect("a state");
            let list: Value = serde_json::from_str(&text).expect("JSON");
            let items = list["items"].as_array().expect("a list").clone();
            let turned: Vec<Value> = items.iter().rev().cloned().collect();
            assert_eq!(told(&items), told(&turned), "{}", case.display());
            looked_at += 1;
        }
        assert!(looked_at > 30, "only {looked_at}");
    }

    #[test]
    fn what_an_archive_keeps_tells_the_same_causes() {
        let folder = std::env::var_os("SRE_INCIDENT_CASES").expect("tests/run.sh leaves this out without");
        let cases = std::fs::read_dir(Path::new(&folder).join("cases")).expect("cases");
        let mut redacted = 0;
        for case in cases.map(|entry| entry.expect("an entry").path()) {
            let text = std::fs::read_to_string(case.join("objects.json")).expect("a state");
            let list: Value = serde_json::from_str(&text).expect("JSON");
            let items = list["items"].as_array().expect("a list").clone();
            let (mut kept, mut redactor) = (items.clone(), Redactor::default());
            // What has no secret is kept byte for byte, and tells the same for that reason.
            if kept.iter_mut().filter_map(|it| redact_object(it, &mut redactor).then_some(())).count() > 0 {
                assert_eq!(told(&items), told(&kept), "{}", case.display());
                redacted += 1;
            }
        }
        assert!(redacted > 5, "only {redacted}");
    }

    #[test]
    fn causes_are_named_objects_are_found_and_nothing_is_said_of_the_healthy() {
        let folder = std::env::var_os("SRE_INCIDENT_CASES").expect("tests/run.sh leaves this out without");
        let numbers = numbers(Path::new(&folder))["numbers"]["plausible"].clone();
        let share = |measure: &str| {
            let (right, of) = (numbers[measure]["right"].as_f64(), numbers[measure]["of"].as_f64());
            right.expect("a number") / of.expect("a number")
        };
        assert!(share("top1") >= 0.95, "{numbers}");
        assert!(share("object") >= 0.95, "{numbers}");
        assert_eq!(numbers["falseAlarms"]["right"], 0, "{numbers}");
        assert_eq!((&numbers["crash"], &numbers["timeout"], &numbers["invalid"]), (&0.into(), &0.into(), &0.into()));
    }
}
