//! Formats that other programs read, judged by such programs; `tests/run.sh` installs them where it can.

use super::many_clusters::Fleet;
use super::sandbox::{Sandbox, fixtures, objects, program};
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

#[test]
fn xmllint_finds_the_results_as_their_schema_says() {
    for text in outputs("junit") {
        let schema = fixtures().join("junit.xsd");
        approves(Command::new(program(&["xmllint"])).args(["--noout", "--schema"]).arg(schema).arg("-"), &text);
    }
}
