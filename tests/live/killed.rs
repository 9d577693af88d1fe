//! Runs that are killed in the middle of a change, and runs that race for one.

use super::rig::{AuditEvent, Rig};
use crate::cli::{BINARY, Ran, Sandbox};
use serde_json::Value;
use sre_core::plan::{Afterwards, Expectation, Place, Plan, Step, restart};
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Steps of the change that is killed.
const STEPS: usize = 10;

/// Deployments without pods.
fn deployments(count: usize) -> String {
    let one = |index: usize| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{index}}}\nspec:\n  replicas: 0\n  \
             selector: {{matchLabels: {{app: d}}}}\n  template:\n    metadata: {{labels: {{app: d}}}}\n    \
             spec: {{containers: [{{name: app, image: 'registry.example/shop/d:1'}}]}}\n"
        )
    };
    (0..count).map(one).collect()
}

/// A plan that restarts all Deployments of a namespace.
fn plan(rig: &Rig, namespace: &str, id: &str) -> Plan {
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&rig.kubectl(arguments)).expect("JSON") };
    let all = json(&["get", "deployments", "-n", namespace, "-o", "json"]);
    let uid = rig.kubectl(&["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"]);
    let now = "2026-01-15T08:00:00Z".parse().expect("a time");
    let step = |object: &Value| restart(object, id.to_owned(), now).expect("a step");
    let steps: Vec<Step> = all["items"].as_array().expect("Deployments").iter().map(step).collect();
    let object = steps[0].object.address.clone();
    Plan {
        id: id.to_owned(),
        title: "restart all".to_owned(),
        made_at: now,
        cluster: Place { uid, context: None, server: "here".to_owned(), user: "admin".to_owned() },
        requester: None,
        reason: None,
        incident: None,
        undoes: None,
        redoes: false,
        due_back: None,
        steps,
        afterwards: Some(Afterwards { object, expects: Expectation::RolledOut }),
        watch: None,
        notes: Vec::new(),
    }
}

/// A run that was started and is not waited for.
fn started(rig: &Rig, sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let config = rig.kubeconfig("admin");
    let arguments = [arguments, &["--kubeconfig", &config]].concat();
    let mut command: Command = sandbox.prepared(rig.command(BINARY), &arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
}

/// How often each object of a namespace was written to.
fn writes(rig: &Rig, namespace: &str) -> BTreeMap<String, usize> {
    let is_write = |event: &AuditEvent| event.verb == "patch" && !event.uri.contains("dryRun=All");
    let here = format!("/namespaces/{namespace}/deployments/");
    let mut counts = BTreeMap::new();
    for event in rig.audit("kubectl-sre/").into_iter().filter(is_write) {
        if let Some((_, rest)) = event.uri.split_once(&here) {
            *counts.entry(rest.split('?').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn whenever_a_run_is_killed_another_goes_on_and_nothing_is_written_twice() {
    const KILLS: usize = 20;
    let rig = Rig::shared();
    let (mut kills, mut changes) = (0, 0);
    while kills < KILLS {
        changes += 1;
        assert!(changes <= KILLS, "runs end before they are killed: {kills} of {KILLS} after {changes} changes");
        let namespace = rig.namespace(&format!("killed-{changes}"));
        let (place, sandbox, id) = (namespace.name.as_str(), Sandbox::new(), format!("c-{changes}"));
        rig.apply(place, &deployments(STEPS));
        let document = plan(&rig, place, &id).document();
        sandbox.write("plan.json", document.to_string());
        let mut arguments = vec!["change", "apply", "plan.json", "--confirm", place];
        // Later and later in its life; a run takes some tenths of a second.
        for pause in (0..12).map(|it| 60 + 25 * it + 7 * changes as u64) {
            let mut run = started(&rig, &sandbox, &arguments);
            sleep(Duration::from_millis(pause));
            if run.try_wait().expect("a state").is_some() {
                break;
            }
            run.kill().expect("killed");
            run.wait().expect("gone");
            kills += 1;
            // A run that was killed before it began leaves nothing to go on with.
            let journal = sandbox.path(&format!(".local/state/kubectl-sre/changes/{id}/journal.jsonl"));
            let is_begun = std::fs::read(journal).is_ok_and(|bytes| bytes.contains(&b'\n'));
            if is_begun {
                arguments = vec!["change", "resume", &id];
                let before = writes(&rig, place);
                let shown = started(&rig, &sandbox, &["change", "resume", &id, "--dry-run"]).wait().expect("an end");
                // 2 says that all is done already.
                assert!(matches!(shown.code(), Some(0 | 2)), "{shown:?}");
                assert_eq!(writes(&rig, place), before, "a dry run goes on with nothing");
            }
        }
        let config = rig.kubeconfig("admin");
        let last = [&arguments[..], &["--kubeconfig", &config]].concat();
        let ran = Ran::of(sandbox.prepared(rig.command(BINARY), &last).output().expect("the binary runs"));
        let is_done = ran.code == 0 || ran.code == 2 && ran.stderr.contains("all of it is done");
        assert!(is_done, "change {changes} after {kills} kills: {}{}", ran.stdout, ran.stderr);
        let once: BTreeMap<String, usize> = (0..STEPS).map(|index| (format!("d{index}"), 1)).collect();
        assert_eq!(writes(&rig, place), once, "change {changes} after {kills} kills");
        assert_eq!(sandbox.run(&["change", "verify"]).code, 0, "change {changes}");
    }
}

#[test]
fn of_two_who_race_for_the_same_change_one_makes_it() {
    const RACES: usize = 100;
    let rig = Rig::shared();
    let namespace = rig.namespace("races");
    let place = namespace.name.as_str();
    let people = [Sandbox::new(), Sandbox::new()];
    rig.apply(place, &deployments(RACES));
    let whole = plan(&rig, place, "c");
    for (race, step) in whole.steps.iter().enumerate() {
        let (id, object) = (format!("c-{race}"), step.object.address.clone());
        let afterwards = Some(Afterwards { object, expects: Expectation::RolledOut });
        let plan = Plan { id: id.clone(), steps: vec![step.clone()], afterwards, ..whole.clone() };
        let file = format!("{id}.json");
        people.iter().for_each(|person| drop(person.write(&file, plan.document().to_string())));
        // Two machines in one half of the races, two terminals of one machine in the other.
        let second = if race % 2 == 0 { &people[1] } else { &people[0] };
        let arguments = ["change", "apply", &file, "--yes"];
        let mut both = [started(&rig, &people[0], &arguments), started(&rig, second, &arguments)];
        let ended: Vec<Option<i32>> = both.iter_mut().map(|run| run.wait().expect("an end").code()).collect();
        assert!(ended.contains(&Some(0)), "race {race}: nobody made it: {ended:?}");
        assert!(ended.iter().all(|code| matches!(code, Some(0 | 3 | 4))), "race {race}: {ended:?}");
    }
    let counts = writes(&rig, place);
    assert_eq!(counts.len(), RACES);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert!(people.iter().all(|person| person.run(&["change", "verify"]).code == 0));
}
