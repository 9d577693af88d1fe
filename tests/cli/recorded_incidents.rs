//! What `daily-check` tells of incidents that are recorded, about the cluster that is looked at.

use super::formats::schema;
use super::recorder::{Pods, Recorder};
use super::sandbox::{Ran, Sandbox};
use serde_json::Value;
use std::fs;

/// A home with two clusters, of which one is looked at.
struct Home {
    sandbox: Sandbox,
    server: Recorder,
}

impl Home {
    fn new() -> Self {
        let (sandbox, server) = (Sandbox::new(), Recorder::plain(Pods::Empty));
        let config = |name: &str, url: &str| {
            let text = format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: test\ncontexts:\n- name: test\n  context: {{cluster: c, user: u}}\n\
                 - name: {name}\n  context: {{cluster: c, user: u}}\nclusters:\n- name: c\n  cluster: {{server: '{url}'}}\n\
                 users:\n- name: u\n  user: {{token: t}}\n"
            );
            sandbox.write(name, text);
        };
        config("here", server.url());
        config("there", "https://127.0.0.1:1");
        Self { sandbox, server }
    }

    fn incident(&self, words: &[&str]) -> Value {
        let ran = self.sandbox.run(&[&["incident"], words, &["-o", "json"]].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
    }

    fn declared(&self, config: &str, title: &str) -> String {
        let words = ["declare", "--sev", "1", "--title", title, "--no-evidence", "-n", "shop", "--kubeconfig", config];
        self.incident(&words)["id"].as_str().expect("an id").to_owned()
    }

    fn checked(&self, more: &[&str]) -> Ran {
        self.sandbox.run(&[&["daily-check", "--kubeconfig", "here"], more].concat())
    }

    /// The report, which is as its schema says.
    fn report(&self, more: &[&str]) -> (Value, i32) {
        let ran = self.checked(&[more, &["-o", "json"]].concat());
        let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let (schemas, index) = schema();
        schemas.validate(&report, index).unwrap_or_else(|error| panic!("{error:#}"));
        (report, ran.code)
    }
}

/// The rows of a panel: the incident and the text.
fn rows(report: &Value, id: &str) -> Vec<(String, String)> {
    let panels = report["panels"].as_array().cloned().unwrap_or_default();
    let panel = panels.into_iter().find(|panel| panel["id"] == id);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = panel.and_then(|panel| panel["rows"].as_array().cloned()).unwrap_or_default();
    rows.iter().map(|row| (text(&row["object"]["name"]), text(&row["text"]))).collect()
}

fn names(report: &Value, id: &str) -> Vec<String> {
    rows(report, id).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_morning_and_the_evening_tell_the_incidents_of_the_cluster_and_the_result_stays_the_clusters() {
    let home = Home::new();
    let (before, code) = home.report(&[]);
    assert!(names(&before, "incidents").is_empty() && names(&before, "due").is_empty(), "{before:#}");
    let here = home.declared("here", "checkout is down");
    let elsewhere = home.declared("there", "another cluster");
    let anywhere = home.declared("nowhere", "logins fail");
    home.incident(&["action", "add", &here, "alert on the pool", "--owner", "joe", "--due", "2020-01-01"]);
    let (morning, with) = home.report(&[]);
    assert_eq!(with, code, "what is overdue is no finding of the cluster");
    assert_eq!(morning["summary"], before["summary"]);
    assert_eq!(names(&morning, "incidents"), [anywhere.as_str(), here.as_str()], "not {elsewhere}");
    let standing = rows(&morning, "incidents");
    assert_eq!(standing[1].1, "SEV-1 checkout is down (no commander, 2 overdue)");
    let due = rows(&morning, "due");
    let is_first =
        due[0].1.starts_with("overdue: a-") && due[0].1.ends_with(" alert on the pool (joe, until 2020-01-01)");
    assert!(is_first && due.iter().any(|(_, text)| text.starts_with("overdue: page: ")), "{due:#?}");
    assert!(due.iter().all(|(name, _)| *name != elsewhere), "{due:#?}");
    home.incident(&["resolve", &anywhere]);
    let (morning, _) = home.report(&["--baseline", "last"]);
    assert_eq!(names(&morning, "incidents"), [here.as_str()], "only one is open");
    assert_eq!(morning["comparison"]["fixed"], serde_json::json!([]), "what is recorded is compared with nothing");
    let (evening, _) = home.report(&["--routine", "evening"]);
    assert_eq!(names(&evening, "incidents"), [anywhere.as_str(), here.as_str()], "both are of today");
    assert!(rows(&evening, "incidents")[0].1.contains("(resolved "), "{evening:#}");
    assert_eq!(names(&evening, "actions"), [here.as_str()]);
    let (weekly, _) = home.report(&["--routine", "weekly"]);
    assert!(names(&weekly, "incidents").is_empty(), "{weekly:#}");
}

#[test]
fn people_read_it_and_no_title_steers_their_terminal_or_page() {
    let home = Home::new();
    let id = home.declared("here", "down \u{1b}[31m<b>now</b>");
    let text = home.checked(&[]).stdout;
    for said in
        ["Open incidents\n", "Due of incidents\n", &format!("Incident/shop/{id} SEV-1 down "), "overdue: page: "]
    {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    let status = "kubectl sre incident status";
    assert!(text.contains(status) && !text.contains('\u{1b}'), "{text}");
    let page = home.checked(&["-o", "html"]).stdout;
    assert!(page.contains(&id) && !page.contains("<b>now</b>") && !page.contains('\u{1b}'), "{page}");
    let markdown = home.checked(&["-o", "markdown"]).stdout;
    assert!(markdown.contains(&id) && !markdown.contains('\u{1b}'), "{markdown}");
    for format in ["junit", "prometheus"] {
        let ran = home.checked(&["-o", format]);
        assert!(
            ran.code == 0 && !ran.stdout.contains(&id),
            "they hold results of checks: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
    let wide = home.sandbox.run(&["daily-check", "--from", "demo", "--fail-on", "never"]);
    assert!(wide.code != 70 && !wide.stdout.contains(&id), "what was stored has no record: {}", wide.stdout);
}

#[test]
fn a_record_that_cannot_be_read_is_a_gap_and_no_nothing() {
    let home = Home::new();
    let (_, calm) = home.report(&[]);
    let id = home.declared("here", "checkout is down");
    let other = home.declared("here", "logins fail");
    let path = home.sandbox.path(&format!(".local/state/kubectl-sre/incidents/{id}/entries.jsonl"));
    fs::write(&path, [b"{}\n".as_slice(), &fs::read(&path).expect("read")].concat()).expect("damaged");
    let (report, code) = home.report(&[]);
    assert_eq!((calm, code), (0, 6), "it is incomplete");
    assert_eq!(names(&report, "incidents"), [other.as_str()], "the others are told");
    let panel = &report["panels"][0];
    assert!(panel["unseen"][0].as_str().is_some_and(|it| it.contains(&id)), "{panel:#}");
    assert!(
        report["coverage"]["problems"][0].as_str().is_some_and(|it| it.contains("line 1 is no entry")),
        "{report:#}"
    );
    let text = home.checked(&[]).stdout;
    assert!(text.contains("Could not look at everything") && text.contains("not looked at: record of"), "{text}");
    let junit = home.checked(&["-o", "junit"]).stdout;
    assert!(junit.contains("line 1 is no entry"), "{junit}");
    assert!(!home.server.take().is_empty(), "a live cluster was looked at");
}
