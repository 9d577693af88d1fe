//! `kill -9` at the calls by which the record of an incident is written: what was told to be written is there afterwards,
//! nothing half is shown as whole, and everything goes on.

use super::recorder::Recorder;
use super::sandbox::{BINARY, Ran, Sandbox, objects, program};
use super::silencing::{self, Alertmanager, Fate};
use super::telling::{self, Answer, Service};
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

#[test]
fn a_role_and_a_severity_that_are_killed_anywhere_are_given_whole_or_not_at_all() {
    let sandbox = Sandbox::new();
    let declared = document(&sandbox, &["declare", "--sev", "5", "--title", "x"]);
    let id = declared["id"].as_str().expect("an id").to_owned();
    let mut kills = 0;
    for calls in CALLS {
        for number in numbers() {
            let before = document(&sandbox, &["show", &id]);
            let person = format!("{calls}/{number}");
            let (word, level) = if before["severity"] == 5 { ("4", 4) } else { ("5", 5) };
            let role = ends(&sandbox, &["incident", "role", &id, "scribe", &person], calls, number);
            let severity = ends(&sandbox, &["incident", "severity", &id, word, "--reason", &person], calls, number);
            let after = document(&sandbox, &["show", &id]);
            let is_old = |field: &str| before[field] == after[field];
            let has_role = after["roles"]["scribe"] == person;
            assert!(has_role || !role && is_old("roles"), "killed at {person}: {after:#}");
            let has_level = after["severity"] == level;
            assert!(has_level || !severity && is_old("severity"), "killed at {person}: {after:#}");
            assert!(
                has_level == (texts(&after, "severity") != texts(&before, "severity")),
                "with its reason: {after:#}"
            );
            kills += usize::from(!role) + usize::from(!severity);
            if role && severity {
                break;
            }
        }
    }
    assert!(kills >= 6, "{kills} kills");
    document(&sandbox, &["note", &id, "at last"]);
}

/// The resolution, as the timeline tells it.
const NOTED: &str = "resolution: rolled back";

#[test]
fn a_resolution_that_is_killed_anywhere_is_over_or_open_and_goes_on() {
    let sandbox = Sandbox::new();
    let mut kills = 0;
    for calls in CALLS {
        for number in numbers() {
            let declared = document(&sandbox, &["declare", "--sev", "5", "--title", "x", "--no-evidence"]);
            let id = declared["id"].as_str().expect("an id").to_owned();
            let words = ["incident", "resolve", &id, "--resolution", "rolled back"];
            let is_told = ends(&sandbox, &words, calls, number);
            let after = document(&sandbox, &["show", &id]);
            let (state, note) = (after["state"].as_str(), texts(&after, "note"));
            assert!(matches!(state, Some("open" | "resolved")), "{after:#}");
            assert!(!is_told || state == Some("resolved") && note == [NOTED], "{after:#}");
            // What was not told to be written is typed again.
            let again = incident(&sandbox, &words[1..]);
            assert!(again.code == 0 || state == Some("resolved"), "{}{}", again.stdout, again.stderr);
            let last = document(&sandbox, &["show", &id]);
            assert_eq!((last["state"].as_str(), texts(&last, "note")), (Some("resolved"), vec![NOTED.to_owned()]));
            if is_told {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 3, "{kills} kills");
}

/// What a run that sends does to the disk and to the network.
const SENDING: [&str; 3] = ["write", "fdatasync", "sendto,sendmsg,writev"];

#[test]
fn an_update_that_is_killed_anywhere_is_told_of_before_it_goes_out_and_goes_out_once() {
    let slack = Service::new(&[Answer::Documented]);
    let sandbox = telling::home(&slack.address, "http://127.0.0.1:1");
    let (mut arrived, mut kills) = (Vec::new(), 0);
    for calls in SENDING {
        for number in numbers() {
            let text = format!("{calls}/{number}");
            let is_told = ends(&sandbox, &["incident", "update", &text, "--yes"], calls, number);
            let shown = document(&sandbox, &["show"]);
            let got: Vec<String> = slack.got().iter().map(|it| it.body.to_string()).collect();
            assert!(got.len() <= 1 && got.iter().all(|body| body.contains(&text)), "{got:?}");
            let deliveries = shown["deliveries"].as_array().expect("deliveries");
            let last = deliveries.last().and_then(|it| it["state"].as_str());
            let is_known = shown["timeline"].to_string().contains(&text);
            assert!(got.is_empty() || is_known, "what went out at {text} is told: {shown:#}");
            assert!(!is_told || got.len() == 1 && last == Some("sent"), "{text}: {shown:#}");
            assert!(!is_known || matches!(last, Some("sent" | "unknown" | "failed")), "{text}: {shown:#}");
            arrived.extend(got);
            if is_told {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 4, "{kills} kills");
    // Nobody knows of those whether they arrived: they are not sent again unasked.
    let again = incident(&sandbox, &["retry", "--yes"]);
    again.fails(3, &["may have arrived", "nothing was sent", "--unknown", "--give-up"]);
    assert!(slack.got().is_empty() && !arrived.is_empty(), "{arrived:?}");
    let last = incident(&sandbox, &["update", "at last", "--yes"]);
    assert_eq!((last.code, slack.got().len()), (0, 1), "{}", last.stderr);
}

#[test]
fn a_silence_that_is_killed_anywhere_is_told_of_before_it_is_made_and_is_made_once() {
    let alertmanager = Alertmanager::new(&[Fate::Made]);
    let (sandbox, id) = silencing::home(&alertmanager.address, "{}");
    let with = ["--yes", "--profile", "./profile.yaml", "--request-timeout", "1s"];
    let comments = || -> Vec<String> {
        let silences = alertmanager.silences();
        silences.iter().map(|it| it["comment"].as_str().expect("a comment").to_owned()).collect()
    };
    let mut kills = 0;
    for calls in SENDING {
        for number in numbers() {
            let reason = format!("{calls}/{number}");
            let words = ["incident", "silence", &id, "CheckoutIsDown", "--for", "30m", "--reason", &reason];
            let is_told = ends(&sandbox, &[&words[..], &with].concat(), calls, number);
            let made = comments().iter().filter(|it| it.contains(&format!("{reason} ("))).count();
            let shown = document(&sandbox, &["show", &id]);
            let is_known = shown["timeline"].to_string().contains(&reason);
            assert!(made <= 1 && (made == 0 || is_known), "{reason}: {shown:#}");
            assert!(!is_told || made == 1, "{reason}: {shown:#}");
            if is_told {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 4, "{kills} kills");
    // Whether it is there is looked at first, and so it is safe.
    let again = incident(&sandbox, &[&["retry", &id][..], &with].concat());
    assert!(matches!(again.code, 0 | 2), "{}{}", again.stdout, again.stderr);
    let made = comments();
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len(), "made twice: {made:?}");
    let shown = document(&sandbox, &["show", &id]);
    let states: BTreeSet<&str> =
        shown["deliveries"].as_array().expect("deliveries").iter().filter_map(|it| it["state"].as_str()).collect();
    assert_eq!(states, BTreeSet::from(["sent"]), "{shown:#}");
}
