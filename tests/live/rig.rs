//! The control plane that `tests/run.sh` started or was given, and what tests do with it.

use crate::cli::{BINARY, Ran, Sandbox};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A control plane: the one that the tests of a run share, or one of a test's own.
pub struct Rig {
    directory: PathBuf,
    /// The network namespace that it is in, when it can be reached from nowhere else.
    network: Option<PathBuf>,
    ends: Ends,
}

/// What becomes of a control plane when its test is over.
#[derive(PartialEq)]
enum Ends {
    /// Others use it.
    Never,
    /// It goes with the test.
    WithTheTest,
}

/// A namespace of one test; it is deleted when the test ends, without waiting.
pub struct TestNamespace<'a> {
    rig: &'a Rig,
    pub name: String,
}

/// One line of the API server's audit log.
pub struct AuditEvent {
    pub verb: String,
    pub user_agent: String,
    /// Who asked; who was meant, where somebody was impersonated.
    pub user: String,
    /// Plural of the kind, empty for paths that are no objects.
    pub resource: String,
    /// The part of an object, empty for the whole.
    pub subresource: String,
    /// The path with its query.
    pub uri: String,
}

impl Rig {
    /// Finds it; a test that needs it fails without it, for a silent skip would say "fine" without looking.
    pub fn shared() -> Self {
        let directory = std::env::var_os("SRE_TEST_RIG")
            .expect("start the tests with tests/run.sh, or leave these out with --no-cluster");
        Self { directory: directory.into(), network: None, ends: Ends::Never }
    }

    /// Finds the one that has a real node: kubelet, container runtime and all.
    pub fn with_node() -> Self {
        let directory = std::env::var_os("SRE_TEST_NODE")
            .expect("start the tests with tests/run.sh, or name the DIR of tests/cluster/node/node.sh up DIR");
        let directory = PathBuf::from(directory);
        Self { network: Some(directory.join("node/network")), directory, ends: Ends::Never }
    }

    /// Starts one for a test that hurts the whole cluster; it ends with the test.
    pub fn own() -> Self {
        let rig = Self::started(&[]);
        let nodes = Command::new("python3").arg(cluster_file("nodes.py")).arg("3").output().expect("python3 runs");
        // Kubelets newer than an older server would be a fault.
        rig.apply("default", &String::from_utf8_lossy(&nodes.stdout).replace("v1.36.4", &rig.version()));
        rig
    }

    /// Starts one that `fill.py` has filled with healthy workloads: 1,000 pods on 100 nodes, as the benchmark has them.
    pub fn filled() -> Self {
        let made = Command::new("bash").arg(cluster_file("fixture.sh")).args(["small", "100", "40", "25"]).output();
        let made = made.expect("bash runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self::started(&["--from", String::from_utf8_lossy(&made.stdout).trim()])
    }

    /// Starts one that ends with its test.
    fn started(options: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory").keep();
        let rig = Self { directory, network: None, ends: Ends::WithTheTest };
        let output = rig.script(&["up"], options);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        rig
    }

    /// Places so many faults of different classes at random, and gives what a report must name.
    pub fn place(&self, seed: u32, count: usize) -> Vec<Value> {
        let mut command = Command::new("python3");
        command.arg(cluster_file("place.py")).arg(programs().join("kubectl")).arg(self.kubeconfig("admin"));
        let placed = command.args([seed.to_string(), count.to_string()]).output().expect("python3 runs");
        assert!(placed.status.success(), "{}", String::from_utf8_lossy(&placed.stderr));
        serde_json::from_slice(&placed.stdout).expect("what was placed")
    }

    fn script(&self, before: &[&str], after: &[&str]) -> std::process::Output {
        let script = cluster_file("rig.sh");
        let mut command = Command::new("bash");
        command.arg(script).args(before).arg(&self.directory).args(after);
        command.output().expect("bash runs")
    }

    /// Ends one of its programs, by its process id.
    pub fn end(&self, program: &str) {
        let id = fs::read_to_string(self.directory.join(format!("{program}.pid"))).expect("its process id");
        let ended = Command::new("kill").args(["-KILL", id.trim()]).status().expect("kill runs");
        assert!(ended.success(), "{program} was not running");
    }

    /// Starts one of its programs again that was ended, and waits until the API server is ready.
    pub fn start_again(&self, program: &str) {
        let output = self.script(&["again"], &[program]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let ready =
            || self.kubectl_command(&["get", "--raw", "/readyz"]).output().expect("kubectl runs").status.success();
        eventually(60, || ready().then_some(())).expect("the API server is ready");
    }

    /// Deletes a namespace without waiting, and then its pods, which no controller replaces any more: those of a node
    /// without a kubelet would hold it for ever.
    fn forget(&self, namespace: &str) {
        let pods = ["delete", "pods", "--all", "-n", namespace, "--force", "--grace-period=0"];
        for arguments in [&["delete", "namespace", namespace, "--wait=false", "--ignore-not-found"], &pods[..]] {
            // A cluster that is gone needs no tidying.
            let _ = self.kubectl_command(arguments).output();
        }
    }

    /// The kubeconfig of one of its users.
    pub fn kubeconfig(&self, user: &str) -> String {
        self.directory.join(format!("{user}.conf")).to_string_lossy().into_owned()
    }

    /// Runs kubectl as admin; it must succeed.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let output = self.kubectl_command(arguments).output().expect("kubectl runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {}: {said}", arguments.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs kubectl as admin, which must not succeed, for what it says then.
    pub fn kubectl_fails(&self, arguments: &[&str]) -> String {
        let output = self.kubectl_command(arguments).output().expect("kubectl runs");
        assert!(!output.status.success(), "kubectl {} succeeded", arguments.join(" "));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// The version of the API server, with its `v`.
    fn version(&self) -> String {
        let answer: Value = serde_json::from_str(&self.kubectl(&["version", "-o", "json"])).expect("versions");
        answer["serverVersion"]["gitVersion"].as_str().expect("the server's version").to_owned()
    }

    fn kubectl_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(programs().join("kubectl"));
        command.arg("--kubeconfig").arg(self.kubeconfig("admin")).args(arguments);
        command
    }

    /// A program, started where the control plane can be reached.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let Some(network) = &self.network else {
            return Command::new(program);
        };
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", network.display())).arg(program);
        command
    }

    /// Gives the real node an image of a program; with a shell, and these programs and folders, where some are named.
    pub fn give_image(&self, name: &str, program: &str, more: &[&str]) {
        let script = cluster_file("node/image.sh");
        let mut command = Command::new("bash");
        let done = command.arg(script).arg(&self.directory).args([name, program]).args(more).output().expect("bash");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Applies objects in a namespace.
    pub fn apply(&self, namespace: &str, yaml: &str) {
        self.feed(&["apply", "-n", namespace, "-f", "-"], yaml);
    }

    /// Installs the real definitions of a set of kinds of `tests/cluster/kinds.txt`, `istio` for example; whoever brings
    /// them does not run here.
    pub fn kinds(&self, set: &str) {
        let file = programs().with_file_name("share/kinds").join(format!("{set}.yaml"));
        let file = file.to_string_lossy();
        self.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", &file]);
        // One that the server has not looked at yet has no conditions, which kubectl takes for a mistake.
        let wait = ["wait", "--for=condition=Established", "--timeout=60s", "-f", &file];
        let is_served = || self.kubectl_command(&wait).output().expect("kubectl runs").status.success();
        eventually(60, || is_served().then_some(())).expect("the kinds are served");
    }

    /// Deletes objects again, cluster-scoped ones too, without waiting.
    pub fn delete(&self, namespace: &str, yaml: &str) {
        self.feed(&["delete", "-n", namespace, "--ignore-not-found", "--wait=false", "-f", "-"], yaml);
    }

    fn feed(&self, arguments: &[&str], yaml: &str) {
        let mut command = self.kubectl_command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("kubectl");
        child.stdin.take().expect("stdin").write_all(yaml.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("kubectl ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A namespace for a test, with a name that no earlier run has used.
    pub fn namespace(&self, name: &str) -> TestNamespace<'_> {
        let name = format!("{name}-{}", std::process::id());
        self.kubectl(&["create", "namespace", &name]);
        TestNamespace { rig: self, name }
    }

    /// Runs the binary as a user of the control plane.
    pub fn run_as(&self, user: &str, arguments: &[&str]) -> Ran {
        let sandbox = Sandbox::new();
        let config = self.kubeconfig(user);
        let arguments = [arguments, &["--kubeconfig", &config]].concat();
        Ran::of(sandbox.prepared(self.command(BINARY), &arguments).output().expect("the binary runs"))
    }

    /// The report of a run as a user.
    pub fn report_as(&self, user: &str, arguments: &[&str]) -> Value {
        let ran = self.run_as(user, &[&["daily-check", "-o", "json"], arguments].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
    }

    /// What the API server logged of programs whose User-Agent holds a text.
    pub fn audit(&self, user_agent: &str) -> Vec<AuditEvent> {
        let log = fs::read_to_string(self.directory.join("audit.log")).expect("an audit log");
        let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let text = |event: &Value, field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let events = events.map(|event| AuditEvent {
            verb: text(&event, "verb"),
            user_agent: text(&event, "userAgent"),
            user: text(
                if event["impersonatedUser"].is_null() { &event["user"] } else { &event["impersonatedUser"] },
                "username",
            ),
            resource: text(&event["objectRef"], "resource"),
            subresource: text(&event["objectRef"], "subresource"),
            uri: text(&event, "requestURI"),
        });
        events.filter(|event| event.user_agent.contains(user_agent)).collect()
    }
}

impl Drop for TestNamespace<'_> {
    fn drop(&mut self) {
        self.rig.forget(&self.name);
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if self.ends == Ends::WithTheTest {
            self.script(&["down"], &[]);
        }
    }
}

/// A file of the folder that a control plane is made from.
pub fn cluster_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster").join(name)
}

/// Where the programs of the control plane are.
pub fn programs() -> PathBuf {
    let cache = || std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    std::env::var_os("SRE_RIG").map_or_else(|| cache().join("kubectl-sre-rig"), PathBuf::from).join("bin")
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).expect("a home directory")
}

/// What a report leads with: the findings that no other explains. That a server gets no fixes any more is said by the
/// calendar, whatever a test brings about.
pub fn leading(report: &Value) -> Vec<&Value> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let of_tests = findings.filter(|finding| finding["check"] != "GAP-20");
    of_tests.filter(|finding| finding["causedBy"].as_array().is_some_and(Vec::is_empty)).collect()
}

/// Waits until what is written now has another time than what was written before: times of the server have seconds.
pub fn next_second() {
    std::thread::sleep(Duration::from_millis(1100));
}

/// Polls until something is there, for so many seconds.
pub fn eventually<T>(seconds: u64, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}
