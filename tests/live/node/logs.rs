//! What only logs tell of containers that end on a real node: by the kubelet's own answers, of the instance that runs and
//! of the one before.

use super::super::rig::{Rig, eventually};
use super::NODE;
use crate::cli::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::PoisonError;

const EXPECTED: &[(&str, &str, &str)] = &[
    ("config-key-missing", "ConfigMap/settings", "/etc/shop/settings.yaml does not exist"),
    ("container-exit-error", "Deployment/late", "by its log, it does not know the flag or command --lisen"),
    ("container-permission-denied", "Deployment/writer", "it writes to /state, and the file system is read-only"),
    ("dependency-unavailable", "Service/ledger", "ledger:8080 refuses the connection"),
];

fn triage(rig: &Rig, user: &str, namespace: &str, more: &[&str]) -> (Value, String) {
    let typed = ["incident", "triage", "-n", namespace, "-o", "json"];
    let ran = rig.run_as(user, &[&typed[..], more].concat());
    let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    (document, ran.stdout)
}

/// Class, object and statement of each cause.
fn causes(document: &Value) -> BTreeSet<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let causes = document["causes"].as_array().expect("causes").iter().filter(|it| it["severity"] != "info");
    let object = |it: &Value| format!("{}/{}", text(&it["object"]["kind"]), text(&it["object"]["name"]));
    causes.map(|it| (text(&it["class"]), object(it), text(&it["statement"]))).collect()
}

/// Whether each cause is there, with its reason, and no other.
fn are_all(found: &BTreeSet<(String, String, String)>) -> bool {
    let is_there = |(class, object, reason): &(&str, &str, &str)| {
        found.iter().any(|(a, b, statement)| a == class && b == object && statement.contains(reason))
    };
    EXPECTED.iter().all(is_there) && found.len() == EXPECTED.len()
}

fn state(document: &Value) -> (String, String) {
    let reads = document["coverage"]["reads"].as_array().expect("reads");
    let read = reads.iter().find(|read| read["what"] == "container logs").expect("a row of logs");
    let text = |field: &str| read[field].as_str().unwrap_or_default().to_owned();
    (text("state"), text("detail"))
}

#[test]
fn the_line_that_explains_the_end_of_a_real_container_is_found_and_its_secret_is_not() {
    let _alone = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = Rig::with_node();
    let namespace = rig.namespace("logs");
    let namespace = namespace.name.as_str();
    rig.apply(namespace, include_str!("../../cluster/node/logs.yaml"));
    let mut last = (BTreeSet::new(), String::new());
    let found = eventually(90, || {
        let (document, text) = triage(&rig, "viewer", namespace, &[]);
        last = (causes(&document), text);
        are_all(&last.0).then_some(document)
    });
    let document = found.unwrap_or_else(|| panic!("{}", last.1));
    assert_eq!(state(&document), ("read".to_owned(), String::new()));
    assert!(!last.1.contains("hunter2x") && last.1.contains("<secret-1>"), "{}", last.1);
    let late = document["causes"].as_array().expect("causes").iter().find(|it| it["object"]["name"] == "late");
    let evidence = late.expect("it ends again and again")["evidence"].to_string();
    assert!(evidence.contains("logs[app"), "{evidence}");

    // What kubectl dumps of it says the same, by the logs of the instances that were there.
    let folder = tempfile::tempdir().expect("a folder");
    let dump = folder.path().to_str().expect("a path");
    let expected: BTreeSet<(&str, &str)> = EXPECTED.iter().map(|(class, object, _)| (*class, *object)).collect();
    let mut told = BTreeSet::new();
    let same = eventually(60, || {
        rig.kubectl(&["cluster-info", "dump", "--namespaces", namespace, "--output-directory", dump]);
        let ran = Sandbox::new().run(&["incident", "triage", "--from", dump, "-n", namespace, "-o", "json"]);
        told = causes(&serde_json::from_str(&ran.stdout).expect("a document"));
        let named: BTreeSet<(&str, &str)> = told.iter().map(|(class, object, _)| (&**class, &**object)).collect();
        (named == expected).then_some(())
    });
    assert!(same.is_some(), "{told:#?}");

    // Who may list and not read logs has a gap, and causes without reasons.
    let rules = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: lister}\nrules:\n- {apiGroups: ['*'], resources: [pods, events, nodes, services, configmaps], verbs: [list]}\n";
    rig.apply("default", rules);
    rig.kubectl(&["create", "clusterrolebinding", "lister", "--clusterrole=lister", "--user=onlooker"]);
    let (listed, _) = triage(&rig, "admin", namespace, &["--as", "onlooker"]);
    rig.kubectl(&["delete", "clusterrolebinding/lister", "clusterrole/lister"]);
    let (word, detail) = state(&listed);
    assert!(word == "forbidden" && detail.contains("pods/log"), "{word}: {detail}");
    let named: BTreeSet<String> = causes(&listed).into_iter().map(|(class, ..)| class).collect();
    assert!(!named.contains("dependency-unavailable") && !named.is_empty(), "{named:?}");
}
