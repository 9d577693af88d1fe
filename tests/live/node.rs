//! What really fails on a real node, with a real kubelet and container runtime, is found under its real cause.

mod asked;
mod database;
mod heap;
mod logs;
mod members;
mod probe;
mod resize;

use super::monitoring;
use super::rig::{Rig, eventually, leading};
use crate::cli::{BINARY, Sandbox};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A finding in short: what it is about, the check, the class of the cause.
type Cause = (String, String, String);

/// Not at the same time: what is measured of one test would be told in the report of the other.
static NODE: Mutex<()> = Mutex::new(());

/// The address of the node, as `tests/cluster/node/node.sh` gives it.
const ADDRESS: &str = "10.77.0.1";

/// What is wrong in the file of faults.
const FAULTS: &[(&str, &str, &str)] = &[
    ("ConfigMap/settings", "POD-27", "config-object-missing"),
    ("Deployment/bad-hook", "POD-06", "lifecycle-hook-failed"),
    ("Deployment/crashing", "POD-01", "container-exit-error"),
    ("Deployment/ending", "POD-01", "container-exit-zero"),
    ("Deployment/hungry", "POD-11", "container-oom-killed"),
    ("Deployment/killed", "POD-16", "liveness-probe-kill"),
    ("Deployment/never-started", "POD-16", "startup-probe-failed"),
    ("Deployment/no-command", "POD-06", "container-command-invalid"),
    ("Deployment/no-folder", "POD-07", "volume-mount-failed"),
    ("Deployment/no-image", "POD-02", "image-not-found"),
    ("Deployment/no-pull", "POD-03", "image-never-pull"),
    ("Deployment/no-registry", "POD-02", "image-registry-unavailable"),
    ("Deployment/no-start", "POD-08", "init-container-failed"),
    ("Job/failing", "POD-01", "container-exit-error"),
    ("PersistentVolumeClaim/data", "STO-01", "pvc-pv-mismatch"),
    ("Service/unready", "NET-01", "service-no-ready-endpoints"),
];

fn expected() -> BTreeSet<Cause> {
    FAULTS.iter().map(|&(object, check, class)| (object.into(), check.into(), class.into())).collect()
}

/// The causes that a report names in the test's namespace and for what has none, nodes for example.
fn causes(report: &Value, namespace: &str) -> BTreeSet<Cause> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ours = leading(report).into_iter().filter(|finding| {
        let owner = finding["object"]["namespace"].as_str();
        owner.is_none_or(|owner| owner == namespace) && finding["severity"] != "info"
    });
    ours.map(|finding| {
        let object = format!("{}/{}", text(&finding["object"]["kind"]), text(&finding["object"]["name"]));
        (object, text(&finding["check"]), text(&finding["class"]))
    })
    .collect()
}

/// What is true of a Deployment while it is not seen yet that a ConfigMap is what it lacks.
const LACKING: (&str, &str) = ("Deployment/no-config", "config-object-missing");

/// What is true of a kill at the memory limit while the runtime has lost the kernel's word (1 in 120 were seen).
const KILLED: (&str, &str) = ("Deployment/hungry", "container-exit-error");

/// What is true of any pod for a moment: a busy kubelet has not yet seen what it is to mount.
const MOUNTING: &str = "volume-mount-failed";

/// Causes that are not the right ones. What has no class is a symptom that no cause explains yet, and another check
/// may speak of the same cause first.
fn wrong(named: &BTreeSet<Cause>) -> Vec<&Cause> {
    let is_right = |(object, _, class): &Cause| {
        let also = [LACKING, KILLED].contains(&(object.as_str(), class.as_str())) || class == MOUNTING;
        also || FAULTS.iter().any(|(of, _, what)| of == object && what == class)
    };
    named.iter().filter(|cause| !cause.2.is_empty() && !is_right(cause)).collect()
}

/// Looks, and finds nothing that is not so.
fn look(rig: &Rig, namespace: &str) -> BTreeSet<Cause> {
    let report = rig.report_as("viewer", &[]);
    let named = causes(&report, namespace);
    assert_eq!(wrong(&named), Vec::<&Cause>::new());
    let all = report["findings"].as_array().expect("findings").iter();
    let killed = all.clone().filter(|it| it["object"]["name"] == "hungry" && it["class"] == KILLED.1);
    for finding in killed {
        let title = finding["title"].as_str().unwrap_or_default();
        assert!(title.ends_with("was killed (exit code 137), and nothing says by whom"), "{title}");
    }
    let accused: Vec<&Value> = all.filter(|finding| finding.to_string().contains("steady")).collect();
    assert!(accused.is_empty(), "the healthy Deployment: {accused:#?}");
    named
}

#[test]
fn every_failure_of_a_real_node_has_its_cause_and_keeps_it() {
    let _alone = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = Rig::with_node();
    let namespace = rig.namespace("shop");
    let namespace = namespace.name.as_str();
    rig.apply(namespace, include_str!("../cluster/node/faults.yaml"));
    let available = ["wait", "deployment/steady", "-n", namespace, "--for=condition=Available", "--timeout=60s"];
    rig.kubectl(&available);

    let mut missing = Vec::new();
    let found = eventually(120, || {
        missing = expected().difference(&look(&rig, namespace)).cloned().collect();
        missing.is_empty().then_some(())
    });
    assert!(found.is_some(), "not found: {missing:#?}");

    // Meanwhile containers start, run, end and wait longer and longer.
    let found = Instant::now();
    while found.elapsed() < Duration::from_secs(60) {
        look(&rig, namespace);
        sleep(Duration::from_secs(2));
    }
    let mut last = BTreeSet::new();
    let found = eventually(60, || {
        last = look(&rig, namespace);
        (last == expected()).then_some(())
    });
    assert!(found.is_some(), "{last:#?}");
}

#[test]
fn a_prometheus_that_stands_in_the_cluster_is_found_and_asked() {
    let _alone = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    monitoring::is_found_in_the_cluster(&Rig::with_node(), ADDRESS);
}

/// What volumes hold by a report, with the check's findings and what became of asking the kubelet.
fn held(report: &Value) -> (Vec<String>, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("findings").iter().filter(|it| it["check"] == "STO-09");
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    let state = reads.iter().find(|read| read["what"] == "kubelet summaries").map(|read| text(&read["state"]));
    (
        findings.map(|it| format!("{} {}", text(&it["object"]["name"]), text(&it["title"]))).collect(),
        state.unwrap_or_default(),
    )
}

#[test]
fn what_volumes_hold_is_told_by_the_kubelet_to_whom_may_ask_it() {
    let _alone = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = Rig::with_node();
    let namespace = rig.namespace("volumes");
    let volumes = include_str!("../cluster/node/volumes.yaml").replace("NAMESPACE", &namespace.name);
    rig.apply(&namespace.name, &volumes);
    let full = vec!["ledger its volume is 94 % full, out of inodes (97 % used)".to_owned()];
    let storage = ["--only", "storage"];
    let mut last = (Vec::new(), String::new());
    let found = eventually(120, || {
        last = held(&rig.report_as("viewer", &storage));
        (last == (full.clone(), "read".to_owned())).then_some(())
    });
    assert!(found.is_some(), "{last:?}");

    // The printed rights are enough where a profile wants it, and without it nobody gets this one, and misses nothing.
    let sandbox = Sandbox::new();
    let profile = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nkubelets: {summary: true}\n";
    let profile = sandbox.write("profile.yaml", profile).to_string_lossy().into_owned();
    let wanted = [&storage[..], &["--profile", &profile]].concat();
    let as_printed = |user: &str, arguments: &[&str]| {
        let printed = [&["daily-check", "--from", "demo", "--print-rbac"], arguments].concat();
        let role = format!("{user}-of-volumes");
        rig.apply("default", &sandbox.run(&printed).stdout.replace("kubectl-sre-daily-check", &role));
        let binding = format!("--clusterrole={role}");
        rig.kubectl(&["create", "clusterrolebinding", &role, &binding, &format!("--user={user}")]);
        let report = rig.report_as("admin", &[&["--as", user], arguments].concat());
        rig.kubectl(&["delete", &format!("clusterrolebinding/{role}"), &format!("clusterrole/{role}")]);
        let reads = report["coverage"]["reads"].as_array().expect("reads");
        (held(&report), reads.iter().filter(|read| read["detail"].is_string()).count())
    };
    let (with, without) = (as_printed("trusted", &wanted), as_printed("onlooker", &storage));
    rig.delete(&namespace.name, &volumes);
    assert_eq!(with, ((full, "read".to_owned()), 0));
    assert_eq!(without, ((Vec::new(), "not asked for".to_owned()), 0));
}

#[test]
fn the_cron_job_that_is_printed_leaves_its_report_in_the_log_of_its_pod() {
    let rig = Rig::with_node();
    rig.give_image("localhost/kubectl-sre:1", BINARY, &[]);
    let printed = Sandbox::new().run(&["daily-check", "--print-cronjob", "--image", "localhost/kubectl-sre:1"]).stdout;
    rig.apply("kubectl-sre", &printed);
    rig.kubectl(&["create", "job", "now", "--from=cronjob/kubectl-sre-daily-check", "-n", "kubectl-sre"]);
    let is_over = || {
        let ended = ["get", "job", "now", "-n", "kubectl-sre", "-o", "jsonpath={.status.succeeded}{.status.failed}"];
        (!rig.kubectl(&ended).is_empty()).then_some(())
    };
    let ended = eventually(120, is_over);
    let log = rig.kubectl(&["logs", "job/now", "-n", "kubectl-sre"]);
    rig.delete("kubectl-sre", &printed);
    assert!(ended.is_some(), "{log}");
    assert!(log.starts_with("daily-check  https://") && log.contains("checks found nothing"), "{log}");
    assert!(!log.contains("forbidden"), "its rights are too few: {log}");
}
