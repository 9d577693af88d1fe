//! What is printed, in which form, and what becomes of a reader that goes away.

use super::sandbox::{Ran, Sandbox, fixtures, objects};
use clap::ValueEnum;
use serde_json::Value;
use sre_core::plan::ACTIONS;
use sre_runtime::args::OutputFormat;
use std::io::Read;
use std::process::Stdio;

pub fn schema() -> (boon::Schemas, boon::SchemaIndex) {
    compiled(include_str!("../../docs/schema/daily-check.schema.json"))
}

/// The schema of a document of a change or of an incident, by its kind.
pub fn schema_of_changes(kind: &str) -> (boon::Schemas, boon::SchemaIndex) {
    compiled(match kind {
        "Plan" => include_str!("../../docs/schema/plan.schema.json"),
        "ChangeList" => include_str!("../../docs/schema/change-list.schema.json"),
        "RevisionList" => include_str!("../../docs/schema/revision-list.schema.json"),
        "AuditLogVerification" => include_str!("../../docs/schema/audit-log-verification.schema.json"),
        "ScalePlan" => include_str!("../../docs/schema/scale-plan.schema.json"),
        "Approval" => include_str!("../../docs/schema/approval.schema.json"),
        "Incident" => include_str!("../../docs/schema/incident.schema.json"),
        "LogSearch" => include_str!("../../docs/schema/log-search.schema.json"),
        "Probe" => include_str!("../../docs/schema/probe.schema.json"),
        "IncidentList" => include_str!("../../docs/schema/incident-list.schema.json"),
        other => panic!("{other} has no schema"),
    })
}

/// The schema of a triage.
pub fn schema_of_triage() -> (boon::Schemas, boon::SchemaIndex) {
    compiled(include_str!("../../docs/schema/triage.schema.json"))
}

/// The document of a triage, which is as its schema says.
pub fn triage_document(ran: &Ran) -> Value {
    let document: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let (schemas, index) = schema_of_triage();
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
    document
}

fn compiled(schema: &str) -> (boon::Schemas, boon::SchemaIndex) {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("schema.json", schema).expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas).expect("the schema is a schema");
    (schemas, index)
}

#[test]
pub fn the_version_is_for_people_or_a_document_for_scripts() {
    let (schemas, index) = compiled(include_str!("../../docs/schema/version.schema.json"));
    let sandbox = Sandbox::new();
    let version = |format| sandbox.run(&["version", "-o", format]);
    let (json, yaml) = (version("json"), version("yaml"));
    let document: Value = serde_json::from_str(&json.stdout).expect("one JSON document");
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    let read: Value = serde_saphyr::from_str(&yaml.stdout).expect("YAML");
    assert_eq!((read, json.code, yaml.code), (document, 0, 0));
    let text = sandbox.run(&["version"]).stdout;
    assert!(text.starts_with("kubectl-sre ") && text == version("text").stdout, "{text}");
    version("html").fails(2, &["html", "possible values: text, json, yaml"]);
}

fn report(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.write("o.json", objects());
    sandbox.run(&[&["daily-check", "--from", "o.json"], more].concat())
}

#[test]
fn json_is_what_the_schema_says_and_every_field_counts() {
    let (schemas, index) = schema();
    let ran = report(&Sandbox::new(), &["-o", "json", "--show-ok"]);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
    assert!(!document["findings"].as_array().expect("findings").is_empty(), "the fixture has a finding");
    for required in
        ["/apiVersion", "/kind", "/source/takenAt", "/coverage/reads", "/summary/critical", "/findings/0/id"]
    {
        let mut less = document.clone();
        let (parent, field) = required.rsplit_once('/').expect("a pointer");
        less.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|it| it.remove(field)).expect("it is there");
        assert!(schemas.validate(&less, index).is_err(), "the schema does without {required}");
    }
    let mut more = document.clone();
    more["extra"] = Value::Null;
    assert!(schemas.validate(&more, index).is_err(), "the schema is closed");
}

#[test]
fn yaml_is_the_same_document() {
    let sandbox = Sandbox::new();
    let json: Value = serde_json::from_str(&report(&sandbox, &["-o", "json"]).stdout).expect("JSON");
    let yaml = report(&sandbox, &["-o", "yaml"]).stdout;
    let read: Value = serde_saphyr::from_str(&yaml).expect("YAML");
    assert_eq!(read, json);
}

#[test]
fn the_same_input_gives_the_same_output() {
    let sandbox = Sandbox::new();
    for format in formats() {
        let run = || sandbox.run(&["daily-check", "--from", "demo", "-o", &format]).stdout;
        let first = run();
        assert!(first == run() && first.ends_with('\n'), "{format}");
    }
}

/// Every word that `-o` takes.
pub fn formats() -> Vec<String> {
    let values = OutputFormat::value_variants().iter().filter_map(OutputFormat::to_possible_value);
    values.map(|value| value.get_name().to_owned()).collect()
}

#[test]
fn every_format_says_the_same_in_its_way() {
    let sandbox = Sandbox::new();
    let of_demo = |format| sandbox.run(&["daily-check", "--from", "demo", "-o", format]);
    let document: Value = serde_json::from_str(&of_demo("json").stdout).expect("JSON");
    let critical = document["summary"]["critical"].as_u64().expect("a count");
    let checks = document["summary"]["checks"].as_u64().expect("a count");
    for (format, words) in [
        ("text", format!("\n{critical} critical, ")),
        ("markdown", format!("\n### {critical} critical, ")),
        ("html", format!(">{critical} critical, ")),
        ("junit", format!("<testsuites name=\"kubectl sre daily-check\" tests=\"{checks}\" failures=\"{critical}\"")),
        ("prometheus", "kubectl_sre_daily_check_failing{context=\"demo\"} 1\n".to_owned()),
    ] {
        let ran = of_demo(format);
        assert!(ran.code == 1 && ran.stdout.contains(&words), "{format}: {words:?} is missing in {}", ran.stdout);
    }
}

#[test]
fn the_readme_tells_of_every_format() {
    let readme = include_str!("../../README.md");
    for format in formats() {
        assert!(readme.contains(&format!("| `{format}` |")), "{format}");
    }
}

#[test]
fn wide_shows_at_least_what_text_shows() {
    let sandbox = Sandbox::new();
    assert!(report(&sandbox, &["-o", "wide"]).stdout.len() >= report(&sandbox, &[]).stdout.len());
}

#[test]
fn colour_comes_only_when_it_is_asked_for() {
    let sandbox = Sandbox::new();
    assert!(!report(&sandbox, &[]).stdout.contains('\u{1b}'), "no terminal, no colour");
    assert!(report(&sandbox, &["--color", "always"]).stdout.contains("\u{1b}["));
    sandbox.write("o.json", objects());
    let mut command = sandbox.command(&["daily-check", "--from", "o.json", "--color", "never"]);
    let ran = Ran::of(command.env("NO_COLOR", "1").output().expect("it runs"));
    assert!(!ran.stdout.contains('\u{1b}') && ran.code == 1, "{}", ran.stderr);
}

#[test]
fn documents_hold_what_would_steer_a_terminal_only_escaped() {
    let sandbox = Sandbox::new();
    let spoiled = "\u{9b}2J \u{202e}abc\u{2066} not found";
    sandbox.write("o.json", objects().replace("not found", spoiled));
    let read = |format: &str| {
        let text = sandbox.run(&["daily-check", "--from", "o.json", "-o", format]).stdout;
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{2066}']), "{format}: {text}");
        serde_saphyr::from_str::<Value>(&text).expect("a document")
    };
    let (json, yaml) = (read("json"), read("yaml"));
    assert_eq!(json, yaml);
    assert!(json["findings"].to_string().contains(spoiled), "nothing is lost: {json}");
}

#[test]
fn escapes_of_cluster_data_are_shown_and_not_sent() {
    let sandbox = Sandbox::new();
    let text = objects().replace("not found", "\\u001b]0;owned\\u0007 not found");
    assert_ne!(text, objects(), "the fixture has the words");
    sandbox.write("o.json", text);
    for format in formats() {
        let ran = sandbox.run(&["daily-check", "--from", "o.json", "-o", &format]);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{7}') && ran.code == 1, "{format}");
        if ["text", "wide", "markdown", "html", "junit"].contains(&format.as_str()) {
            assert!(ran.stdout.contains("\\u{1b}]0;owned\\u{7}"), "{format}: {}", ran.stdout);
        }
    }
}

#[test]
fn a_closed_standard_output_is_no_error() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", objects());
    let mut command = sandbox.command(&["daily-check", "--from", "o.json", "-o", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut said).expect("text");
    let code = child.wait().expect("it ends").code();
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

#[test]
fn explain_prints_the_page_of_a_check_and_of_a_class() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["explain", "pod-02"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("POD-02  "), "{}{}", ran.stdout, ran.stderr);
    let ran = sandbox.run(&["explain", "image-not-found"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("image-not-found"), "{}{}", ran.stdout, ran.stderr);
    assert!(fixtures().is_dir());
}

#[test]
fn explain_alone_lists_every_page_and_each_action_has_one() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["explain"]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    let line = |id: &str| list.stdout.lines().find(|line| line.split("  ").next() == Some(id)).unwrap_or_default();
    assert!(line("POD-02").ends_with("  an image cannot be pulled") && !line("image-not-found").is_empty());
    for action in ACTIONS {
        assert!(line(action.id).ends_with(&format!("  {}", action.does)), "{}", line(action.id));
        let page = sandbox.run(&["explain", action.id]).stdout;
        assert!(page.starts_with(action.id) && page.contains(action.undo) && page.contains(action.page), "{page}");
    }
}
