//! Kubelets are asked for what volumes hold, where no Prometheus tells it and the caller may.

use super::recorder::Recorder;
use super::sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

/// What a kubelet answers: status and body, or nothing at all.
type Kubelet = fn(&str) -> Option<(&'static str, String)>;

/// Three nodes with a pod on each, of which the first two use a claim.
fn objects() -> Value {
    let node = |name: &str| json!({"kind": "Node", "metadata": {"name": name}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}});
    let pod = |node: &str, volumes: Value| {
        json!({
            "kind": "Pod", "metadata": {"name": format!("db-{node}"), "namespace": "shop"},
            "spec": {"nodeName": node, "containers": [{"name": "db"}], "volumes": volumes}, "status": {"phase": "Running"},
        })
    };
    let claim = |node: &str| json!([{"name": "data", "persistentVolumeClaim": {"claimName": format!("data-{node}")}}]);
    json!([
        node("a"),
        node("b"),
        node("c"),
        pod("a", claim("a")),
        pod("b", claim("b")),
        pod("c", json!([{"name": "data", "emptyDir": {}}])),
    ])
}

fn summary(node: &str, used: u64) -> String {
    let claim = json!({"name": format!("data-{node}"), "namespace": "shop"});
    let volume = json!({"name": "data", "pvcRef": claim, "usedBytes": used, "capacityBytes": 100, "inodes": 100, "inodesUsed": 3});
    let pod = json!({"podRef": {"name": format!("db-{node}"), "namespace": "shop", "uid": "1"}, "volume": [volume]});
    json!({"node": {"nodeName": node}, "pods": [pod]}).to_string()
}

fn told(node: &str) -> Option<(&'static str, String)> {
    Some(("200 OK", summary(node, if node == "a" { 92 } else { 10 })))
}

fn forbidden(_: &str) -> Option<(&'static str, String)> {
    let message = "nodes is forbidden: User cannot get resource nodes/proxy";
    let status = json!({"kind": "Status", "status": "Failure", "message": message, "code": 403});
    Some(("403 Forbidden", status.to_string()))
}

fn none(_: &str) -> Option<(&'static str, String)> {
    Some(("404 Not Found", "404 page not found".to_owned()))
}

/// One does not answer.
fn half(node: &str) -> Option<(&'static str, String)> {
    if node == "a" { told(node) } else { None }
}

/// A run over the section of storage, and the nodes whose kubelets it asked.
fn run(kubelet: Kubelet, profile: &str, more: &[&str]) -> (Ran, Vec<String>) {
    let (sandbox, server) = (Sandbox::new(), Recorder::with_kubelets(&objects(), kubelet));
    sandbox.write("p.yaml", format!("apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n{profile}"));
    let typed = ["daily-check", "--only", "storage", "--server", server.url(), "--profile", "p.yaml"];
    let ran = sandbox.run(&[&typed[..], more].concat());
    let node = |path: &str| Some(path.strip_prefix("/api/v1/nodes/")?.strip_suffix("/proxy/stats/summary")?.to_owned());
    let mut asked: Vec<String> = server.take().iter().filter_map(|asked| node(asked.path())).collect();
    asked.sort();
    (ran, asked)
}

fn report(kubelet: Kubelet, profile: &str) -> (Value, Vec<String>) {
    let (ran, asked) = run(kubelet, profile, &["-o", "json"]);
    (serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr)), asked)
}

/// What became of asking the kubelets.
fn state(report: &Value) -> Option<(&str, Option<&str>)> {
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    let read = reads.iter().find(|read| read["what"] == "kubelet summaries")?;
    Some((read["state"].as_str()?, read["detail"].as_str()))
}

fn full(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .filter(|finding| finding["check"] == "STO-09")
        .map(|finding| format!("{} {}", text(&finding["severity"]), text(&finding["title"])))
        .collect()
}

#[test]
fn a_full_volume_is_told_and_kept_and_only_nodes_with_claims_are_asked() {
    let (report, asked) = report(told, "");
    assert_eq!(asked, ["a", "b"]);
    assert_eq!(
        (state(&report), full(&report)),
        (Some(("read", None)), vec!["warning its volume is 92 % full".to_owned()])
    );
    let (sandbox, server) = (Sandbox::new(), Recorder::with_kubelets(&objects(), told));
    let typed = ["daily-check", "--only", "storage", "--baseline", "none"];
    let live = sandbox.run(&[&typed[..], &["--server", server.url(), "--save", "kept"]].concat());
    let again = sandbox.run(&[&typed[..], &["--from", "kept"]].concat());
    assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{}", again.stderr);
    assert!(live.stdout.contains("its volume is 92 % full"), "{}", live.stdout);
}

#[test]
fn who_may_not_ask_has_a_plain_line_and_asks_once() {
    let (ran, asked) = run(forbidden, "", &[]);
    assert_eq!((ran.code, asked.len()), (0, 1), "{}{}", ran.stdout, ran.stderr);
    let is_plain = |line: &str| line.starts_with("not asked for: ") && line.contains("kubelet summaries");
    assert!(ran.stdout.lines().any(is_plain), "{}", ran.stdout);
    let (report, _) = report(forbidden, "");
    assert_eq!((state(&report), full(&report)), (Some(("not asked for", None)), Vec::new()));
}

#[test]
fn a_profile_that_wants_it_makes_a_gap_of_it() {
    let (ran, asked) = run(forbidden, "kubelets: {summary: true}\n", &[]);
    assert_eq!((ran.code, asked.len()), (6, 1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("kubelet summaries forbidden  Node a: nodes is forbidden"), "{}", ran.stdout);
    assert!(ran.stdout.contains("undecided: STO-09"), "{}", ran.stdout);
}

#[test]
fn a_profile_bounds_them_and_says_how_many_were_left_out() {
    let (bounded, asked) = report(told, "kubelets: {nodes: 1}\n");
    let detail = "1 of 2 nodes with volumes of claims have told, the others were not asked";
    assert_eq!((asked.len(), state(&bounded)), (1, Some(("cut short", Some(detail)))));
    assert_eq!(full(&bounded).len(), 2, "what was seen, and that it was not all");
    let (never, asked) = report(told, "kubelets: {summary: false}\n");
    assert_eq!((asked.len(), state(&never), full(&never).len()), (0, None, 0));
}

#[test]
fn one_that_is_silent_costs_its_time_and_is_a_gap() {
    let (ran, asked) = run(half, "", &["--request-timeout", "3s"]);
    assert_eq!((ran.code, asked.len()), (6, 2), "{}{}", ran.stdout, ran.stderr);
    let gap = "kubelet summaries timed out, 1 seen  Node b: no answer within 3000 ms; 1 of 2 nodes";
    assert!(ran.stdout.contains(gap) && ran.stdout.contains("its volume is 92 % full"), "{}", ran.stdout);
}

#[test]
fn what_stands_for_a_kubelet_and_has_no_summary_is_no_gap() {
    let (report, asked) = report(none, "");
    assert_eq!((asked.len(), state(&report)), (2, Some(("not installed", None))));
}

#[test]
fn the_right_to_ask_them_is_printed_only_where_a_profile_wants_it() {
    let printed = |profile: &str, more: &[&str]| run(told, profile, &[&["--print-rbac"], more].concat()).0.stdout;
    let wanted = "kubelets: {summary: true}\n";
    assert!(!printed("", &[]).contains("nodes/proxy") && printed(wanted, &[]).contains("nodes/proxy"));
    assert!(!printed(wanted, &["--watch"]).contains("nodes/proxy"), "while watching nobody asks them");
    let (sandbox, none) = (Sandbox::new(), ["daily-check", "--from", "demo", "--print-rbac"]);
    assert!(!sandbox.run(&none).stdout.contains("nodes/proxy"));
}
