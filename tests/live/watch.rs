//! `--watch`: what happens in a real cluster is told within seconds, whatever becomes of the way to it.

use super::rig::{Rig, eventually};
use crate::cli::Sandbox;
use serde_json::Value;
use sre_testkit::proxy::{Fault, Proxy, Trouble};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SERVICES: &str = "/api/v1/services";
const WATCH: &str = "/api/v1/services?watch";

/// What is brought about: a Service that selects no pod. Only the API server is needed for it.
const CHECK: &str = "NET-03";

/// Longer than it takes to tell what an undisturbed watch has heard.
const SOON: u64 = 15;

const ILL: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}], selector: {app: web}}\n";
const WELL: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A run that watches; it is ended when the test ends.
pub struct Watcher {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    _home: Sandbox,
}

impl Watcher {
    pub fn start(arguments: &[&str]) -> Self {
        let home = Sandbox::new();
        let arguments = [&["daily-check", "--watch", "--baseline", "none"], arguments].concat();
        let mut child = home.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (heard, stdout) = (Arc::clone(&lines), child.stdout.take().expect("a pipe"));
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                heard.lock().expect("no panic while held").push(line);
            }
        });
        Self { child, lines, _home: home }
    }

    /// Watches Services and what belongs to them, as JSON, and waits until the watches are open.
    fn through(proxy: &Proxy) -> Self {
        let watcher = Self::start(&["-o", "json", "--only", "services", "--server", proxy.url()]);
        eventually(60, || (watcher.lines().len() == 1).then_some(())).expect("the report");
        watcher
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic while held").clone()
    }

    /// The documents after the report.
    fn changes(&self) -> Vec<Value> {
        self.lines()[1..].iter().map(|line| serde_json::from_str(line).expect("one document a line")).collect()
    }

    /// What was told in one namespace, in its order: `new`, `fixed` ...
    fn told(&self, namespace: &str) -> Vec<String> {
        self.told_of(CHECK, namespace)
    }

    /// The same of another check.
    pub fn told_of(&self, check: &str, namespace: &str) -> Vec<String> {
        let is_it = |finding: &Value| finding["check"] == check && finding["object"]["namespace"] == namespace;
        let of_one = |change: &Value| {
            let list = |field: &str| change[field].as_array().expect("a list").clone();
            let news = list("findings").into_iter().filter(|it| is_it(&it["finding"]));
            let news = news.map(|it| it["change"].as_str().expect("a word").to_owned());
            let fixed = list("fixed").into_iter().filter(|it| is_it(&it["finding"])).map(|_| "fixed".to_owned());
            news.chain(fixed).collect::<Vec<_>>()
        };
        self.changes().iter().flat_map(of_one).collect()
    }

    fn tells_within(&self, seconds: u64, namespace: &str, words: &[&str]) {
        let told = eventually(seconds, || (self.told(namespace) == words).then_some(()));
        told.unwrap_or_else(|| panic!("{words:?} is not what was told: {:#?}", self.changes()));
    }

    fn interrupted(mut self) -> (i32, String) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let start = Instant::now();
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        assert!(start.elapsed() < Duration::from_secs(5), "it ends at once");
        (code, self.said())
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        said
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run whose reader goes away after the first line.
fn unread(home: &Sandbox, arguments: &[&str]) -> Child {
    let arguments = [&["daily-check", "--watch", "--baseline", "none"], arguments].concat();
    let mut command = home.command(&arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    child
}

fn schema() -> (boon::Schemas, boon::SchemaIndex) {
    let text = include_str!("../../docs/schema/daily-check-change.schema.json");
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("change.json", serde_json::from_str(text).expect("the schema is JSON")).expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("change.json", &mut schemas).expect("the schema is a schema");
    (schemas, index)
}

#[test]
fn what_happens_is_told_until_somebody_interrupts_though_the_api_server_is_restarted() {
    let rig = Rig::own();
    let namespace = rig.namespace("watched");
    let name = namespace.name.as_str();
    let config = rig.kubeconfig("viewer");
    let watcher = Watcher::start(&["-o", "json", "--kubeconfig", &config]);
    let people = Watcher::start(&["--only", "services", "--kubeconfig", &config]);
    let home = Sandbox::new();
    let mut unread = unread(&home, &["--only", "services", "--kubeconfig", &config]);
    eventually(60, || (!watcher.lines().is_empty() && people.lines().len() > 2).then_some(())).expect("both reports");
    let report: Value = serde_json::from_str(&watcher.lines()[0]).expect("one line");
    assert_eq!(report["kind"], "DailyCheck");

    // Each has a connection of its own, and comes back to it in its own time.
    let shown = |new: usize, fixed: usize| {
        let told =
            |words: &str| people.lines().iter().filter(|line| line.contains(words) && line.contains(name)).count();
        let is_shown = || told(" UTC  new CRITICAL Service/") == new && told(" UTC  fixed CRITICAL Service/") == fixed;
        eventually(60, || is_shown().then_some(()))
            .unwrap_or_else(|| panic!("not {new} and {fixed}: {:#?}", people.lines()));
    };
    rig.apply(name, ILL);
    watcher.tells_within(60, name, &["new"]);
    shown(1, 0);
    rig.apply(name, WELL);
    watcher.tells_within(60, name, &["new", "fixed"]);
    shown(1, 1);

    let ended = eventually(60, || unread.try_wait().expect("its state"));
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "a reader that went away has seen what it wanted");

    rig.end("kube-apiserver");
    rig.start_again("kube-apiserver");
    rig.apply(name, ILL);
    watcher.tells_within(60, name, &["new", "fixed", "new"]);
    shown(2, 1);
    rig.delete(name, ILL);
    watcher.tells_within(60, name, &["new", "fixed", "new", "fixed"]);
    shown(2, 2);
    let changes = watcher.changes();
    let last = changes.iter().rfind(|change| !change["fixed"].as_array().expect("fixed").is_empty());
    let last = &last.expect("the last change")["fixed"][0];
    assert_eq!(
        (&last["gone"], &last["finding"]["object"]["name"]),
        (&Value::Bool(true), &Value::from("web")),
        "{last:#}"
    );
    let (schemas, index) = schema();
    for change in &changes {
        schemas.validate(change, index).unwrap_or_else(|error| panic!("{error:#}: {change:#}"));
    }

    let lines = people.lines();
    assert!(lines.iter().any(|line| line.starts_with("    spec.")), "evidence stands below: {lines:#?}");

    for watcher in [watcher, people] {
        let (code, said) = watcher.interrupted();
        assert!(code == 130 && said.contains("interrupted") && !said.contains("panicked"), "{code}: {said}");
    }
    let verbs: BTreeSet<String> = rig.audit("kubectl-sre/").into_iter().map(|event| event.verb).collect();
    assert_eq!(verbs, BTreeSet::from(["get", "list", "watch"].map(str::to_owned)));
}

/// One way to spoil the first watches of Services: how long it may take until a change is told all the same, and how
/// often Services are listed because of it.
struct Case {
    fault: Fault,
    times: usize,
    within: u64,
    lists: usize,
}

const EXPIRED: &str = r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":410}}
"#;

const CASES: &[Case] = &[
    Case {
        fault: Fault::Instead { status: 410, headers: JSON, body: r#"{"kind":"Status","code":410}"# },
        times: 1,
        within: SOON,
        lists: 2,
    },
    Case { fault: Fault::Instead { status: 200, headers: JSON, body: EXPIRED }, times: 1, within: SOON, lists: 2 },
    Case {
        fault: Fault::Instead { status: 200, headers: JSON, body: "{\"type\":\"ADDED\",\"obj\n" },
        times: 1,
        within: SOON,
        lists: 2,
    },
    Case { fault: Fault::Instead { status: 503, headers: &[], body: "" }, times: 3, within: SOON, lists: 1 },
    Case { fault: Fault::Cut(0.5), times: 1, within: SOON, lists: 1 },
    // Nobody can tell it from a watch that has nothing to say before its time is over.
    Case { fault: Fault::Stalled(0.5), times: 1, within: 60, lists: 1 },
];

#[test]
fn a_spoiled_watch_loses_nothing_and_tells_nothing_twice() {
    let rig = Rig::own();
    let namespace = rig.namespace("spoiled");
    let admin = rig.kubeconfig("admin");
    let watched: Vec<(&Case, Proxy, Watcher)> = CASES
        .iter()
        .map(|case| {
            let proxy = Proxy::with(Path::new(&admin), Trouble::first(case.times, WATCH, case.fault));
            let watcher = Watcher::through(&proxy);
            (case, proxy, watcher)
        })
        .collect();
    for (_, proxy, _) in &watched {
        eventually(60, || (!proxy.answered_to(WATCH).is_empty()).then_some(())).expect("a watch");
    }
    rig.apply(&namespace.name, ILL);
    for (case, _, watcher) in &watched {
        let fault = case.fault;
        let told = || (watcher.told(&namespace.name) == ["new"]).then_some(());
        eventually(case.within, told).unwrap_or_else(|| panic!("{fault:?}: {:#?}", watcher.changes()));
    }
    rig.delete(&namespace.name, ILL);
    for (case, proxy, watcher) in &watched {
        let fault = case.fault;
        watcher.tells_within(SOON, &namespace.name, &["new", "fixed"]);
        assert_eq!(proxy.answered_to(SERVICES).len(), case.lists, "{fault:?}");
        let hidden = |change: &Value| !change["hidden"].as_array().expect("gaps").is_empty();
        assert!(!watcher.changes().iter().any(hidden), "{fault:?}: it was back in time");
    }
}

#[test]
fn what_cannot_be_followed_is_a_gap_and_never_fixed() {
    let rig = Rig::own();
    let namespace = rig.namespace("hidden");
    rig.apply(&namespace.name, ILL);
    let refused = Fault::Instead { status: 403, headers: JSON, body: r#"{"kind":"Status","code":403}"# };
    let broken = Fault::Instead { status: 500, headers: &[], body: "" };
    let proxy = |fault| Proxy::with(Path::new(&rig.kubeconfig("admin")), Trouble::always(WATCH, fault));
    let (forbidding, breaking) = (proxy(refused), proxy(broken));
    let (listing, mut blind) = (Watcher::through(&forbidding), Watcher::through(&breaking));
    let gaps = |word: &str| blind.changes().iter().any(|change| change[word][0].to_string().contains("\"Service\""));
    eventually(60, || gaps("hidden").then_some(())).expect("it is told that Services are out of sight");
    assert_eq!(blind.told(&namespace.name), Vec::<String>::new(), "{:#?}", blind.changes());
    eventually(60, || gaps("seenAgain").then_some(())).expect("it is read anew");
    assert_eq!(blind.told(&namespace.name), Vec::<String>::new(), "{:#?}", blind.changes());
    assert!(listing.changes().is_empty(), "what is read again and again is in sight: {:#?}", listing.changes());
    let (code, said) = listing.interrupted();
    let words = "Warning: Service can be listed and not watched: it is read again every 60 s";
    assert!(code == 130 && said.lines().any(|line| line == words), "{said}");
    assert!(blind.child.try_wait().expect("its state").is_none(), "it goes on");
}
