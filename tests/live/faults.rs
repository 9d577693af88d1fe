//! Every fault file of `tests/cluster/faults` is brought about, and its check must find it.

use super::rig::{Rig, TestNamespace, eventually};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A fault file: objects, steps, and the check that must find what they bring about.
struct Fault {
    check: String,
    namespace: String,
    text: String,
}

impl Fault {
    /// Comment lines `# WORD: ...` steer a fault; `tests/cluster/capture.py` describes them.
    fn directives(&self, word: &str) -> Vec<String> {
        let prefix = format!("# {word}: ");
        self.text.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
    }

    /// Faults that hurt the whole cluster have a control plane of their own elsewhere.
    fn is_shared(&self) -> bool {
        self.directives("cluster").is_empty()
    }
}

fn faults() -> Vec<Fault> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/faults");
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder).expect("the faults") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let namespace = format!("live-{}-{}", name.to_lowercase(), std::process::id());
            let text = fs::read_to_string(&path).expect("text").replace("NS", &namespace);
            faults.push(Fault { check: name, namespace, text });
        }
    }
    faults.sort_by(|a, b| a.check.cmp(&b.check));
    faults.into_iter().filter(Fault::is_shared).collect()
}

fn shell_words(line: &str) -> Vec<String> {
    let output = Command::new("python3")
        .args(["-c", "import shlex,sys\nprint('\\n'.join(shlex.split(sys.argv[1])))", line])
        .output();
    let output = output.expect("python3 runs");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn wait_for(rig: &Rig, condition: &str) {
    let (command, wanted) = condition.split_once(" => ").unwrap_or((condition, ""));
    let words = [vec!["get".to_owned()], shell_words(command)].concat();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let came = eventually(120, || {
        let output = Command::new(super::rig::programs().join("kubectl"))
            .args(["--kubeconfig", &rig.kubeconfig("admin")])
            .args(&words)
            .output()
            .expect("kubectl runs");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        (!shown.is_empty() && shown.contains(wanted.trim())).then_some(())
    });
    assert!(came.is_some(), "never came true: {condition}");
}

fn bring_about(rig: &Rig, fault: &Fault) {
    for condition in fault.directives("wait") {
        wait_for(rig, &condition);
    }
    for step in fault.directives("run") {
        let words = shell_words(&step);
        rig.kubectl(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for condition in fault.directives("settle") {
        wait_for(rig, &condition);
    }
}

/// Whether a report has a finding of the check about the fault's namespace or, for what is cluster-scoped, about an
/// object that the fault file names.
fn finds(report: &Value, fault: &Fault) -> bool {
    let findings = report["findings"].as_array().map_or(&[][..], Vec::as_slice);
    findings.iter().any(|finding| {
        let object = &finding["object"];
        let named = |name: &str| !name.is_empty() && fault.text.contains(name);
        finding["check"] == fault.check.as_str()
            && finding["severity"] != "unknown"
            && match object["namespace"].as_str() {
                Some(namespace) => namespace == fault.namespace,
                None => {
                    object["name"] == fault.namespace.as_str() || named(object["name"].as_str().unwrap_or_default())
                }
            }
    })
}

#[test]
fn every_fault_is_found_by_its_check() {
    let rig = Rig::shared();
    let faults = faults();
    assert!(!faults.is_empty());
    let namespaces: Vec<TestNamespace<'_>> = faults.iter().map(|fault| rig.own(&fault.namespace)).collect();
    for fault in &faults {
        rig.apply(&fault.namespace, &fault.text);
    }
    for fault in &faults {
        bring_about(&rig, fault);
    }
    let mut missing: BTreeMap<&str, &Fault> = faults.iter().map(|fault| (fault.check.as_str(), fault)).collect();
    let all = eventually(120, || {
        let report = rig.report_as("viewer", &[]);
        missing.retain(|_, fault| !finds(&report, fault));
        missing.is_empty().then_some(())
    });
    let names: Vec<&&str> = missing.keys().collect();
    assert!(all.is_some(), "not found by their checks: {names:?}");
    drop(namespaces);
}
