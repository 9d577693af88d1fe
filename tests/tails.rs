//! Ends of logs of many programs, healthy and dying, with the line that is to blame: words of trouble are no trouble
//! where a program works, where they deny it, and where they are about somebody else.

use super::guides::cluster::Cluster;
use sre_core::cause::{CLASSES, Origin};
use sre_core::finding::Confidence;
use sre_core::logs::explained;
use sre_core::object::ObjectRef;
use sre_core::snapshot::Snapshot;
use sre_core::triage::{Triage, triage};
use sre_core::view::View;

/// An end of a log.
struct Case {
    name: String,
    /// `ready`, `unready` or `crashing`.
    state: &'static str,
    /// Signatures that are right, `-` for none.
    wanted: Vec<String>,
    text: String,
}

/// The cases of a file: `=== NAME | STATE | SIGNATURE,...` and its lines.
fn cases(file: &str) -> Vec<Case> {
    let path = sre_testkit::scenario::fixtures().join("tails").join(file);
    let all = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut cases = Vec::new();
    for block in all.split("\n=== ").skip(1) {
        let (head, text) = block.split_once('\n').expect("lines");
        let [name, state, wanted] = head.split(" | ").collect::<Vec<_>>()[..] else { panic!("{head}") };
        let states: &[&str] = match state {
            "noise" => &["ready", "unready", "crashing"],
            "ready" => &["ready"],
            "unready" => &["unready"],
            "dead" => &["crashing"],
            other => panic!("{head}: {other}"),
        };
        cases.extend(states.iter().map(|state| Case {
            name: name.to_owned(),
            state,
            wanted: wanted.split(',').map(str::to_owned).collect(),
            text: text.to_owned(),
        }));
    }
    cases
}

impl Case {
    /// What was seen, each line a second before the container ended.
    fn snapshot(&self) -> Snapshot {
        self.snapshot_at("2026-01-01T00:57:59Z")
    }

    fn snapshot_at(&self, time: &str) -> Snapshot {
        let stamped = |line: &str| format!("{time} {line}").trim_start().to_owned() + "\n";
        let lines: Vec<String> = self.text.lines().map(stamped).collect();
        let cluster = Cluster::of(self.state, lines.concat());
        let mut snapshot = cluster.snapshot(None);
        snapshot.logs = cluster.written();
        snapshot
    }

    fn told(&self, view: &View<'_>) -> String {
        explained(view).first().map_or_else(|| "-".to_owned(), |one| one.signature.id.to_owned())
    }
}

fn triaged(view: &View<'_>) -> Triage {
    triage(view, &[ObjectRef::namespaced("Deployment", "shop", "app")], None)
}

fn is_own(class: Option<&str>) -> bool {
    CLASSES.iter().any(|it| Some(it.id) == class && it.origin == Origin::Own)
}

#[test]
fn the_line_that_is_to_blame_is_found_and_no_other() {
    let mut wrong = Vec::new();
    let all: Vec<Case> = ["said.txt", "healthy.txt", "dying.txt"].into_iter().flat_map(cases).collect();
    for case in &all {
        let snapshot = case.snapshot();
        let told = case.told(&View::new(&snapshot));
        if !case.wanted.contains(&told) {
            wrong.push(format!("{} ({}): {told} and not {:?}", case.name, case.state, case.wanted));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(all.len() > 200, "{}", all.len());
}

#[test]
fn programs_that_work_say_nothing() {
    for case in ["said.txt", "healthy.txt"].into_iter().flat_map(cases).filter(|it| it.wanted == ["-"]) {
        let snapshot = case.snapshot();
        let triage = triaged(&View::new(&snapshot));
        let classes: Vec<Option<&str>> = triage.causes.iter().map(|it| it.judged.finding.class).collect();
        assert!(!classes.iter().any(|class| is_own(*class)), "{} ({}): {classes:?}", case.name, case.state);
        assert!(case.state != "ready" || classes.is_empty(), "{}: {classes:?}", case.name);
    }
}

#[test]
fn only_what_the_state_bears_out_is_sure() {
    let locked = || Case {
        name: "locked".to_owned(),
        state: "crashing",
        wanted: Vec::new(),
        text: "ERROR save: database is locked\n".to_owned(),
    };
    let confidence = |case: Case, time: &str| {
        let snapshot = case.snapshot_at(time);
        let triage = triaged(&View::new(&snapshot));
        let first = &triage.causes.first().expect("a cause").judged.finding;
        assert_eq!(first.class, Some("database-locked"));
        first.confidence
    };
    assert_eq!(confidence(locked(), "2026-01-01T00:57:58Z"), Confidence::High, "it ended two seconds later");
    assert_eq!(confidence(locked(), "2026-01-01T00:50:00Z"), Confidence::Medium, "it ran for eight minutes more");
    assert_eq!(confidence(locked(), ""), Confidence::High, "without times, it is the last that it wrote");
    let unready = Case { state: "unready", ..locked() };
    assert_eq!(confidence(unready, "2026-01-01T00:57:58Z"), Confidence::Medium, "it runs");
    let more = Case { text: format!("{}ERROR cannot save settings\n", locked().text), ..locked() };
    assert_eq!(confidence(more, ""), Confidence::Medium, "another error stands behind it");
}

#[test]
fn what_lost_is_told_as_what_else_it_could_be() {
    let case = |text: &str| Case { name: String::new(), state: "crashing", wanted: Vec::new(), text: text.to_owned() };
    let others = |case: Case| -> Vec<(Option<&'static str>, Vec<&'static str>)> {
        let snapshot = case.snapshot();
        let view = View::new(&snapshot);
        let triage = triaged(&view);
        let classes = |it: &sre_core::triage::Diagnosis| it.alternatives.iter().map(|it| it.class).collect();
        triage.causes.iter().map(|it| (it.judged.finding.class, classes(it))).collect()
    };
    let ended = "ERROR database is locked\npanic: runtime error: index out of range\n";
    assert_eq!(others(case(ended)), [(Some("container-exit-error"), vec!["database-locked"])]);
    let two = "ERROR dial tcp 10.9.8.7:5432: i/o timeout\nlisten tcp :8080: bind: address already in use\n";
    assert_eq!(others(case(two)), [(Some("port-in-use"), vec!["dependency-unavailable"])]);
    let long_after = case("ERROR database is locked\n").snapshot_at("2026-01-01T00:30:00Z");
    let long_after = triaged(&View::new(&long_after));
    assert_eq!(long_after.causes[0].judged.finding.class, Some("container-exit-error"));
    assert_eq!(long_after.causes[0].alternatives[0].against, "the process ran on long after it");
    let killed = Case { state: "killed", ..case("ERROR database is locked\n") };
    assert_eq!(others(killed), [(Some("container-exit-error"), vec!["database-locked"])]);
    assert_eq!(others(case("panic: index out of range\n")), [(Some("container-exit-error"), Vec::new())]);
    let snapshot = case(ended).snapshot();
    let triage = triaged(&View::new(&snapshot));
    let other = &triage.causes[0].alternatives[0];
    assert_eq!(other.evidence.value, "ERROR database is locked");
    assert_eq!(other.against, "what ended the process stands behind it");
    assert_eq!(other.command, "kubectl logs app-1 -c app -n shop --timestamps --tail=200 --previous");
}
