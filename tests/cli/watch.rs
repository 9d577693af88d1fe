//! `--watch` as it is typed; what it does is tried on a real API server, in `live/watch.rs`.

use super::recorder::{Pods, Recorder};
use super::sandbox::Sandbox;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn what_cannot_be_watched_or_written_line_by_line_is_refused() {
    let sandbox = Sandbox::new();
    for more in [
        &["--from", "demo"][..],
        &["--save", "a.tar.zst"],
        &["--print-cronjob", "--image", "a"],
        &["-o", "yaml"],
        &["-o", "wide"],
        &["-o", "html"],
    ] {
        let ran = sandbox.run(&[&["daily-check", "--watch"], more].concat());
        ran.fails(2, &["--watch"]);
    }
}

#[test]
fn the_rights_for_watching_hold_watch_for_everything_that_has_a_history() {
    let ran = Sandbox::new().run(&["daily-check", "--watch", "--print-rbac", "-o", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let list: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let rules = list["items"][0]["rules"].as_array().expect("rules");
    let (objects, others): (Vec<&Value>, Vec<&Value>) = rules
        .iter()
        .filter(|rule| rule["apiGroups"].is_array())
        .partition(|rule| rule["apiGroups"][0] != "metrics.k8s.io");
    assert!(objects.len() > 10 && others.len() == 1, "{rules:#?}");
    assert!(objects.iter().all(|rule| rule["verbs"] == serde_json::json!(["list", "watch"])), "{rules:#?}");
    assert_eq!(others[0]["verbs"], serde_json::json!(["list"]));
}

#[test]
pub fn every_kind_is_watched_from_its_list_on_until_an_interrupt() {
    let server = Recorder::plain(Pods::Empty);
    let sandbox = Sandbox::new();
    let arguments = ["daily-check", "--watch", "-o", "json", "--server", server.url()];
    let mut child =
        sandbox.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let report: Value = serde_json::from_str(&line).expect("the report on one line");
    assert_eq!(report["kind"], "DailyCheck");
    let watches = || server.take().into_iter().filter(|asked| asked.target.contains("watch=1")).collect::<Vec<_>>();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let mut asked = Vec::new();
    while asked.len() < 30 && std::time::Instant::now() < end {
        asked.extend(watches());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(asked.len() >= 30, "each kind is watched: {}", asked.len());
    for watch in &asked {
        let parts = ["allowWatchBookmarks=true", "resourceVersion=1", "timeoutSeconds="];
        assert!(parts.iter().all(|part| watch.target.contains(part)), "{}", watch.target);
        assert_eq!(watch.headers("accept-encoding"), Vec::<&str>::new());
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}
