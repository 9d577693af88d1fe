//! What was changed before it broke, against a real API server.

use super::rig::{Rig, eventually};
use crate::cli::Sandbox;
use serde_json::Value;

/// A Deployment that works, with a setting and a ConfigMap, and a ConfigMap that nobody reads.
const OBJECTS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: info}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: unread}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: registry.example/web:1, env: [{name: DB_HOST, value: db}], envFrom: [{configMapRef: {name: settings}}]}
"#;

fn triage(rig: &Rig, more: &[&str]) -> Value {
    let ran = rig.run_as("viewer", &[&["incident", "triage", "-o", "json"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

/// The changes of the first cause, each by object, sort and author.
fn suspects(document: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |it: &Value| format!("{} {} {}", word(&it["object"]["name"]), word(&it["sort"]), word(&it["by"]));
    document["causes"][0]["changes"].as_array().into_iter().flatten().map(line).collect()
}

#[test]
fn the_rollout_before_the_crash_is_suspected_first_and_what_came_after_never() {
    let rig = Rig::shared();
    let namespace = rig.namespace("suspects");
    let name = namespace.name.as_str();
    rig.apply(name, OBJECTS);
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", name, "--timeout=60s"]);
    let healthy = triage(&rig, &["deployment/web", "-n", name]);
    assert_eq!(healthy["causes"].as_array().map(Vec::len), Some(0), "what works suspects nobody: {healthy:#}");
    for map in ["settings", "unread"] {
        rig.kubectl(&[
            "patch",
            "configmap",
            map,
            "-n",
            name,
            "-p",
            r#"{"data":{"level":"debug"}}"#,
            "--field-manager=hand",
        ]);
    }
    let bad = r#"{"spec":{"template":{"metadata":{"labels":{"rig.test/mode":"crashloop"}},"spec":{"containers":[{"name":"app",
        "env":[{"name":"DB_HOST","value":"db2"}]}]}}}}"#;
    rig.kubectl(&["patch", "deployment", "web", "-n", name, "-p", bad, "--field-manager=pipeline"]);
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["deployment/web", "-n", name]);
        (suspects(&document).first()? == "web rollout pipeline").then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let change = &document["causes"][0]["changes"][0];
    assert_eq!(change["fields"][0]["field"], "containers[app].env[DB_HOST]", "{change:#}");
    assert_eq!((&change["fields"][0]["old"], &change["fields"][0]["new"]), (&"db".into(), &"db2".into()));
    assert!(suspects(&document).contains(&"settings edit hand".to_owned()), "{document:#}");
    assert!(!suspects(&document).iter().any(|it| it.starts_with("unread")), "{document:#}");
    let commands = document["causes"][0]["remedies"].to_string();
    assert!(commands.contains(&format!("kubectl sre rollback deployment/web -n {name} --dry-run")), "{commands}");

    // An edit after the first symptom explains nothing; times have no more than seconds.
    let mut edits = 0;
    let late = eventually(20, || {
        edits += 1;
        let edit = format!(r#"{{"data":{{"level":"{edits}"}}}}"#);
        rig.kubectl(&["patch", "configmap", "settings", "-n", name, "-p", &edit, "--field-manager=late"]);
        (!suspects(&triage(&rig, &["-n", name])).iter().any(|it| it.starts_with("settings edit"))).then_some(())
    });
    assert!(late.is_some());

    // What is saved says the same.
    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("viewer");
    let typed = ["incident", "triage", "deployment/web", "-n", name, "-o", "json"];
    let live = sandbox.run(&[&typed[..], &["--kubeconfig", &config, "--save", "a.tar.zst"]].concat());
    let again = sandbox.run(&[&typed[..], &["--from", "a.tar.zst"]].concat());
    let changes = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["causes"][0]["changes"].clone();
    assert!(changes(&live.stdout).as_array().is_some_and(|it| !it.is_empty()), "{}", live.stdout);
    assert_eq!(changes(&live.stdout), changes(&again.stdout));
}
