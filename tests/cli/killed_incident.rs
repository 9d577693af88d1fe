//! `kill -9` at the calls by which the record of an incident is written: what was told to be written is there afterwards,
//! nothing half is shown as whole, and everything goes on.

use super::recorder::Recorder;
use super::sandbox::{BINARY, Ran, Sandbox, objects, program};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

/// What changes the disk.
const CALLS: [&str; 6] = [
    "write",
    "fdatasync",
    "fsync",
    "mkdir,mkdirat",
    "rename,renameat,renameat2,link,linkat",
    "unlink,unlinkat,ftruncate",
];

/// A run that is killed when it makes one of some calls for the so many-th time; whether it came to its end.
fn ends(sandbox: &Sandbox, words: &[&str], calls: &str, number: usize) -> bool {
    let inject = format!("inject={calls}:signal=SIGKILL:when={number}");
    let mut strace = Command::new(program(&["strace"]));
    strace.args(["-f", "-o", "/dev/null", "-e", &inject, BINARY]);
    let mut command = sandbox.prepared(strace, words);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace runs");
    status.code().is_some_and(|code| code == 0 || code == 6)
}

fn incident(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.run(&[&["incident"], words, &["-o", "json"]].concat())
}

fn document(sandbox: &Sandbox, words: &[&str]) -> Value {
    let ran = incident(sandbox, words);
    assert_eq!(ran.code, 0, "{words:?}: {}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn ids(sandbox: &Sandbox) -> BTreeSet<String> {
    let list = document(sandbox, &["list"]);
    list["incidents"]
        .as_array()
        .expect("incidents")
        .iter()
        .map(|it| it["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn texts(document: &Value, kind: &str) -> Vec<String> {
    let timeline = document["timeline"].as_array().expect("a timeline").iter();
    timeline.filter(|it| it["kind"] == kind).filter_map(|it| Some(it["text"].as_str()?.to_owned())).collect()
}

/// Each number of a call until a run comes to its end; a run may make thousands, so that the steps grow.
fn numbers() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1), |number| Some(number + 1 + number / 3))
}

#[test]
fn a_note_that_is_killed_anywhere_is_there_whole_or_not_at_all() {
    let sandbox = Sandbox::new();
    let declared = document(&sandbox, &["declare", "--sev", "5", "--title", "x"]);
    let id = declared["id"].as_str().expect("an id").to_owned();
    let (mut told, mut tried, mut kills) = (BTreeSet::new(), BTreeSet::new(), 0);
    for calls in CALLS {
        for number in numbers() {
            let text = format!("{calls}/{number}");
            tried.insert(text.clone());
            if ends(&sandbox, &["incident", "note", &id, &text], calls, number) {
                told.insert(text);
                break;
            }
            kills += 1;
            let seen: BTreeSet<String> = texts(&document(&sandbox, &["show", &id]), "note").into_iter().collect();
            assert!(told.is_subset(&seen) && seen.is_subset(&tried), "killed at {calls} {number}: {seen:?}");
        }
    }
    assert!(kills >= 3, "{kills} kills");
    document(&sandbox, &["note", &id, "at last"]);
}

#[test]
fn a_declaration_that_is_killed_anywhere_leaves_none_or_one_and_no_half_evidence() {
    let (sandbox, server) = (Sandbox::new(), Recorder::holding(objects()));
    sandbox.kubeconfig(server.url(), "", "");
    let (mut told, mut known, mut kills) = (0, BTreeSet::new(), 0);
    for calls in CALLS {
        for number in numbers() {
            let words = ["incident", "declare", "--sev", "5", "--title", "x", "--kubeconfig", "kubeconfig"];
            let is_told = ends(&sandbox, &words, calls, number);
            let now = ids(&sandbox);
            let new: Vec<&String> = now.difference(&known).collect();
            assert!(known.is_subset(&now) && new.len() <= 1, "killed at {calls} {number}: {now:?}");
            for id in &new {
                is_whole(&sandbox, id);
            }
            if is_told {
                assert_eq!(new.len(), 1, "what was told is there");
                told += 1;
                known = now;
                break;
            }
            kills += 1;
            known = now;
        }
    }
    assert!(told == CALLS.len() && kills >= 10, "{told} told, {kills} kills");
    let last = document(&sandbox, &["declare", "--sev", "5", "--title", "at last"]);
    let id = last["id"].as_str().expect("an id");
    document(&sandbox, &["note", id, "it goes on"]);
}

/// Evidence that the record names is on the disk as the record says.
fn is_whole(sandbox: &Sandbox, id: &str) {
    for text in texts(&document(sandbox, &["show", id]), "evidence") {
        let (file, rest) =
            text.strip_prefix("evidence: ").and_then(|it| it.split_once(" (SHA-256 ")).expect("evidence");
        let digest = fs::read_to_string(format!("{file}.sha256")).expect("a digest");
        assert!(digest.starts_with(&rest[..64]), "{digest} {rest}");
        let ran = sandbox.run(&["incident", "triage", "--from", file, "--fail-on", "never", "-o", "json"]);
        assert!([0, 6].contains(&ran.code), "{file}: {}", ran.stderr);
    }
}
