//! Kinds that somebody installed: an older installation serves them in an older version, a newer one in both.

use super::rig::{Rig, eventually};
use super::watch::Watcher;
use crate::cli::{Ran, Sandbox};
use serde_json::{Value, json};

const GROUP: &str = "external-secrets.io";

/// What finds the store that is installed here.
const CHECK: &str = "CFG-18";

/// One version of a definition: its name, and whether it is served. The first one is stored.
type Version<'a> = (&'a str, bool);

/// Defines SecretStores, or defines them anew, and waits until the server says so.
fn define(rig: &Rig, versions: &[Version<'_>]) {
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    let rows = versions.iter().enumerate().map(
        |(place, (name, served))| json!({"name": name, "served": served, "storage": place == 0, "schema": schema}),
    );
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("secretstores.{GROUP}")},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"kind": "SecretStore", "plural": "secretstores", "singular": "secretstore"},
            "versions": rows.collect::<Vec<_>>(),
        },
    });
    rig.apply("default", &definition.to_string());
    let is_told = || {
        let groups = rig.kubectl(&["get", "--raw", "/apis"]);
        let is_right = |(name, served): &Version<'_>| groups.contains(&format!("\"{GROUP}/{name}\"")) == *served;
        versions.iter().all(is_right).then_some(())
    };
    eventually(60, is_told).expect("the server tells the versions");
}

/// Makes the store, or says anew whether it is ready.
fn store(rig: &Rig, version: &str, ready: &str) {
    let condition = json!({"type": "Ready", "status": ready, "lastTransitionTime": "2026-01-15T06:00:00Z"});
    let store = json!({
        "apiVersion": format!("{GROUP}/{version}"),
        "kind": "SecretStore",
        "metadata": {"name": "vault"},
        "spec": {"provider": {}},
        "status": {"conditions": [condition]},
    });
    rig.apply("default", &store.to_string());
}

/// What a run asked about SecretStores, without the server.
fn asked(ran: &Ran) -> Vec<&str> {
    let urls = ran.stderr.lines().filter_map(|line| line.strip_prefix("GET ")?.split([' ', '?']).next());
    let paths = urls.filter_map(|url| Some(&url[url.find("/apis/")?..]));
    paths.filter(|path| path.ends_with("/secretstores")).collect()
}

/// How many SecretStores a report has seen, and how many of them are not ready.
fn seen(report: &Value) -> (Option<u64>, usize) {
    let mut reads = report["coverage"]["reads"].as_array().expect("the reads").iter();
    let read = reads.find(|read| read["what"] == "SecretStore" && read["state"] == "read");
    let findings = report["findings"].as_array().expect("findings").iter();
    let found = findings.filter(|finding| finding["check"] == CHECK && finding["object"]["kind"] == "SecretStore");
    (read.and_then(|read| read["objects"].as_u64()), found.count())
}

#[test]
fn a_kind_is_read_once_in_the_version_that_is_served_and_kept_and_watched_in_it() {
    let rig = Rig::own();
    let config = rig.kubeconfig("viewer");
    let sandbox = Sandbox::new();
    let run = |more: &[&str]| sandbox.run(&[&["daily-check", "-o", "json", "--baseline", "none"], more].concat());
    let report = |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).expect("JSON");

    define(&rig, &[("v1beta1", true)]);
    store(&rig, "v1beta1", "False");
    let is_found = || (seen(&rig.report_as("viewer", &[])) == (Some(1), 1)).then_some(());
    eventually(60, is_found).expect("the store is seen in the older version");
    let live = run(&["--kubeconfig", &config, "-v", "6", "--save", "kept"]);
    assert_eq!(asked(&live), ["/apis/external-secrets.io/v1beta1/secretstores"]);
    let again = run(&["--from", "kept"]);
    assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}", again.stderr);
    assert_eq!(seen(&report(&again)), (Some(1), 1));
    let entry = sandbox.path("kept/objects/external-secrets.io_v1/secretstores/default/vault.json");
    let entry: Value = serde_json::from_slice(&std::fs::read(entry).expect("the store's entry")).expect("JSON");
    assert_eq!(entry["apiVersion"], "external-secrets.io/v1beta1");

    let watcher = Watcher::start(&["-o", "json", "--kubeconfig", &config]);
    eventually(60, || (watcher.lines().len() == 1).then_some(())).expect("the report");
    let tells = |words: &[&str]| {
        let told = eventually(90, || (watcher.told_of(CHECK, "default") == words).then_some(()));
        told.unwrap_or_else(|| panic!("{words:?} is not what was told: {:#?}", watcher.lines()));
    };
    store(&rig, "v1beta1", "True");
    tells(&["fixed"]);

    define(&rig, &[("v1beta1", true), ("v1", true)]);
    store(&rig, "v1", "False");
    tells(&["fixed", "new"]);
    eventually(60, || {
        let ran = run(&["--kubeconfig", &config, "-v", "6"]);
        (asked(&ran) == ["/apis/external-secrets.io/v1/secretstores"]).then(|| seen(&report(&ran)))
    })
    .filter(|seen| *seen == (Some(1), 1))
    .expect("of two versions that are served, the usual one is read, and no object twice");

    define(&rig, &[("v1", true), ("v1beta1", false)]);
    store(&rig, "v1", "True");
    tells(&["fixed", "new", "fixed"]);
}
