//! Lines of all components that carry a value, through the real binary.

use super::formats::schema_of_changes;
use super::recorder::{Asked, Recorder};
use super::sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
        "spec": {"nodeName": "n1", "containers": [{"name": "app", "image": "registry.example/a:1"}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "app", "ready": true, "restartCount": 0, "image": "", "imageID": "",
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}})
}

fn written(asked: &Asked) -> Option<(&'static str, String)> {
    assert!(asked.target.contains("tailLines=2000"), "{}", asked.target);
    let text = if asked.path().contains("/web/") {
        "2026-01-01T00:00:01Z {\"level\":\"INFO\",\"trace_id\":\"t1\",\"message\":\"order begins, token=hunter2x \\u001b[31mred\"}\n\
         2026-01-01T00:00:02Z {\"level\":\"INFO\",\"trace_id\":\"t2\",\"message\":\"another\"}\n"
    } else {
        "2026-01-01T00:00:03Z level=error trace_id=t1 msg=\"no stock\"\n2026-01-01T00:00:00Z trace_id=t10 early\n"
    };
    Some(("200 OK", text.to_owned()))
}

fn one_is_forbidden(asked: &Asked) -> Option<(&'static str, String)> {
    if asked.path().contains("/web/") {
        return written(asked);
    }
    let status = json!({"kind": "Status", "status": "Failure", "message": "no pods/log for you", "code": 403});
    Some(("403 Forbidden", status.to_string()))
}

fn search(log: fn(&Asked) -> Option<(&'static str, String)>, more: &[&str]) -> (Ran, usize) {
    let (sandbox, server) = (Sandbox::new(), Recorder::with_logs(&json!([pod("stock"), pod("web")]), log));
    let ran = sandbox.run(&[&["incident", "logs", "--server", server.url()], more].concat());
    let asked = server.take().iter().filter(|asked| asked.path().ends_with("/log")).count();
    (ran, asked)
}

fn document(ran: &Ran) -> Value {
    let document: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let (schemas, index) = schema_of_changes("LogSearch");
    schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}"));
    document
}

#[test]
fn what_components_wrote_about_one_request_stands_in_the_order_of_time() {
    let (ran, asked) = search(written, &["--field", "trace_id=t1", "-o", "json"]);
    assert_eq!((ran.code, asked), (0, 2), "{}", ran.stderr);
    let document = document(&ran);
    let lines = document["lines"].as_array().expect("lines");
    let told: Vec<[&str; 3]> = lines
        .iter()
        .map(|it| [&it["object"]["name"], &it["level"], &it["message"]].map(|it| it.as_str().unwrap_or_default()))
        .collect();
    assert_eq!((told.len(), told[1]), (2, ["stock", "error", "no stock"]), "{told:?}");
    assert!(told[0][2].starts_with("order begins, "), "{told:?}");
    assert_eq!((&document["searched"], &document["logs"]), (&json!(2), &json!(2)));
    let (text, _) = search(written, &["--field", "trace_id=t1"]);
    assert!(text.stdout.starts_with("2 lines with trace_id=t1 in the ends of 2 logs\n"), "{}", text.stdout);
    for printed in [&ran.stdout, &text.stdout] {
        assert!(!printed.contains("hunter2x") && !printed.contains('\u{1b}'), "{printed}");
    }
}

#[test]
fn several_fields_must_all_be_there_and_labels_say_whose_logs() {
    let (ran, _) = search(written, &["--field", "trace_id=t1", "--field", "level=error", "-o", "json"]);
    assert_eq!(document(&ran)["lines"].as_array().expect("lines").len(), 1);
    let (ran, asked) = search(written, &["--field", "trace_id=t1", "-l", "app=web", "-o", "json"]);
    assert_eq!((document(&ran)["lines"].as_array().expect("lines").len(), asked), (1, 1));
}

#[test]
fn what_was_not_searched_is_said() {
    let (ran, _) = search(one_is_forbidden, &["--field", "trace_id=t1", "-o", "json"]);
    let document = document(&ran);
    assert_eq!((ran.code, &document["searched"], &document["logs"]), (6, &json!(1), &json!(2)), "{document:#}");
    let (text, _) = search(one_is_forbidden, &["--field", "trace_id=nobody"]);
    assert!(
        text.code == 6
            && text.stdout.contains("no pods/log for you")
            && text.stdout.contains("only 1 of 2 logs were searched"),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains("No line carries it in what was read"), "{}", text.stdout);
}

#[test]
fn a_field_without_a_value_is_wrong_usage() {
    let (ran, asked) = search(written, &["--field", "trace_id"]);
    ran.fails(2, &["\"trace_id\" names no field", "kubectl sre incident logs --field trace_id=abc123"]);
    assert_eq!(asked, 0);
}
