//! Formats that other programs read, judged by such programs; `tests/run.sh` installs them where it can.

use super::many_clusters::Fleet;
use super::sandbox::{Sandbox, fixtures, objects, program};
use serde_json::json;
use sre_core::inquiry::Query;
use sre_core::profile::Profile;
use std::io::Write;
use std::process::{Command, Stdio};

/// What a run writes in a format: over the demo, over objects with hostile text, over nothing, over several clusters.
fn outputs(format: &str) -> [String; 4] {
    let sandbox = Sandbox::new();
    let hostile = "\\\" }\\n</system-out>]]>\\u0000\\u001b[31m\\ufffe\\\\ & <x>";
    sandbox.write("o.json", objects().replace("not found", hostile).replace("default", "def\\\"ault"));
    sandbox.write("nothing.json", r#"{"apiVersion":"v1","kind":"List","items":[]}"#);
    let [demo, hostile, nothing] = ["demo", "o.json", "nothing.json"].map(|from| {
        let ran = sandbox.run(&["daily-check", "--from", from, "-o", format, "--fail-on", "warning"]);
        assert!([1, 6].contains(&ran.code), "{from}: {}", ran.stderr);
        ran.stdout
    });
    let several = Fleet::new().run("ill,well,gone", &["-o", format]);
    assert_eq!(several.code, 1, "{}", several.stderr);
    [demo, hostile, nothing, several.stdout]
}

/// Gives a program something to judge; it must find nothing wrong.
fn approves(command: &mut Command, text: &str) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn promtool_reads_the_metrics() {
    for text in outputs("prometheus") {
        assert!(text.contains("kubectl_sre_daily_check_timestamp_seconds"), "{text}");
        approves(Command::new(program(&["promtool"])).args(["check", "metrics"]), &text);
    }
}

/// An objective whose errors have no series before the first of them.
const OBJECTIVE: &str = "\
apiVersion: kubectl-sre/v1alpha1
kind: Profile
name: shop
slos:
- name: checkout
  objective: 99
  errors: sum(rate(requests_total{code=~\"5..\"}[$window]))
  total: sum(rate(requests_total[$window]))
";

#[test]
fn promtool_finds_no_errors_where_only_good_requests_were_made() {
    let profile = Profile::parse(OBJECTIVE, &[]).expect("a profile");
    let Query::Now(expression) = profile.objectives[0].query("5m") else { panic!("a query of now") };
    let case = |series: &[(&str, &str)], share: Option<f64>| {
        let series = series.iter().map(|(series, values)| json!({"series": series, "values": values}));
        let samples = share.map(|share| json!({"labels": "{}", "value": share}));
        json!({
            "interval": "1m", "input_series": series.collect::<Vec<_>>(),
            "promql_expr_test": [{
                "expr": expression, "eval_time": "10m", "exp_samples": samples.into_iter().collect::<Vec<_>>(),
            }],
        })
    };
    let (good, bad) = (r#"requests_total{code="200"}"#, r#"requests_total{code="500"}"#);
    let cases = [
        case(&[(good, "0+60x10")], Some(0.0)),
        case(&[(good, "0+60x10"), (bad, "0+20x10")], Some(0.25)),
        case(&[("other_total", "0+60x10")], None),
    ];
    let sandbox = Sandbox::new();
    let file = sandbox.write("cases.yaml", json!({"rule_files": [], "tests": cases}).to_string());
    approves(Command::new(program(&["promtool"])).args(["test", "rules"]).arg(file), "");
}

#[test]
fn xmllint_finds_the_results_as_their_schema_says() {
    for text in outputs("junit") {
        let schema = fixtures().join("junit.xsd");
        approves(Command::new(program(&["xmllint"])).args(["--noout", "--schema"]).arg(schema).arg("-"), &text);
    }
}
