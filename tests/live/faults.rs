//! Every fault file of `tests/cluster/faults` is brought about, and its check must find it.

use super::rig::{Rig, eventually};
use kubectl_sre_daily_check::checks::CHECKS;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// Faults that are brought about side by side: each is mostly waiting for controllers.
const AT_ONCE: usize = 6;

/// A fault file: the check that must find what it brings about.
struct Fault {
    check: String,
    namespace: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn faults() -> Vec<Fault> {
    let files =
        fs::read_dir(root().join("tests/cluster/faults")).expect("the faults").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let has_check = |fault: &Fault| CHECKS.iter().any(|check| check.id == fault.check);
    // What takes longer than a test may wait is judged from its fixture; the list of checks says so.
    let is_quick = |fault: &Fault| !fault.text.lines().any(|line| line.starts_with("# slow: "));
    let mut faults: Vec<Fault> = files.map(fault).filter(has_check).filter(is_quick).collect();
    faults.sort_by(|a, b| a.check.cmp(&b.check));
    faults
}

fn fault(path: PathBuf) -> Fault {
    let check = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let namespace = format!("live-{}-{}", check.to_lowercase(), std::process::id());
    let text = fs::read_to_string(&path).expect("text").replace("NS", &namespace);
    Fault { check, namespace, text }
}

impl Fault {
    /// Faults that hurt the whole cluster say so, and get one of their own.
    fn is_shared(&self) -> bool {
        !self.text.lines().any(|line| line == "# cluster: own")
    }

    /// The program of the control plane that must not run.
    fn without(&self) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("# without: "))
    }

    fn bring_about(&self, rig: &Rig) {
        rig.kubectl(&["create", "namespace", &self.namespace]);
        self.script(rig, "--live");
    }

    /// Deletes what it made, cluster-scoped objects too, so that the cluster can be used again.
    fn forget(&self, rig: &Rig) {
        self.script(rig, "--forget");
    }

    fn script(&self, rig: &Rig, mode: &str) {
        let mut command = Command::new("python3");
        command.arg(root().join("tests/cluster/capture.py")).args([&self.check, mode, &self.namespace]);
        let output = command.env("KUBECONFIG", rig.kubeconfig("admin")).output().expect("python3 runs");
        assert!(output.status.success(), "{}: {}", self.check, String::from_utf8_lossy(&output.stderr));
    }

    /// Whether a report has a finding of the check about the fault's namespace or, for what is cluster-scoped, about
    /// an object that the fault file names.
    fn is_found(&self, report: &Value) -> bool {
        let findings = report["findings"].as_array().map_or(&[][..], Vec::as_slice);
        let is_ours = |object: &Value| {
            let name = object["name"].as_str().unwrap_or_default();
            match object["namespace"].as_str() {
                Some(namespace) if namespace == self.namespace => true,
                // An object of a system namespace that the file makes or breaks.
                Some(namespace) => self.text.contains(namespace) && !name.is_empty() && self.text.contains(name),
                None => name == self.namespace || (!name.is_empty() && self.text.contains(name)),
            }
        };
        findings.iter().any(|finding| {
            finding["check"] == self.check.as_str() && finding["severity"] != "unknown" && is_ours(&finding["object"])
        })
    }
}

/// Brings a fault about and looks until its check finds it: some states last only until a controller sees them,
/// and what an object lacks is not held against it in its first minute.
fn is_found_live(rig: &Rig, fault: &Fault) -> bool {
    fault.bring_about(rig);
    let section = CHECKS.iter().find(|check| check.id == fault.check).map(|check| check.section);
    // What is looked at only when asked for must be asked for.
    let unusual = section.filter(|section| !section.is_usual()).map(|section| ["--only", section.word()]);
    let arguments = unusual.as_ref().map_or(&[][..], |arguments| &arguments[..]);
    eventually(150, || fault.is_found(&rig.report_as("admin", arguments)).then_some(())).is_some()
}

/// The ids of the checks that did not find their faults.
fn missed(rig: &Rig, faults: &[&Fault]) -> Vec<String> {
    let waiting = Mutex::new(faults.iter());
    let missed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fault) = { waiting.lock().expect("no thread panicked").next() } {
                    if !is_found_live(rig, fault) {
                        missed.lock().expect("no thread panicked").push(fault.check.clone());
                    }
                }
            });
        }
    });
    missed.into_inner().expect("no thread panicked")
}

#[test]
fn every_fault_is_found_by_its_check() {
    let rig = Rig::shared();
    let all = faults();
    let shared: Vec<&Fault> = all.iter().filter(|fault| fault.is_shared()).collect();
    assert!(!shared.is_empty());
    let missed = missed(&rig, &shared);
    for fault in shared {
        fault.forget(&rig);
    }
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn every_fault_that_hurts_a_whole_cluster_is_found_by_its_check() {
    let all = faults();
    let mut own: Vec<&Fault> = all.iter().filter(|fault| !fault.is_shared()).collect();
    assert!(!own.is_empty());
    // What wants a program ended comes last: the others may need it.
    own.sort_by_key(|fault| fault.without().is_some());
    let rig = Rig::own();
    let mut missed = Vec::new();
    for fault in own {
        if let Some(program) = fault.without() {
            rig.end(program);
        }
        if !is_found_live(&rig, fault) {
            missed.push(fault.check.as_str());
        }
    }
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn a_placeholder_is_a_word_and_not_some_letters() {
    let program =
        "import capture; print(capture.fault_of('NET-33', 'shop')); print(capture.fault_of('NET-01', 'shop'))";
    let mut python = Command::new("python3");
    python.args(["-B", "-c", program]).env("PYTHONPATH", root().join("tests/cluster"));
    let output = python.output().expect("python3 runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("# Cluster DNS none") && !text.contains("Dshop"), "{text}");
    assert!(text.contains("shop") && !text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "NS"), "{text}");
}
