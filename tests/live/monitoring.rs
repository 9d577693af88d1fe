//! A real Prometheus, a real Alertmanager and health endpoints: what they say is in the report, and in its archive.

use super::rig::{Rig, cluster_file, eventually};
use crate::cli::Sandbox;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Started by `tests/cluster/monitoring.py`, and ended with the test.
pub struct Monitoring<'a> {
    rig: &'a Rig,
    directory: PathBuf,
}

impl<'a> Monitoring<'a> {
    /// Starts it where a control plane is, at an address of it.
    pub fn start(rig: &'a Rig, address: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory").keep();
        let monitoring = Self { rig, directory };
        monitoring.script(&["up"], &[address]);
        monitoring
    }

    fn script(&self, before: &[&str], after: &[&str]) {
        let mut command = self.rig.command("python3");
        let output = command.arg(cluster_file("monitoring.py")).args(before).arg(&self.directory).args(after).output();
        let output = output.expect("python3 runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The profile that names everything.
    pub fn profile(&self) -> String {
        self.directory.join("profile.yaml").to_string_lossy().into_owned()
    }

    /// The port of one of its programs.
    pub fn port(&self, program: &str) -> String {
        fs::read_to_string(self.directory.join(format!("{program}.port"))).expect("a port")
    }

    fn end(&self, program: &str) {
        self.script(&["end"], &[program]);
    }
}

impl Drop for Monitoring<'_> {
    fn drop(&mut self) {
        self.script(&["down"], &[]);
    }
}

/// The check and the object of everything that a report warns of and that is about the shop that is measured.
fn told(report: &Value) -> BTreeSet<String> {
    const CHECKS: [&str; 10] =
        ["ALT-01", "ALT-02", "ALT-03", "SLO-01", "SLO-02", "HLT-01", "STO-09", "POD-45", "CTL-03", "CTL-06"];
    let findings = report["findings"].as_array().expect("findings").iter();
    let ours = findings.filter(|finding| CHECKS.iter().any(|check| finding["check"] == *check));
    ours.map(|finding| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text(&finding["check"]), text(&finding["severity"]), text(&finding["object"]["name"]))
    })
    .collect()
}

const WANTED: [&str; 14] = [
    "ALT-01 critical CheckoutIsDown",
    "ALT-01 warning CartIsSlow",
    "ALT-03 info QueueGrows",
    "CTL-03 warning *",
    "CTL-06 warning shop",
    "HLT-01 critical backend",
    "HLT-01 critical gone",
    "HLT-01 warning assistant",
    "POD-45 warning web-1",
    "SLO-01 critical checkout",
    "SLO-02 critical checkout",
    "STO-09 critical data-grows",
    "STO-09 critical data-inodes",
    "STO-09 warning data-full",
];

#[test]
fn what_is_measured_and_what_fires_is_told_and_kept() {
    let rig = Rig::shared();
    let monitoring = Monitoring::start(&rig, "127.0.0.1");
    let profile = monitoring.profile();
    let report = rig.report_as("viewer", &["--profile", &profile]);
    assert_eq!(told(&report), WANTED.map(str::to_owned).into(), "{report:#}");
    let panels: Vec<&str> =
        report["panels"].as_array().expect("panels").iter().filter_map(|it| it["id"].as_str()).collect();
    assert!(panels.contains(&"alerts") && panels.contains(&"slo"), "{panels:?}");

    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("viewer");
    let typed = ["daily-check", "--profile", &profile, "--baseline", "none", "-o"];
    for (format, name) in [("text", "a.tar.zst"), ("json", "folder")] {
        let live = sandbox.run(&[&typed[..], &[format, "--kubeconfig", &config, "--save", name]].concat());
        let again = sandbox.run(&[&typed[..], &[format, "--from", name]].concat());
        assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}", again.stderr);
        assert!(live.stdout.contains("is silenced by on-call until "), "{}", live.stdout);
    }
    // Without the profile that named them, nothing of it was asked.
    let without = sandbox.run(&["daily-check", "--from", "folder", "-o", "json"]);
    let without: Value = serde_json::from_str(&without.stdout).expect("JSON");
    assert_eq!(told(&without), BTreeSet::new());
}

#[test]
fn who_does_not_answer_is_a_gap_and_never_fine() {
    let rig = Rig::shared();
    let monitoring = Monitoring::start(&rig, "127.0.0.1");
    let profile = monitoring.profile();
    monitoring.end("alertmanager");
    let report = rig.report_as("viewer", &["--profile", &profile]);
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    let gap = reads.iter().find(|read| read["what"] == "Alertmanager").expect("a line");
    assert_eq!(gap["state"], "API unavailable", "{gap:#}");
    let unknown = told(&report).into_iter().filter(|it| it.contains(" unknown ")).collect::<Vec<_>>();
    assert_eq!(unknown, ["ALT-01 unknown *", "ALT-02 unknown *"]);
}

/// Finds it by its Service, and asks through the API server, whose proxy leads only to what a pod stands for: one in the
/// network of the node does, whose address they listen on.
pub fn is_found_in_the_cluster(rig: &Rig, address: &str) {
    let monitoring = Monitoring::start(rig, address);
    let namespace = rig.namespace("monitoring");
    let place = "apiVersion: v1\nkind: Pod\nmetadata: {name: place, labels: {app: place}}\nspec:\n  hostNetwork: true\n  \
                 containers: [{name: place, image: 'localhost/busybox:1', command: [sleep, infinity]}]\n";
    rig.apply(&namespace.name, place);
    let known = [("prometheus", "prometheus-operated", 9090), ("alertmanager", "alertmanager-operated", 9093)];
    for (program, service, port) in known {
        let own = monitoring.port(program);
        let ports = format!("ports: [{{name: web, port: {port}, targetPort: {own}}}]");
        let yaml = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {service}}}\nspec: {{selector: {{app: place}}, {ports}}}\n"
        );
        rig.apply(&namespace.name, &yaml);
    }
    rig.kubectl(&["wait", "pod/place", "-n", &namespace.name, "--for=condition=Ready", "--timeout=60s"]);
    let wanted = ["ALT-01 critical CheckoutIsDown", "STO-09 warning data-full"];
    let mut report = Value::Null;
    let found = eventually(60, || {
        report = rig.report_as("admin", &[]);
        wanted.iter().all(|it| told(&report).contains(*it)).then_some(())
    });
    assert!(found.is_some(), "{:#?} {:#}", told(&report), report["coverage"]);
    // The printed role names these Services; who has less has a gap, and the reason.
    rig.apply("default", &Sandbox::new().run(&["daily-check", "--from", "demo", "--print-rbac"]).stdout);
    for (user, role) in [("asker", "kubectl-sre-daily-check"), ("onlooker", "view")] {
        rig.kubectl(&[
            "create",
            "clusterrolebinding",
            user,
            &format!("--clusterrole={role}"),
            &format!("--user={user}"),
        ]);
    }
    let report = rig.report_as("admin", &["--as", "asker"]);
    let onlooker = rig.run_as("admin", &["daily-check", "--as", "onlooker"]);
    rig.kubectl(&[
        "delete",
        "clusterrolebinding/asker",
        "clusterrolebinding/onlooker",
        "clusterrole/kubectl-sre-daily-check",
    ]);
    assert!(wanted.iter().all(|it| told(&report).contains(*it)), "{:#?} {:#}", told(&report), report["coverage"]);
    assert!(onlooker.stdout.contains("services/proxy"), "{}", onlooker.stdout);
}
