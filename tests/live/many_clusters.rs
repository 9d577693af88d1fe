//! Several clusters in one run, on real API servers: one shared by all tests, one of the test's own, and one that is not.

use super::rig::{Rig, eventually};
use crate::cli::{Ran, Sandbox};
use serde_json::Value;
use std::collections::BTreeSet;

/// One kubeconfig for the control planes of several, as `kubectl config` would merge them; one server answers nobody.
fn merged(rigs: &[(&str, &Rig, &str)]) -> String {
    let (mut contexts, mut clusters, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for (name, rig, user) in rigs {
        let text = std::fs::read_to_string(rig.kubeconfig(user)).expect("a kubeconfig");
        let config: Value = serde_saphyr::from_str(&text).expect("YAML");
        clusters.push(serde_json::json!({"name": name, "cluster": config["clusters"][0]["cluster"]}));
        users.push(serde_json::json!({"name": name, "user": config["users"][0]["user"]}));
        contexts.push(serde_json::json!({"name": name, "context": {"cluster": name, "user": name}}));
    }
    clusters.push(serde_json::json!({"name": "gone", "cluster": {"server": "https://127.0.0.1:1"}}));
    contexts.push(serde_json::json!({"name": "gone", "context": {"cluster": "gone", "user": "x"}}));
    users.push(serde_json::json!({"name": "x", "user": {"token": "x"}}));
    serde_json::json!({"apiVersion": "v1", "kind": "Config", "contexts": contexts, "clusters": clusters, "users": users})
        .to_string()
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

/// The clusters of which a finding of a check is told.
fn told_of(report: &Value, check: &str) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let of_check = findings.filter(|finding| finding["check"] == check);
    of_check.map(|finding| finding["cluster"].as_str().expect("its cluster").to_owned()).collect()
}

#[test]
fn each_cluster_is_told_for_itself_and_the_same_one_is_recognised() {
    let (shared, own) = (Rig::shared(), Rig::own());
    let namespace = shared.namespace("fleet");
    own.kubectl(&["create", "namespace", &namespace.name]);
    let name = namespace.name.as_str();
    shared.kubectl(&["create", "quota", "all", "--hard=count/configmaps=1", "-n", name]);
    let home = Sandbox::new();
    home.write(".kube/config", merged(&[("a", &shared, "viewer"), ("again", &shared, "admin"), ("b", &own, "admin")]));
    let run = |contexts: &str, more: &[&str]| {
        let words = ["daily-check", "--only", "quotas,nodes", "-n", name, "--context", contexts];
        home.run(&[&words, more].concat())
    };
    let full = || run("a", &["--baseline", "none"]).stdout.contains("CFG-14").then_some(());
    assert!(eventually(60, full).is_some(), "no finding");

    let report = document(&run("a,again,b", &["-o", "json"]));
    assert_eq!(told_of(&report, "CFG-14"), ["a".to_owned(), "again".to_owned()].into());
    assert_eq!((&report["clusters"][1]["sameAs"], &report["clusters"][2]["sameAs"]), (&Value::from("a"), &Value::Null));
    assert_eq!(report["clusters"][2]["source"]["context"], "b");
    let commands = report["findings"].as_array().expect("findings").iter().flat_map(|finding| {
        let context = format!(" --context {}", finding["cluster"].as_str().unwrap_or_default());
        let commands = finding["remedies"].as_array().cloned().unwrap_or_default();
        commands.into_iter().map(move |remedy| (remedy["command"].to_string(), context.clone()))
    });
    for (command, context) in commands {
        assert!(command.contains(&context), "{command} does not go to{context}");
    }

    let missed = run("a,gone,b", &["--fail-on", "never"]);
    assert_eq!(missed.code, 6, "{}{}", missed.stdout, missed.stderr);
    assert!(missed.stdout.contains("\n  gone  https://127.0.0.1:1"), "{}", missed.stdout);
    assert!(missed.stdout.contains("still open"), "the earlier run of a is known: {}", missed.stdout);
    let alone = run("b", &[]);
    assert!(alone.stdout.contains("Nothing new since "), "the runs of b are its own: {}{}", alone.stdout, alone.stderr);
}
