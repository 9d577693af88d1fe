//! The page in a real browser, which is driven over its own pipe; `tests/run.sh` installs Chromium where it can.

use super::sandbox::{Sandbox, objects, program};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// A browser with one tab.
struct Browser {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    tab: String,
    calls: u64,
    /// What the tab told since the last look.
    events: Vec<Value>,
    _profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// One browser at a time: tests beside these look at the clock.
static TURN: Mutex<()> = Mutex::new(());

impl Browser {
    fn start() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let profile = tempfile::tempdir().expect("a directory for the profile");
        // The protocol is spoken on descriptors 3 and 4.
        let script = "exec \"$0\" --headless=new --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe \
                      --user-data-dir=\"$1\" 3<&0 4>&1 </dev/null >/dev/null 2>&1";
        let mut process = Command::new("sh")
            .args(["-c", script])
            .arg(program(&["chromium", "chromium-browser", "google-chrome"]))
            .arg(profile.path())
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        let (tab, events) = (String::new(), Vec::new());
        let mut browser = Self { process, input, output, tab, calls: 0, events, _profile: profile, _turn: turn };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.tab = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn receive(&mut self) -> Value {
        let mut message = Vec::new();
        self.output.read_until(0, &mut message).expect("the browser answers");
        assert_eq!(message.pop(), Some(0), "the browser went away");
        serde_json::from_slice(&message).expect("JSON")
    }

    /// Asks for something, and keeps what is told meanwhile.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut request = json!({"id": self.calls, "method": method, "params": parameters});
        if !self.tab.is_empty() {
            request["sessionId"] = json!(self.tab);
        }
        self.input.write_all(format!("{request}\0").as_bytes()).expect("the browser listens");
        loop {
            let mut message = self.receive();
            if message["id"] == json!(self.calls) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    /// Opens a file in a window so wide, and waits until it is there.
    fn open(&mut self, path: &Path, width: u32, theme: &str) {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", path.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// The value of an expression in the page.
    fn value(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    fn number(&mut self, expression: &str) -> u64 {
        self.value(expression).as_u64().unwrap_or_else(|| panic!("{expression} is no number"))
    }

    /// What the page complained of, and what it asked a network for.
    fn complaints(&self) -> Vec<&Value> {
        let is_complaint = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled") => true,
            Some("Network.requestWillBeSent") => {
                !event["params"]["request"]["url"].as_str().is_some_and(|url| url.starts_with("file://"))
            }
            _ => false,
        };
        self.events.iter().filter(is_complaint).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How many findings are to be seen that stand for themselves.
const SHOWN: &str = "[...document.querySelectorAll('article')].filter(one => one.checkVisibility()).length";

/// Sets a field as a person does.
fn typed(id: &str, text: &str, event: &str) -> String {
    format!(
        "(() => {{ const field = document.getElementById('{id}'); field.value = {}; \
         field.dispatchEvent(new Event('{event}')); }})()",
        json!(text)
    )
}

/// The page of a run over the demo, and its document.
fn demo(sandbox: &Sandbox) -> (std::path::PathBuf, Value) {
    let run = |format| sandbox.run(&["daily-check", "--from", "demo", "-o", format]).stdout;
    (sandbox.write("page.html", run("html")), serde_json::from_str(&run("json")).expect("JSON"))
}

fn findings(document: &Value) -> &[Value] {
    document["findings"].as_array().expect("findings")
}

fn standing(document: &Value) -> Vec<&Value> {
    findings(document).iter().filter(|finding| finding["causedBy"] == json!([])).collect()
}

#[test]
fn the_page_shows_every_finding_and_has_nothing_to_complain_of() {
    let sandbox = Sandbox::new();
    let (path, document) = demo(&sandbox);
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    let ids = browser.value("[...document.querySelectorAll('[data-finding]')].map(one => one.dataset.finding)");
    let shown: BTreeSet<&str> = ids.as_array().expect("ids").iter().filter_map(Value::as_str).collect();
    let expected: BTreeSet<&str> = findings(&document).iter().filter_map(|finding| finding["id"].as_str()).collect();
    assert_eq!(shown, expected);
    assert_eq!(browser.number(SHOWN), standing(&document).len() as u64);
    assert_eq!(browser.number("document.querySelectorAll('article details[open]').length"), 0, "symptoms are folded");
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

/// The name of an object that only one symptom of one cause speaks of.
fn only_in_a_symptom(document: &Value) -> String {
    let findings = document["findings"].as_array().expect("findings");
    let has_one_cause = |finding: &&Value| finding["causedBy"].as_array().is_some_and(|causes| causes.len() == 1);
    let mut names = findings.iter().filter(has_one_cause).filter_map(|finding| finding["object"]["name"].as_str());
    let speak_of = |name: &str| findings.iter().filter(|finding| finding.to_string().contains(name)).count();
    names.find(|name| speak_of(name) == 1).expect("a symptom").to_owned()
}

#[test]
fn filters_and_search_leave_what_was_asked_for() {
    let sandbox = Sandbox::new();
    let (path, document) = demo(&sandbox);
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    let all = standing(&document);
    let count = |is_meant: &dyn Fn(&Value) -> bool| all.iter().filter(|finding| is_meant(finding)).count() as u64;
    let click = "document.querySelector('button[data-severity=warning]').click()";
    browser.value(click);
    let without = count(&|finding| finding["severity"] != "warning");
    assert!(browser.number(SHOWN) == without && without < all.len() as u64);
    assert_eq!(
        browser.value("document.getElementById('shown').textContent"),
        format!("{without} of {} shown", all.len())
    );
    browser.value(click);
    browser.value(&typed("section", "storage", "change"));
    let of_section = count(&|finding| finding["section"] == "storage");
    assert!(browser.number(SHOWN) == of_section && of_section > 0);
    browser.value(&typed("section", "", "change"));
    browser.value(&typed("search", "NEO4J-BACKUP", "input"));
    assert_eq!(browser.number(SHOWN), count(&|finding| finding.to_string().contains("neo4j-backup")));
    browser.value(&typed("search", &only_in_a_symptom(&document), "input"));
    assert_eq!(browser.number(SHOWN), 1, "the cause of what was searched for");
    assert!(browser.number("document.querySelectorAll('article details[open]').length") > 0, "it is unfolded");
    browser.value(&typed("search", "nobody says this", "input"));
    assert_eq!(browser.number(SHOWN), 0);
    browser.value(&typed("search", "", "input"));
    assert_eq!(browser.number(SHOWN), all.len() as u64);
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

#[test]
fn both_themes_and_paper_are_served() {
    let sandbox = Sandbox::new();
    let (path, _) = demo(&sandbox);
    let mut browser = Browser::start();
    let background = "getComputedStyle(document.body).backgroundColor";
    browser.open(&path, 1200, "light");
    let light = browser.value(background);
    browser.open(&path, 1200, "dark");
    let dark = browser.value(background);
    assert_ne!(light, dark);
    for expected in [&light, &dark] {
        browser.value("document.getElementById('theme').click()");
        assert_eq!(browser.value(background), *expected);
    }
    browser.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    assert_eq!(browser.value("getComputedStyle(document.querySelector('.tools')).display"), "none");
    let page = browser.call("Page.printToPDF", json!({"preferCSSPageSize": true}));
    assert!(page["data"].as_str().is_some_and(|data| data.starts_with("JVBERi0")), "no PDF");
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

/// A page of nothing but one ConfigMap: nearly all that was asked for was not collected, and nothing was found.
fn almost_nothing(sandbox: &Sandbox) -> std::path::PathBuf {
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
    });
    sandbox.write("few.json", json!({"apiVersion": "v1", "kind": "List", "items": [object]}).to_string());
    let ran = sandbox.run(&["daily-check", "--from", "few.json", "-o", "html"]);
    assert!(ran.stdout.contains("nothing found"), "{}{}", ran.stdout, ran.stderr);
    sandbox.write("few.html", ran.stdout)
}

#[test]
fn what_was_not_collected_is_seen_without_unfolding_anything() {
    let sandbox = Sandbox::new();
    let path = almost_nothing(&sandbox);
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    let visible =
        "[...document.querySelectorAll('p')].filter(one => one.checkVisibility()).map(one => one.textContent)";
    let visible = browser.value(visible).to_string();
    for words in ["not collected: ", "checks had nothing to look at", "Nothing fails in what was there to look at"] {
        assert!(visible.contains(words), "{words}: {visible}");
    }
    assert!(!visible.contains("Everything that was asked for was looked at"), "{visible}");
    assert_eq!(browser.number("document.querySelectorAll('.verdict.good').length"), 0);
}

#[test]
fn a_page_without_findings_works_as_any_other() {
    let sandbox = Sandbox::new();
    let path = almost_nothing(&sandbox);
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    assert_eq!(browser.number(SHOWN), 0);
    let background = "getComputedStyle(document.body).backgroundColor";
    let light = browser.value(background);
    assert_eq!(browser.value("document.getElementById('theme').checkVisibility()"), true);
    browser.value("document.getElementById('theme').click()");
    assert_ne!(browser.value(background), light);
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

#[test]
fn a_telephone_shows_it_without_sideways_scrolling() {
    let sandbox = Sandbox::new();
    let long = "0123456789abcdef".repeat(40);
    sandbox.write("o.json", objects().replace("not found", &long));
    let hostile = sandbox.run(&["daily-check", "--from", "o.json", "-o", "html"]).stdout;
    assert!(hostile.contains(&long), "the fixture has the words");
    let long = sandbox.write("long.html", hostile);
    let (demo, _) = demo(&sandbox);
    let mut browser = Browser::start();
    for path in [demo, long] {
        browser.open(&path, 360, "light");
        browser.value("document.querySelectorAll('details').forEach(one => { one.open = true; })");
        assert!(browser.number("document.documentElement.scrollWidth") <= 360, "{}", path.display());
    }
}

/// Puts a script into every text of the objects that a report may repeat, names too.
fn spoiled(value: &mut Value, key: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spoiled(item, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| spoiled(value, key)),
        Value::String(text) if ["name", "namespace", "message", "reason", "image"].contains(&key) => {
            text.push_str(SCRIPT);
        }
        _ => {}
    }
}

const SCRIPT: &str = "<script>window.owned=1</script><img src=x onerror=window.owned=1>";

#[test]
fn a_script_in_any_text_of_a_cluster_stays_text() {
    let sandbox = Sandbox::new();
    let mut list: Value = serde_json::from_str(objects()).expect("JSON");
    list["items"].as_array_mut().expect("objects").iter_mut().for_each(|object| spoiled(object, ""));
    sandbox.write("o.json", list.to_string());
    let ran = sandbox.run(&["daily-check", "--from", "o.json", "-o", "html"]);
    let path = sandbox.write("page.html", &ran.stdout);
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    assert!(browser.number(SHOWN) > 0, "{}", ran.stderr);
    let said = format!("document.body.textContent.split({}).length - 1", json!(SCRIPT));
    assert!(browser.number(&said) > 5, "the page repeats it");
    assert_eq!(browser.value("typeof window.owned"), "undefined");
    assert_eq!(browser.number("document.images.length"), 0);
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

#[test]
fn markup_that_found_a_way_in_would_still_do_nothing() {
    let sandbox = Sandbox::new();
    let (path, _) = demo(&sandbox);
    let page = std::fs::read_to_string(&path).expect("the page");
    let more =
        format!("<main>{SCRIPT}<b style='color:red' onclick='window.owned=1'>x</b><form action=http://127.0.0.1:1>");
    let path = sandbox.write("spoiled.html", page.replacen("<main>", &more, 1));
    let mut browser = Browser::start();
    browser.open(&path, 1200, "light");
    browser.value("document.querySelector('main b').click()");
    browser.value("document.querySelector('main form').submit()");
    assert_eq!(browser.value("typeof window.owned"), "undefined");
    let refused = browser.complaints();
    assert!(refused.iter().any(|event| event.to_string().contains("Content Security Policy")), "{refused:?}");
    let sent = |event: &&Value| event["params"]["request"]["url"].as_str().is_some_and(|url| url.starts_with("http"));
    assert!(!browser.events.iter().any(|event| sent(&event)), "{:?}", browser.events);
}
