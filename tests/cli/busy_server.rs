//! A server that has much to do: what it puts off is asked again, and it never gets all requests at once.

use super::recorder::{Asked, Recorder};
use super::sandbox::{BINARY, Sandbox};
use std::process::Command;

fn times(asked: &[Asked], path: &str) -> usize {
    asked.iter().filter(|asked| asked.path() == path).count()
}

#[test]
fn the_version_and_the_health_are_asked_again_and_each_try_is_told() {
    let server = Recorder::busy(&["/version", "/readyz"], 1);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url(), "-v", "6"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("v1.36.0"), "{}", ran.stdout);
    let asked = server.take();
    assert_eq!((times(&asked, "/version"), times(&asked, "/readyz"), times(&asked, "/livez")), (2, 2, 1));
    let told = |answer: &str| ran.stderr.lines().filter(|line| line.contains(answer)).count();
    assert_eq!((told("/version 429 in "), told("/version 200 in ")), (1, 1), "{}", ran.stderr);
}

#[test]
fn a_version_that_is_never_told_does_not_end_the_run() {
    let server = Recorder::busy(&["/version"], usize::MAX);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(times(&server.take(), "/version"), 3);
}

#[test]
fn at_most_eight_requests_are_under_way() {
    let (server, crowd) = Recorder::crowded(8);
    let ran = Sandbox::new().run(&["daily-check", "--server", server.url()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(crowd.most(), 8);
}

/// `script` of util-linux gives the run a terminal; other systems have one with other arguments.
#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_a_run_that_waits_shows_how_far_it_is_and_wipes_that_away() {
    let server = Recorder::busy(&["/readyz"], 1);
    let sandbox = Sandbox::new();
    let typed = format!("{BINARY} daily-check --server {} >report", server.url());
    let mut terminal = sandbox.prepared(Command::new("script"), &["-qec", &typed, "/dev/null"]);
    let shown = terminal.env("TERM", "xterm").output().expect("script runs");
    assert!(shown.status.success(), "{shown:?}");
    let shown = String::from_utf8_lossy(&shown.stdout);
    let report = std::fs::read_to_string(sandbox.path("report")).expect("a report");
    let steps: Vec<&str> = shown
        .split("reading ")
        .skip(1)
        .filter_map(|bar| bar.split_whitespace().rfind(|word| word.contains('/')))
        .collect();
    assert!(!steps.is_empty(), "no bar in {shown:?}");
    assert!(shown.trim_end_matches(['\r', '\n']).ends_with("\u{1b}[2K"), "what is left: {shown:?}");
    assert!(!report.contains("reading") && report.contains("daily-check"), "{report}");
}
