//! Every fault file of `tests/cluster/faults` is brought about, and its check, and no other, must find it.

use super::rig::{Rig, eventually, leading, programs};
use crate::cli::BINARY;
use kubectl_sre_daily_check::checks::CHECKS;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

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

    /// What to ask for: a section that is looked at only when it is named, and there of its own namespace only, for
    /// what many workloads have in common is told once for all.
    fn asked(&self) -> Vec<&str> {
        let section = CHECKS.iter().find(|check| check.id == self.check).map(|check| check.section);
        let named = section.filter(|section| !section.is_usual());
        named.map_or_else(Vec::new, |section| vec!["--only", section.word(), "-n", &self.namespace])
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

    /// Whether an object is in the fault's namespace or, for what is elsewhere, one that the fault file names.
    fn is_ours(&self, object: &Value) -> bool {
        let name = object["name"].as_str().unwrap_or_default();
        match object["namespace"].as_str() {
            Some(namespace) if namespace == self.namespace => true,
            // An object of a system namespace that the file makes or breaks.
            Some(namespace) => self.text.contains(namespace) && !name.is_empty() && self.text.contains(name),
            // What stands for all objects of a kind is of no fault alone.
            None if name == "*" => false,
            None => name == self.namespace || (!name.is_empty() && self.text.contains(name)),
        }
    }

    /// Whether a report has a finding of the check about the fault.
    fn is_found(&self, report: &Value) -> bool {
        let findings = report["findings"].as_array().map_or(&[][..], Vec::as_slice);
        findings.iter().any(|finding| {
            finding["check"] == self.check.as_str()
                && finding["severity"] != "unknown"
                && (self.is_ours(&finding["object"]) || finding["object"]["name"] == "*")
        })
    }

    /// What a report warns of besides: no cause explains it, and the fault file does not say why it must be so.
    fn surplus(&self, report: &Value) -> Vec<String> {
        let also = self.text.lines().filter_map(|line| line.strip_prefix("# also: ")?.split(' ').next());
        let expected: Vec<&str> = also.chain([self.check.as_str()]).collect();
        let warned =
            leading(report).into_iter().filter(|it| it["severity"] == "critical" || it["severity"] == "warning");
        // Events that pile up are of all faults together, and so is what pods of all faults show on the healthy nodes.
        let is_shared = |object: &Value| {
            let is_healthy_node = object["name"].as_str().is_some_and(|name| name.starts_with("node-0"));
            object["kind"] == "Event" || (object["kind"] == "Node" && is_healthy_node)
        };
        let ours = warned.filter(|it| !is_shared(&it["object"]) && self.is_ours(&it["object"]));
        let others = ours.filter(|finding| expected.iter().all(|check| finding["check"] != *check));
        others.map(|it| format!("{}: {} {} {}", self.check, it["check"], it["object"], it["title"])).collect()
    }
}

/// How long the check of a fault may take to find it: some states last only until a controller sees them, and what an
/// object lacks is not held against it in its first minute.
const PATIENCE: Duration = Duration::from_secs(150);

/// Brings a fault about and looks until its check finds it.
fn is_found_live(rig: &Rig, fault: &Fault) -> bool {
    fault.bring_about(rig);
    let asked = fault.asked();
    eventually(PATIENCE.as_secs(), || fault.is_found(&rig.report_as("admin", &asked)).then_some(())).is_some()
}

/// The ids of the checks that did not find their faults. One report after the other is held against all that are
/// waited for: a report for each of them would keep the machine busy with reports.
fn missed(rig: &Rig, faults: &[&Fault]) -> Vec<String> {
    let (apart, together): (Vec<&Fault>, Vec<&Fault>) = faults.iter().partition(|fault| !fault.asked().is_empty());
    let to_bring = Mutex::new(together.iter().copied());
    let waited_for = Mutex::new(Vec::new());
    let mut missed = thread::scope(|scope| {
        let bring = || {
            while let Some(fault) = { to_bring.lock().expect("no thread panicked").next() } {
                fault.bring_about(rig);
                waited_for.lock().expect("no thread panicked").push((fault, Instant::now()));
            }
        };
        let bringers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(bring)).collect();
        let mut missed = Vec::new();
        loop {
            let all_are_brought = bringers.iter().all(|bringer| bringer.is_finished());
            let report = rig.report_as("admin", &[]);
            let mut waited_for = waited_for.lock().expect("no thread panicked");
            waited_for.retain(|(fault, since)| {
                let is_late = since.elapsed() > PATIENCE;
                let is_found = fault.is_found(&report);
                missed.extend((is_late && !is_found).then(|| fault.check.clone()));
                !is_found && !is_late
            });
            if all_are_brought && waited_for.is_empty() {
                return missed;
            }
        }
    });
    missed.extend(apart.into_iter().filter(|fault| !is_found_live(rig, fault)).map(|fault| fault.check.clone()));
    missed
}

/// What is warned of besides the faults, once the controllers are done.
fn surplus(rig: &Rig, faults: &[&Fault]) -> Vec<String> {
    let mut surplus = Vec::new();
    eventually(60, || {
        let report = rig.report_as("admin", &[]);
        surplus = faults.iter().flat_map(|fault| fault.surplus(&report)).collect();
        surplus.is_empty().then_some(())
    });
    surplus
}

/// The changes that a report proposes for the faults and that the server would not take.
fn refused(rig: &Rig, faults: &[&Fault]) -> Vec<String> {
    let report = rig.report_as("admin", &[]);
    let findings = report["findings"].as_array().expect("findings").iter();
    let ours = findings.filter(|finding| faults.iter().any(|fault| fault.is_ours(&finding["object"])));
    let remedies = ours.flat_map(|finding| finding["remedies"].as_array().expect("remedies"));
    let changes = remedies.filter(|remedy| remedy["changes"] == true).filter_map(|remedy| remedy["command"].as_str());
    let changes: BTreeSet<&str> = changes.collect();
    assert!(changes.len() > 10, "only {} changes", changes.len());
    // kubectl finds the suite where it looks for plugins.
    let suite = Path::new(BINARY).parent().expect("a directory");
    let path = format!("{}:{}:/usr/bin:/bin", programs().display(), suite.display());
    let tried = changes.into_iter().filter_map(|command| {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).env("PATH", &path).env("KUBECONFIG", rig.kubeconfig("admin"));
        let output = shell.output().expect("sh runs");
        (!output.status.success()).then(|| format!("{command}: {}", String::from_utf8_lossy(&output.stderr)))
    });
    tried.collect()
}

#[test]
fn every_fault_is_found_by_its_check_and_by_no_other() {
    let rig = Rig::shared();
    let all = faults();
    let shared: Vec<&Fault> = all.iter().filter(|fault| fault.is_shared()).collect();
    assert!(!shared.is_empty());
    let missed = missed(&rig, &shared);
    // Nothing of them shall be too young to be judged.
    thread::sleep(Duration::from_secs(65));
    let surplus = surplus(&rig, &shared);
    let refused = refused(&rig, &shared);
    for fault in shared {
        fault.forget(&rig);
    }
    assert_eq!((missed, surplus, refused), Default::default());
}

#[test]
fn every_fault_that_hurts_a_whole_cluster_is_found_by_its_check_and_by_no_other() {
    let all = faults();
    let mut own: Vec<&Fault> = all.iter().filter(|fault| !fault.is_shared()).collect();
    assert!(!own.is_empty());
    // What wants a program ended comes last: the others may need it.
    own.sort_by_key(|fault| fault.without().is_some());
    let rig = Rig::own();
    let (mut missed, mut others) = (Vec::new(), Vec::new());
    for fault in own {
        if let Some(program) = fault.without() {
            rig.end(program);
        }
        if !is_found_live(&rig, fault) {
            missed.push(fault.check.as_str());
        }
        others.extend(surplus(&rig, &[fault]));
    }
    assert_eq!((missed, others), Default::default());
}

/// A pod that fails by itself would make a node of another fault look ill.
#[test]
fn no_node_of_a_fault_takes_pods_of_another() {
    let nodes = |fault: &Fault| {
        let documents = fault.text.split("\n---\n").map(str::to_owned).collect::<Vec<_>>().into_iter();
        documents.filter(|it| it.lines().any(|line| line == "kind: Node")).collect::<Vec<_>>()
    };
    let nodes: Vec<(String, String)> =
        faults().iter().flat_map(|fault| nodes(fault).into_iter().map(|it| (fault.check.clone(), it))).collect();
    assert!(nodes.len() > 20, "{}", nodes.len());
    let open = nodes.into_iter().filter(|(_, node)| !node.contains("taints: [{key: "));
    assert_eq!(open.map(|(check, _)| check).collect::<Vec<_>>(), Vec::<String>::new());
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
