//! The record of an incident, through the real binary: no cluster, no kubeconfig.

use super::formats::schema_of_changes;
use super::sandbox::{BINARY, Ran, Sandbox};
use kubectl_sre_incident::Incident;
use serde_json::Value;
use sre_runtime::plugin::Plugin;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

const FAMILY: &[&dyn Plugin] = &[&Incident];

fn incident(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.run(&[&["incident"], words].concat())
}

/// What a command prints as JSON, held against its schema.
fn document(sandbox: &Sandbox, words: &[&str], code: i32) -> Value {
    let ran = incident(sandbox, &[words, &["-o", "json"]].concat());
    assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    let (schemas, index) = schema_of_changes(document["kind"].as_str().expect("a kind"));
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{words:?}: {error:#}"));
    document
}

fn id_of(document: &Value) -> String {
    document["id"].as_str().expect("an id").to_owned()
}

fn declared(sandbox: &Sandbox, severity: &str, title: &str) -> String {
    id_of(&document(sandbox, &["declare", "--sev", severity, "--title", title], 0))
}

fn entries_of(sandbox: &Sandbox, id: &str) -> PathBuf {
    sandbox.path(&format!(".local/state/kubectl-sre/incidents/{id}/entries.jsonl"))
}

/// How things stand that are due, by their words.
fn states(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let due = document["due"].as_array().expect("what is due");
    due.iter().map(|it| (text(&it["item"]), text(&it["state"]))).collect()
}

fn state(document: &Value, item: &str) -> String {
    let found = states(document).into_iter().find(|(word, _)| word == item);
    found.map_or_else(|| "absent".to_owned(), |(_, state)| state)
}

#[test]
fn an_incident_goes_from_its_declaration_to_its_post_mortem() {
    let sandbox = Sandbox::new();
    let ran = incident(&sandbox, &["declare", "--sev", "1", "--title", "checkout is down", "-n", "shop"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for said in
        ["SEV-1", "open", "checkout is down", "namespace shop", "overdue", "page the engineer on call", "Next\n"]
    {
        assert!(ran.stdout.contains(said), "{said}:\n{}", ran.stdout);
    }
    let id = id_of(&document(&sandbox, &["show"], 0));
    // It goes on without an id, as it is the only one that is open, and with it.
    let status = incident(&sandbox, &["status"]);
    assert_eq!(status.code, 1, "page is due at once: {}", status.stdout);
    assert_eq!(incident(&sandbox, &["status", "--fail-on", "never"]).code, 0);
    assert_eq!(state(&document(&sandbox, &["done", "page", "--text", "jane has it"], 0), "page"), "done");
    assert_eq!(incident(&sandbox, &["status", &id]).code, 0, "nothing else is due yet");
    assert_eq!(state(&document(&sandbox, &["done", "page", "--undo"], 0), "page"), "overdue");
    incident(&sandbox, &["done", "page", "--undo"]).fails(2, &["page is not done"]);
    document(&sandbox, &["done", "page"], 0);
    let lower = document(&sandbox, &["severity", &id, "2", "--reason", "only one region"], 0);
    assert_eq!((&lower["severity"], state(&lower, "bridge").as_str()), (&2.into(), "absent"));
    assert_eq!((state(&lower, "page").as_str(), state(&lower, "channel").as_str()), ("done", "pending"));
    let role = document(&sandbox, &["role", "commander", "jane", "doe"], 0);
    assert_eq!(role["roles"]["commander"], "jane doe");
    let note = document(&sandbox, &["note", "--pin", "rolled", "back to", "14"], 0);
    let last = note["timeline"].as_array().and_then(|all| all.last()).expect("an entry");
    assert_eq!((&last["text"], &last["pinned"]), (&"rolled back to 14".into(), &true.into()));
    document(&sandbox, &["note", "--section", "impact", "nobody could pay"], 0);
    let open = document(&sandbox, &["action", "add", "alert on the pool", "--owner", "joe", "--due", "2020-01-01"], 0);
    let action = open["actions"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!((&open["overdue"], &open["actions"][0]["state"]), (&1.into(), &"overdue".into()));
    document(&sandbox, &["status"], 1);
    let resolved = document(&sandbox, &["resolve", "--resolution", "rolled back"], 0);
    assert_eq!((&resolved["state"], state(&resolved, "channel").as_str()), (&"resolved".into(), "lapsed"));
    assert_eq!(state(&resolved, "review"), "pending");
    incident(&sandbox, &["show"]).fails(2, &["no incident is open", "the newest one is", &id]);
    // An action item outlives it.
    document(&sandbox, &["status"], 1);
    document(&sandbox, &["action", "done", &action], 0);
    document(&sandbox, &["status"], 0);
    let reopened = document(&sandbox, &["reopen", &id, "--reason", "it is back"], 0);
    assert_eq!((&reopened["state"], state(&reopened, "review").as_str()), (&"open".into(), "later"));
    document(&sandbox, &["resolve", &id], 0);
    let page = incident(&sandbox, &["export", &id]).stdout;
    for said in [
        "Post-mortem: checkout is down",
        "nobody could pay",
        "rolled back",
        "TODO",
        "jane doe",
        "alert on the pool",
        " UTC",
    ] {
        assert!(page.contains(said), "{said}:\n{page}");
    }
}

#[test]
fn no_cluster_and_no_kubeconfig_is_needed() {
    let sandbox = Sandbox::new();
    sandbox.kubeconfig("https://127.0.0.1:1", "", "");
    let config = sandbox.path("kubeconfig");
    let config = config.to_str().expect("a path");
    let with = document(&sandbox, &["declare", "--sev", "4", "--title", "a", "--kubeconfig", config], 6);
    assert_eq!(with["context"], "test", "the context is noted");
    let unseen = with["notLookedAt"][0].as_str().unwrap_or_default();
    assert!(unseen.starts_with("no evidence was kept: ") && unseen.contains("127.0.0.1:1"), "{with:#}");
    let untaken = ["declare", "--sev", "4", "--title", "a", "--no-evidence", "--kubeconfig", config];
    assert_eq!(document(&sandbox, &untaken, 0)["notLookedAt"], Value::Null);
    let named = document(&sandbox, &["declare", "--sev", "4", "--title", "b", "--context", "prod"], 6);
    assert_eq!(named["context"], "prod", "as it was typed");
    sandbox.write("broken", "{ no kubeconfig");
    let broken = sandbox.path("broken");
    let without = document(
        &sandbox,
        &["declare", "--sev", "4", "--title", "c", "--kubeconfig", broken.to_str().expect("a path")],
        0,
    );
    assert_eq!(without["context"], Value::Null, "what is wrong with it is no reason not to declare");
    for words in [&["list", "--from", "demo"][..], &["status", "--save", "x"]] {
        incident(&sandbox, words).fails(2, &["kept on this machine", "next: "]);
    }
}

#[test]
fn who_is_unsure_gets_the_worse_severity_and_is_told_how_to_lower_it() {
    let sandbox = Sandbox::new();
    let ran = incident(&sandbox, &["declare", "--sev", "2-3", "--title", "slow"]);
    assert!(ran.code == 0 && ran.stdout.contains("declared with doubt, so it counts as SEV-2"), "{}", ran.stdout);
    assert!(ran.stdout.contains(" 3 --reason 'why it is less bad'"), "{}", ran.stdout);
    let worst = document(&sandbox, &["declare", "--sev", "?", "--title", "logins fail"], 0);
    assert_eq!((&worst["severity"], &worst["unsure"]), (&1.into(), &true.into()));
    incident(&sandbox, &["declare", "--sev", "6", "--title", "x"]).fails(2, &["no severity"]);
    incident(&sandbox, &["declare", "--sev", "1", "--title", "  "]).fails(2, &["a title is wanted"]);
}

#[test]
fn a_long_title_is_cut_in_a_list_and_whole_where_it_is_shown() {
    let sandbox = Sandbox::new();
    let title = format!("{} end", "checkout is döwn ".repeat(40).trim_end());
    declared(&sandbox, "5", &title);
    let list = incident(&sandbox, &["list"]).stdout;
    assert!(list.contains("checkout is döwn") && list.contains("...") && !list.contains(" end"), "{list}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&incident(&sandbox, &["show"]).stdout).contains(&title));
    assert_eq!(document(&sandbox, &["list"], 0)["incidents"][0]["title"], title, "programs get the whole");
}

#[test]
fn who_writes_is_known_where_no_variable_says_it() {
    let sandbox = Sandbox::new();
    let document = document(&sandbox, &["declare", "--sev", "5", "--title", "x"], 0);
    let account = std::process::Command::new("id").arg("-un").output().expect("id runs");
    let account = String::from_utf8(account.stdout).expect("text");
    let by = document["declaredBy"].as_str().expect("somebody");
    assert!(by.starts_with(&format!("{}@", account.trim())), "{by}, not {account}");
}

#[test]
fn what_is_named_wrongly_is_told_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    incident(&sandbox, &["note", "x"])
        .fails(2, &["no incident is open on this machine, and none is named\n", "next: "]);
    assert_eq!(document(&sandbox, &["list"], 0)["incidents"], Value::Array(Vec::new()));
    let (one, two) = (declared(&sandbox, "1", "one"), declared(&sandbox, "5", "two"));
    incident(&sandbox, &["note", "x"]).fails(2, &["2 incidents are open", &one, &two]);
    let before = fs::read(entries_of(&sandbox, &one)).expect("entries");
    let wrong = one.replace("inc-2", "inc-3");
    let rows: [(&[&str], &[&str]); 13] = [
        (&["show", &wrong], &["is recorded on this machine", "did you mean", &one]),
        (&["show", "../../x"], &["is recorded on this machine"]),
        (&["severity", &one, "1", "--reason", "r"], &["is SEV-1 already"]),
        (&["severity", &one, "9", "--reason", "r"], &["no severity"]),
        (&["severity", "nonsense", "2", "--reason", "r"], &["at most the id of an incident"]),
        (&["role", &one, "boss", "jane"], &["no role", "commander, operations, comms, scribe"]),
        (&["done", &one, "pgae"], &["did you mean page?"]),
        (&["done", &one, "review"], &["when the incident is over"]),
        (&["done", &two, "page"], &["SEV-5 demands no \"page\"", "incident note"]),
        (&["action", "done", &one, "a-1"], &["no action item"]),
        (&["action", "add", &one, "x", "--due", "tomorrow"], &["is no date"]),
        (&["reopen", &one, "--reason", "r"], &["is open"]),
        (&["note", &one, " "], &["a text is wanted"]),
    ];
    for (words, said) in rows {
        incident(&sandbox, words).fails(2, said);
    }
    assert_eq!(fs::read(entries_of(&sandbox, &one)).expect("entries"), before);
    incident(&sandbox, &["resolve", &one]).succeeds();
    incident(&sandbox, &["resolve", &one]).fails(2, &["was resolved", "reopen"]);
    // The other one is the only one that is open now.
    assert_eq!(document(&sandbox, &["note", "x"], 0)["id"], two.as_str());
    assert_eq!(document(&sandbox, &["list", "--open"], 0)["incidents"].as_array().map(Vec::len), Some(1));
    // What is said again is not written again.
    let length = |id: &str| fs::read(entries_of(&sandbox, id)).expect("entries").len();
    document(&sandbox, &["role", &two, "scribe", "joe"], 0);
    let before = length(&two);
    document(&sandbox, &["role", &two, "scribe", "joe"], 0);
    assert_eq!(length(&two), before);
}

#[test]
fn titles_and_notes_steer_no_terminal_and_become_no_markup() {
    let sandbox = Sandbox::new();
    let hostile = "a\u{1b}[31mred\u{7}\u{202e}x\r\n<script>alert(1)</script> [x](http://e.example) @all";
    let id = declared(&sandbox, "1", hostile);
    incident(&sandbox, &["note", hostile]).succeeds();
    incident(&sandbox, &["role", "scribe", hostile]).succeeds();
    incident(&sandbox, &["action", "add", hostile, "--owner", hostile]).succeeds();
    let rows: [&[&str]; 10] = [
        &["show"],
        &["show", "-o", "json"],
        &["show", "-o", "yaml"],
        &["show", "-o", "html"],
        &["list"],
        &["status"],
        &["status", "-o", "json"],
        &["export"],
        &["export", "--format", "html"],
        &["export", "--format", "json"],
    ];
    for words in rows {
        let ran = incident(&sandbox, words);
        let is_raw = |it: char| it.is_control() && it != '\n' || matches!(it, '\u{202a}'..='\u{202e}');
        assert!(!ran.stdout.is_empty() && !ran.stdout.contains(is_raw), "{words:?}: {:?}", ran.stdout);
        if words.contains(&"html") {
            assert!(!ran.stdout.contains("<script") && ran.stdout.contains("&lt;script&gt;"), "{words:?}");
        }
    }
    let page = incident(&sandbox, &["export"]).stdout;
    let outside: String = page.split('`').step_by(2).collect();
    assert!(!outside.contains("<script>") && !outside.contains("](http") && !outside.contains("@all"), "{page}");
    // In the file it is as it was said.
    assert!(fs::read_to_string(entries_of(&sandbox, &id)).expect("entries").contains("\\u001b[31m"));
}

#[test]
fn a_record_that_was_cut_anywhere_goes_on_and_a_damaged_one_is_not_touched() {
    let sandbox = Sandbox::new();
    let id = declared(&sandbox, "3", "cut");
    for text in ["one", "two"] {
        document(&sandbox, &["note", text], 0);
    }
    let path = entries_of(&sandbox, &id);
    let whole = fs::read(&path).expect("entries");
    let ends: Vec<usize> = (1..=whole.len()).filter(|at| whole[at - 1] == b'\n').collect();
    let texts = |document: &Value| -> Vec<String> {
        let timeline = document["timeline"].as_array().expect("a timeline");
        timeline.iter().map(|it| it["text"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let all = texts(&document(&sandbox, &["show"], 0));
    // The unit tests cut at every byte; here the program itself goes on after some of the cuts.
    for cut in [ends[0], ends[0] + 1, ends[1] - 1, ends[1], ends[1] + 9, whole.len() - 1] {
        fs::write(&path, &whole[..cut]).expect("cut");
        let lines = ends.iter().filter(|end| **end <= cut).count();
        let after = texts(&document(&sandbox, &["note", "again"], 0));
        assert_eq!((&after[..lines], after.len()), (&all[..lines], lines + 1), "cut at {cut}");
        assert!(fs::read(&path).expect("entries").starts_with(&whole[..ends[lines - 1]]), "cut at {cut}");
    }
    let damaged = [&whole[..ends[0]], b"{\"id\":\n", &whole[ends[0]..]].concat();
    fs::write(&path, &damaged).expect("damaged");
    incident(&sandbox, &["note", &id, "x"]).fails(8, &["line 2 is no entry", "nothing was added to it"]);
    incident(&sandbox, &["note", "x"]).fails(8, &["line 2 is no entry"]);
    assert_eq!(fs::read(&path).expect("entries"), damaged);
    let other = declared(&sandbox, "5", "other");
    let list = incident(&sandbox, &["list"]);
    assert_eq!(list.code, 8, "{}", list.stderr);
    assert!(list.stdout.contains(&other) && list.stderr.contains("line 2 is no entry"), "{}", list.stderr);
    assert_eq!(incident(&sandbox, &["status"]).code, 8);
}

#[test]
fn two_processes_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    let id = declared(&sandbox, "5", "busy");
    let names: Vec<String> = (0..12).map(|number| format!("note-{number}")).collect();
    let start = |name: &String| {
        let mut command = sandbox.command(&["incident", "note", name]);
        command.stdout(Stdio::null()).spawn().expect("it starts")
    };
    let started = names.iter().map(start);
    let started: Vec<std::process::Child> = started.collect();
    for mut child in started {
        assert!(child.wait().expect("it ends").success());
    }
    let shown = document(&sandbox, &["show", &id], 0);
    let timeline = shown["timeline"].as_array().expect("a timeline");
    let written: BTreeSet<&str> = timeline.iter().filter_map(|it| it["text"].as_str()).collect();
    assert!(names.iter().all(|name| written.contains(name.as_str())), "{written:?}");
    let ids: BTreeSet<&str> = timeline.iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!((timeline.len(), ids.len()), (13, 13));
    // Zeros at the end of a fraction are left out.
    let of_same_length = |time: &str| {
        let (second, fraction) = time.trim_end_matches('Z').split_once('.').unwrap_or((time, ""));
        format!("{}.{fraction:0<9}", second.trim_end_matches('Z'))
    };
    let times: Vec<String> = timeline.iter().filter_map(|it| it["time"].as_str().map(of_same_length)).collect();
    assert!(times.len() == 13 && times.is_sorted(), "{times:?}");
}

#[test]
fn a_clock_that_is_behind_the_record_is_told_and_puts_nothing_before_it() {
    let sandbox = Sandbox::new();
    let id = declared(&sandbox, "1", "clock");
    let path = entries_of(&sandbox, &id);
    let mut entry: Value = serde_json::from_slice(&fs::read(&path).expect("entries")).expect("an entry");
    let ahead = a_year_later(entry["at"].as_str().expect("a time"));
    entry["at"] = ahead.as_str().into();
    fs::write(&path, format!("{entry}\n")).expect("written");
    let noted = document(&sandbox, &["note", "late"], 0);
    let last = noted["timeline"].as_array().and_then(|all| all.last()).expect("an entry").clone();
    assert_eq!((&last["time"], &last["text"]), (&ahead.as_str().into(), &"late".into()));
    assert!(last["clock"].is_string() && noted["clockBehindSeconds"].as_u64().is_some_and(|it| it > 86_400));
    let status = incident(&sandbox, &["status"]);
    assert_eq!(status.code, 1, "what is due is judged by the record");
    assert!(status.stdout.contains("behind the newest entry"), "{}", status.stdout);
}

/// The same moment of the next year.
fn a_year_later(time: &str) -> String {
    let (year, rest) = time.split_once('-').expect("a year");
    let day_that_every_year_has = rest.replacen("02-29", "02-28", 1);
    format!("{}-{day_that_every_year_has}", year.parse::<i32>().expect("a number") + 1)
}

#[test]
fn a_profile_says_what_is_due_and_the_incident_keeps_it() {
    let sandbox = Sandbox::new();
    let head = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n";
    let part = "incident: {severities: {sev1: [{item: manager, text: tell the manager, after: 15m}]}}\n";
    sandbox.write("shop.yaml", format!("{head}{part}"));
    let words = ["declare", "--sev", "1", "--title", "x", "--profile", "shop.yaml"];
    let declared = document(&sandbox, &words, 0);
    assert_eq!(states(&declared), [("manager".to_owned(), "pending".to_owned())]);
    assert_eq!(states(&document(&sandbox, &["show"], 0)), states(&declared), "without the profile as well");
    assert_eq!(state(&document(&sandbox, &["severity", "3", "--reason", "r"], 0), "ticket"), "pending");
    sandbox.write("shop.yaml", format!("{head}incident: {{severities: {{sev1: [{{item: a b, text: c}}]}}}}\n"));
    incident(&sandbox, &words).fails(2, &["a b is no word of small letters"]);
    let kubilitics = format!("{}/runbooks/kubilitics/profile.yaml", env!("CARGO_MANIFEST_DIR"));
    let critical = document(&sandbox, &["declare", "--sev", "1", "--title", "y", "--profile", &kubilitics], 0);
    let words: Vec<String> = states(&critical).into_iter().map(|(word, _)| word).collect();
    assert_eq!(words, ["page", "manager", "status-page", "update", "review"]);
}

#[test]
fn a_post_mortem_is_written_to_a_new_file_only() {
    let sandbox = Sandbox::new();
    let id = declared(&sandbox, "1", "paper");
    for (format, file, holds) in [
        ("markdown", "p.md", "### Post-mortem"),
        ("html", "p.html", "<!DOCTYPE html>"),
        ("json", "p.json", "\"Incident\""),
    ] {
        let words = ["export", &id, "--format", format, "--out", file];
        let ran = incident(&sandbox, &words);
        assert!(ran.code == 0 && ran.stdout.contains(file), "{}{}", ran.stdout, ran.stderr);
        let text = fs::read_to_string(sandbox.path(file)).expect("a file");
        assert!(text.contains(holds) && text.contains("paper"), "{format}: {text}");
        incident(&sandbox, &words).fails(2, &["there is such a file already"]);
        let printed = incident(&sandbox, &["export", &id, "--format", format]).stdout;
        assert!(printed.contains(holds), "{format}: {printed}");
    }
    assert_eq!(
        incident(&sandbox, &["export", &id, "-o", "markdown"]).stdout,
        incident(&sandbox, &["export", &id]).stdout
    );
    incident(&sandbox, &["export", &id, "--format", "html", "-o", "json"]).fails(2, &["leave -o out"]);
    incident(&sandbox, &["export", &id, "--out", "nowhere/p.md"]).fails(70, &["nowhere/p.md"]);
}

#[test]
fn changes_that_cannot_be_read_are_told() {
    let sandbox = Sandbox::new();
    let id = declared(&sandbox, "5", "x");
    sandbox.write(".local/state/kubectl-sre/changes/1-1/plan.json", "{}");
    let shown = document(&sandbox, &["show", &id], 6);
    assert!(shown["notLookedAt"][0].as_str().is_some_and(|why| why.contains("plan.json")), "{shown}");
    let text = incident(&sandbox, &["export", &id]);
    assert!(text.code == 6 && text.stdout.contains("not looked at"), "{}", text.stdout);
    assert_eq!(document(&sandbox, &["note", "y"], 0)["changes"], Value::Null, "to write it is not asked");
}

#[test]
fn every_command_of_the_help_and_of_the_page_parses() {
    let sandbox = Sandbox::new();
    let mut all = Vec::new();
    let words =
        ["declare", "list", "show", "status", "severity", "role", "note", "done", "action", "resolve", "reopen"];
    for word in words.into_iter().chain(["export"]) {
        let help = incident(&sandbox, &[word, "--help"]).stdout;
        let examples = help.split("Examples:").nth(1).unwrap_or_default().to_owned();
        assert!(examples.contains(&format!("kubectl sre incident {word}")), "{word} has no examples");
        all.push(examples);
    }
    all.push(include_str!("../../docs/incidents.md").to_owned());
    let lines = all.iter().flat_map(|text| text.lines());
    let commands: Vec<&str> = lines.map(str::trim).filter(|line| line.starts_with("kubectl sre incident ")).collect();
    assert!(commands.len() > 25, "{}", commands.len());
    for command in commands {
        let command = command.split("  #").next().unwrap_or_default();
        let quoted = command.split('\'').enumerate().flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        let typed = std::iter::once(BINARY.to_owned()).chain(quoted.skip(2));
        let parsed = sre_runtime::entry::family(FAMILY).try_get_matches_from(typed);
        assert!(parsed.is_ok(), "{command}: {}", parsed.expect_err("it does not parse"));
    }
}
