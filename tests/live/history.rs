//! Runs against the ones before them, on a real API server.

use super::rig::{Rig, eventually};
use crate::cli::{Ran, Sandbox};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

struct Mornings<'r> {
    rig: &'r Rig,
    home: Sandbox,
    namespace: String,
}

impl Mornings<'_> {
    fn run(&self, user: &str, more: &[&str]) -> Ran {
        let config = self.rig.kubeconfig(user);
        let all = ["daily-check", "--only", "quotas,workloads", "-n", &self.namespace, "--kubeconfig", &config];
        self.home.run(&[&all, more].concat())
    }

    fn report(&self, user: &str, more: &[&str]) -> Value {
        let ran = self.run(user, &[&["-o", "json"], more].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
    }

    fn has_finding(&self) -> bool {
        self.run("viewer", &["--baseline", "none"]).stdout.contains("CFG-14")
    }
}

fn quota(report: &Value) -> &Value {
    let mut findings = report["findings"].as_array().expect("findings").iter();
    findings.find(|finding| finding["check"] == "CFG-14").expect("the quota")
}

#[test]
fn a_finding_is_new_then_open_then_fixed_and_what_nobody_looked_at_is_not_fixed() {
    let rig = Rig::shared();
    let namespace = rig.namespace("mornings");
    let mornings = Mornings { rig: &rig, home: Sandbox::new(), namespace: namespace.name.clone() };
    let name = namespace.name.as_str();

    rig.kubectl(&["create", "deployment", "web", "--image", "nginx:1", "--replicas", "0", "-n", name]);
    let first = mornings.report("viewer", &[]);
    assert_eq!(first["comparison"], Value::Null, "there is nothing to compare with");

    rig.kubectl(&["create", "quota", "all", "--hard=count/configmaps=1", "-n", name]);
    assert!(eventually(60, || mornings.has_finding().then_some(())).is_some(), "no finding");
    let second = mornings.run("viewer", &[]);
    assert!(second.stdout.contains("1 finding new or worse since "), "{}", second.stdout);
    let third = mornings.report("viewer", &[]);
    assert_eq!(quota(&third)["status"], "open", "{third:#}");
    assert!(quota(&third)["firstSeen"].as_str() <= third["source"]["takenAt"].as_str());
    assert_eq!(quota(&third)["firstSeen"], third["comparison"]["takenAt"]);

    rig.kubectl(&["delete", "quota/all", "deployment/web", "-n", name]);
    let half = ["create", "clusterrole", "half", "--verb=get,list", "--resource=namespaces,pods,deployments.apps"];
    rig.kubectl(&half);
    rig.kubectl(&["create", "clusterrolebinding", "half", "--clusterrole=half", "--user=half"]);
    let blind = mornings.report("admin", &["--as", "half"]);
    rig.kubectl(&["delete", "clusterrole/half", "clusterrolebinding/half"]);
    assert_eq!(blind["comparison"]["fixed"], Value::from(Vec::<Value>::new()), "{blind:#}");
    assert_eq!(blind["comparison"]["notLookedAt"][0]["check"], "CFG-14");

    let history: Value =
        serde_json::from_str(&mornings.home.run(&["daily-check", "history", "-o", "json"]).stdout).expect("JSON");
    let runs = history["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 4, "those that compare with nothing are not kept: {history:#}");
    let before = runs[1]["id"].as_str().expect("an id");
    let fixed = mornings.report("viewer", &["--baseline", before]);
    assert_eq!(fixed["comparison"]["fixed"][0]["check"], "CFG-14", "{fixed:#}");
    assert_eq!(fixed["comparison"]["disappeared"][0]["name"], "web");
}

#[test]
fn a_run_that_cannot_be_kept_has_its_report_and_says_so() {
    let rig = Rig::shared();
    let namespace = rig.namespace("unkept");
    let mornings = Mornings { rig: &rig, home: Sandbox::new(), namespace: namespace.name.clone() };
    mornings.home.write(".local/state", "a file where a folder should be");
    let ran = mornings.run("viewer", &[]);
    assert_eq!(ran.code, 70, "{}", ran.stderr);
    assert!(ran.stdout.contains("daily-check") && ran.stderr.contains(".local/state/kubectl-sre"), "{}", ran.stderr);
    let ran = mornings.run("viewer", &["--baseline", "none"]);
    assert_ne!(ran.code, 70, "{}", ran.stderr);
}

#[test]
fn what_is_kept_is_for_nobody_else() {
    let rig = Rig::shared();
    let namespace = rig.namespace("private");
    let mornings = Mornings { rig: &rig, home: Sandbox::new(), namespace: namespace.name.clone() };
    assert_ne!(mornings.run("viewer", &[]).code, 70);
    let folder = mornings.home.path(".local/state/kubectl-sre");
    let mode = std::fs::metadata(folder).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_kept_run_that_cannot_be_read_spoils_nothing() {
    let rig = Rig::shared();
    let namespace = rig.namespace("unreadable");
    let mornings = Mornings { rig: &rig, home: Sandbox::new(), namespace: namespace.name.clone() };
    let first = mornings.run("viewer", &[]);
    let folder = mornings.home.path(".local/state/kubectl-sre/daily-check");
    let only = |folder: std::path::PathBuf| {
        let mut entries = std::fs::read_dir(folder).expect("a folder");
        entries.next().expect("an entry").expect("it is there").path()
    };
    let run = only(only(only(folder)));
    std::fs::write(run.with_file_name("20260101T000000Z-1.json"), "{").expect("a file");
    let second = mornings.run("viewer", &[]);
    assert_eq!(second.code, first.code, "{}", second.stderr);
    assert!(second.stderr.contains("20260101T000000Z-1.json"), "{}", second.stderr);
}
