//! Several clusters in one run: one report, in which each cluster is told for itself.

use super::formats::{formats, schema};
use super::recorder::{Pods, Recorder};
use super::sandbox::{BINARY, Ran, Sandbox, objects};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

/// A home whose kubeconfig has contexts for several servers, each a cluster with a user of its own.
pub struct Fleet {
    pub sandbox: Sandbox,
    servers: Vec<Recorder>,
}

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

impl Fleet {
    /// A cluster in which nothing is, one in which something is wrong, and two that cannot be reached.
    pub fn new() -> Self {
        let servers = vec![Recorder::plain(Pods::Empty), Recorder::holding(objects())];
        let [well, ill] = [servers[0].url(), servers[1].url()];
        let sandbox = Sandbox::new();
        sandbox
            .write(".kube/config", kubeconfig(&[("well", well), ("ill", ill), ("gone", NOWHERE), ("away", NOWHERE)]));
        Self { sandbox, servers }
    }

    pub fn run(&self, contexts: &str, more: &[&str]) -> Ran {
        self.sandbox.run(&[&["daily-check", "--context", contexts], more].concat())
    }

    fn report(&self, contexts: &str, more: &[&str]) -> Value {
        document(&self.run(contexts, &[&["-o", "json"], more].concat()))
    }

    /// How many requests came to any of the servers.
    fn asked(&self) -> usize {
        self.servers.iter().map(|server| server.take().len()).sum()
    }
}

fn kubeconfig(contexts: &[(&str, &str)]) -> String {
    let all = |row: fn(&str, &str) -> String| contexts.iter().map(|(name, url)| row(name, url)).collect::<String>();
    format!(
        "apiVersion: v1\nkind: Config\ncontexts:\n{}clusters:\n{}users:\n{}",
        all(|name, _| format!("- {{name: \"{name}\", context: {{cluster: \"{name}\", user: \"{name}\"}}}}\n")),
        all(|name, url| format!("- {{name: \"{name}\", cluster: {{server: \"{url}\"}}}}\n")),
        all(|name, _| format!("- {{name: \"{name}\", user: {{token: \"of {name}\"}}}}\n")),
    )
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The values of a field of rows.
fn texts<'r>(rows: &'r [Value], field: &str) -> BTreeSet<&'r str> {
    rows.iter().map(|row| row[field].as_str().unwrap_or_else(|| panic!("no {field} in {row}"))).collect()
}

#[test]
fn two_clusters_are_one_report_with_the_cluster_of_each_finding() {
    let fleet = Fleet::new();
    let ran = fleet.run("ill,well", &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let [well, ill] = [fleet.servers[0].url(), fleet.servers[1].url()];
    for words in [
        "daily-check  2 clusters  all namespaces, ",
        &format!("\n  ill   {ill}  v1.36.0  as ill  "),
        &format!("\n  well  {well}  v1.36.0  as well  "),
        "CRITICAL ill  Deployment/default/web  ",
        " --context ill\n",
        ", in 2 clusters\n",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is missing in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("--context well\n"), "nothing is wrong there: {}", ran.stdout);
    for (server, token) in fleet.servers.iter().zip(["Bearer of well", "Bearer of ill"]) {
        let asked = server.take();
        assert!(asked.len() > 30 && asked.iter().all(|asked| asked.headers("authorization") == [token]), "{token}");
    }
}

#[test]
fn one_cluster_that_cannot_be_reached_is_a_gap() {
    let fleet = Fleet::new();
    let quiet = fleet.run("well,gone", &[]);
    assert_eq!(quiet.code, 6, "{}{}", quiet.stdout, quiet.stderr);
    for words in [
        "daily-check  1 of 2 clusters",
        "  gone  could not be looked at\n",
        "Could not look at everything\n  gone  http://127.0.0.1:1 as gone: cannot reach the server",
        "    next: see whether the address is right and the network lets you through: kubectl cluster-info --context gone",
        ", in 1 of 2 clusters\n",
    ] {
        assert!(quiet.stdout.contains(words), "{words:?} is missing in {}", quiet.stdout);
    }
    assert_eq!(fleet.run("gone,ill", &[]).code, 1, "what is found counts more");
    let report = fleet.report("gone,ill", &[]);
    let gone = &report["clusters"][0];
    let why = gone["failure"]["why"].as_str().expect("why");
    assert!(gone["cluster"] == "gone" && gone["source"].is_null(), "{gone}");
    assert_eq!(report["coverage"]["problems"][0], format!("gone: {why}"));
}

#[test]
fn no_cluster_that_can_be_reached_is_exit_5() {
    let ran = Fleet::new().run("gone,away", &[]);
    ran.fails(
        5,
        &["none of 2 clusters could be looked at", "\n  gone: http://127.0.0.1:1", "\n  away: http", "next: "],
    );
}

#[test]
fn an_unknown_context_among_several_is_told_before_anything_is_asked() {
    let fleet = Fleet::new();
    fleet.run("well,il", &[]).fails(2, &["no context \"il\"", "did you mean --context ill?"]);
    fleet.run("well,", &[]).fails(2, &["no context \"\""]);
    assert_eq!(fleet.asked(), 0);
}

#[test]
fn a_context_whose_name_has_a_comma_is_one() {
    let fleet = Fleet::new();
    let url = fleet.servers[0].url();
    fleet.sandbox.write(".kube/config", kubeconfig(&[("a,b", url), ("a", NOWHERE), ("b", NOWHERE)]));
    let ran = fleet.run("a,b", &["--baseline", "none"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("daily-check  a,b  http"), "{}{}", ran.stdout, ran.stderr);
    let ran = fleet.run("b,a,b", &[]);
    assert!(ran.code == 6 && ran.stdout.contains("\n  a,b  http"), "{}{}", ran.stdout, ran.stderr);
}

/// The document without the time of the run.
fn timeless(ran: &Ran) -> Value {
    let mut document = document(ran);
    document["source"]["takenAt"].take();
    document
}

#[test]
fn one_cluster_has_the_report_that_it_always_had_however_it_is_named() {
    let fleet = Fleet::new();
    let more = ["-o", "json", "--baseline", "none"];
    let alone = timeless(&fleet.run("ill", &more));
    assert!(alone["clusters"].is_null() && alone["source"]["context"] == "ill", "{alone:#}");
    assert_eq!(alone, timeless(&fleet.run("ill,ill", &more)));
    fleet.sandbox.write(".kube/config", kubeconfig(&[("ill", fleet.servers[1].url())]));
    assert_eq!(alone, timeless(&fleet.sandbox.run(&[&["daily-check", "--all-contexts"], &more[..]].concat())));
}

#[test]
fn all_contexts_are_all_clusters_each_once() {
    let fleet = Fleet::new();
    let url = fleet.servers[0].url();
    let text = format!(
        "apiVersion: v1\nkind: Config\n\
         contexts: [{{name: shop, context: {{cluster: c, user: u, namespace: shop}}}}, {{name: bank, context: {{cluster: c, user: u}}}}, \
         {{name: root, context: {{cluster: c, user: v}}}}, {{name: old, context: {{cluster: deleted, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: \"{url}\"}}}}]\nusers: [{{name: u, user: {{token: a}}}}, {{name: v, user: {{token: b}}}}]\n"
    );
    fleet.sandbox.write(".kube/config", text);
    let ran = fleet.sandbox.run(&["daily-check", "--all-contexts"]);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    for words in [
        "daily-check  2 of 3 clusters",
        "(and by context shop)",
        "(the same cluster as bank)",
        "  old  the kubeconfig has no cluster \"deleted\"",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is missing in {}", ran.stdout);
    }
    let again = document(&fleet.sandbox.run(&["daily-check", "--all-contexts", "-o", "json"]));
    let names: Vec<&str> = rows(&again["clusters"]).iter().filter_map(|row| row["cluster"].as_str()).collect();
    assert_eq!(names, ["bank", "old", "root"]);
    assert!(again["clusters"][0]["comparison"].is_object(), "both runs of one cluster were kept: {again:#}");
    Sandbox::new().run(&["daily-check", "--all-contexts"]).fails(5, &["no cluster is configured"]);
}

#[test]
fn the_document_is_what_the_schema_says_and_every_id_is_there_once() {
    let fleet = Fleet::new();
    let url = fleet.servers[1].url();
    fleet.sandbox.write(".kube/config", kubeconfig(&[("ill", url), ("worse", url), ("gone", NOWHERE)]));
    let (schemas, index) = schema();
    let more = ["--show-ok", "--routine", "weekly"];
    for _ in ["compared with nothing", "compared with the first"] {
        let report = fleet.report("ill,worse,gone", &more);
        schemas.validate(&report, index).unwrap_or_else(|error| panic!("{error:#}"));
        let findings = rows(&report["findings"]);
        assert!(findings.len() > 1 && texts(findings, "id").len() == findings.len(), "{report:#}");
        for rows in [findings, rows(&report["coverage"]["reads"]), rows(&report["panels"])] {
            assert_eq!(texts(rows, "cluster"), ["ill", "worse"].into());
        }
        let ids = texts(findings, "id");
        let linked = findings.iter().flat_map(|finding| rows(&finding["explains"])).filter_map(Value::as_str);
        assert!(linked.into_iter().all(|id| ids.contains(id)), "{report:#}");
        let own = |field: &str| report["clusters"][0]["summary"][field].as_u64().expect("a count");
        assert_eq!(report["summary"]["critical"], 2 * own("critical"));
    }
    let mut neither = fleet.report("ill,worse", &[]);
    neither["clusters"].take();
    neither.as_object_mut().expect("an object").remove("clusters");
    assert!(schemas.validate(&neither, index).is_err(), "the schema does without clusters and source");
}

#[test]
fn every_format_says_which_cluster() {
    let fleet = Fleet::new();
    for format in formats() {
        let ran = fleet.run("ill,well,gone", &["-o", &format, "--baseline", "none"]);
        assert_eq!(ran.code, 1, "{format}: {}", ran.stderr);
        let words: &[&str] = match format.as_str() {
            "text" | "wide" => &["CRITICAL ill  Deployment/default/web", "\n  gone  http://127.0.0.1:1"],
            "json" => &["\"cluster\": \"ill\"", "\"cluster\": \"gone\""],
            "yaml" => &["cluster: ill\n", "cluster: gone\n"],
            "markdown" => &["**CRITICAL** ill **`Deployment/default/web`**", "gone"],
            "html" => &["<b>ill</b><b>Deployment/default/web</b>", "<b>gone</b>", "daily-check 2 of 3 clusters"],
            "junit" => &[
                "<testsuite name=\"ill: workloads\"",
                "classname=\"daily-check.well.workloads\"",
                "classname=\"daily-check.gone.coverage\" name=\"the cluster can be looked at\"",
            ],
            "prometheus" => &[
                "kubectl_sre_daily_check_failing{cluster=\"ill\",context=\"ill\"} 1\n",
                "kubectl_sre_daily_check_failing{cluster=\"well\",context=\"well\"} 0\n",
                "kubectl_sre_daily_check_looked_at{cluster=\"gone\"} 0\n",
                "kubectl_sre_daily_check_incomplete{cluster=\"gone\"} 1\n",
            ],
            other => panic!("nothing is expected of {other}"),
        };
        for words in words {
            assert!(ran.stdout.contains(words), "{format}: {words:?} is missing in {}", ran.stdout);
        }
    }
}

#[test]
fn what_is_one_clusters_is_refused_for_several() {
    let fleet = Fleet::new();
    fleet.sandbox.write("before.json", "{}");
    for (flag, value) in [
        ("--save", "x.tar.zst"),
        ("--server", NOWHERE),
        ("--cluster", "well"),
        ("--tls-server-name", "x"),
        ("--user", "well"),
        ("--token", "s3cret"),
        ("--client-certificate", "x"),
        ("--client-key", "x"),
        ("--baseline", "before.json"),
    ] {
        let ran = fleet.run("well,ill", &[flag, value]);
        ran.fails(2, &[flag, "for one cluster", "(well, ill)", "one context at a time, with --context well first"]);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    }
    fleet.run("well,ill", &["--from", "demo"]).fails(2, &["--context", "--from demo"]);
    let all = |more: &[&str]| fleet.sandbox.run(&[&["daily-check", "--all-contexts"], more].concat());
    all(&["--from", "demo"]).fails(2, &["--all-contexts", "--from"]);
    all(&["--context", "well"]).fails(2, &["--all-contexts", "--context"]);
    all(&["--print-rbac"]).fails(2, &["--all-contexts", "--print-rbac"]);
    assert!(fleet.asked() == 0 && !fleet.sandbox.path("x.tar.zst").exists());
}

#[test]
fn what_narrows_narrows_all_of_them() {
    let fleet = Fleet::new();
    let ran = fleet.run("well,ill", &["--only", "nodes", "-n", "bank", "-l", "app=web"]);
    assert!(ran.stdout.contains("clusters  namespace bank, "), "{}{}", ran.stdout, ran.stderr);
    for server in &fleet.servers {
        let asked = server.take();
        let targets: BTreeSet<&str> = asked.iter().map(|asked| asked.path()).collect();
        assert!(
            targets.contains("/api/v1/namespaces/bank/pods") && !targets.contains("/api/v1/secrets"),
            "{targets:?}"
        );
    }
}

#[test]
fn a_namespace_that_only_one_cluster_has_is_missed_in_the_other_and_one_that_none_has_is_mistyped() {
    let [with, without] = ["bank", "blog"].map(|name| Recorder::holding(&namespace_with_an_account(name)));
    let sandbox = Sandbox::new();
    sandbox.write(".kube/config", kubeconfig(&[("with", with.url()), ("without", without.url())]));
    let ran = sandbox.run(&["daily-check", "--all-contexts", "-n", "bank"]);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    let words = "  without  there is no namespace \"bank\"\n    next: see which there are: kubectl get namespaces --context without\n";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    sandbox.run(&["daily-check", "--all-contexts", "-n", "bnak"]).fails(2, &["with: there is no namespace \"bnak\""]);
}

fn namespace_with_an_account(name: &str) -> String {
    let namespace = json!({"kind": "Namespace", "metadata": {"name": name, "uid": "1"}});
    let account = json!({"kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}});
    json!({"items": [namespace, account]}).to_string()
}

#[test]
fn each_cluster_is_kept_and_compared_as_if_it_had_been_looked_at_alone() {
    let fleet = Fleet::new();
    let first = fleet.report("ill,well", &[]);
    assert!(rows(&first["clusters"]).iter().all(|row| row["comparison"].is_null()), "{first:#}");
    let alone = fleet.report("ill", &[]);
    assert_eq!(
        (&alone["findings"][0]["status"], &alone["comparison"]["fixed"]),
        (&"open".into(), &Value::Array(vec![]))
    );
    let text = fleet.run("ill,well", &[]).stdout;
    let heading = "Nothing new since the last run of each cluster\n";
    assert!(text.contains(heading) && text.contains(" still open\n"), "{text}");
    let history = document(&fleet.sandbox.run(&["daily-check", "history", "-o", "json"]));
    let contexts: Vec<&str> = rows(&history["runs"]).iter().filter_map(|run| run["context"].as_str()).collect();
    assert_eq!(contexts.iter().filter(|context| **context == "ill").count(), 3, "{history:#}");
    assert_eq!(contexts.len(), 5, "{history:#}");
}

#[test]
fn a_report_of_several_is_no_baseline_of_one() {
    let fleet = Fleet::new();
    let report = fleet.run("ill,well", &["-o", "json"]).stdout;
    fleet.sandbox.write("both.json", report);
    fleet.run("ill", &["--baseline", "both.json"]).fails(2, &["both.json", "a report of several clusters"]);
}

#[test]
fn what_a_run_tells_of_itself_starts_with_the_cluster() {
    let ran = Fleet::new().run("well,ill", &["-v", "6"]);
    for words in ["well: GET http://", "ill: GET http://", "ill: judged in "] {
        assert!(ran.stderr.lines().any(|line| line.starts_with(words)), "{words:?} is missing in {}", ran.stderr);
    }
}

#[test]
fn at_most_four_clusters_are_read_at_once() {
    let (server, crowd) = Recorder::crowded(32);
    let contexts = ["a", "b", "c", "d", "e", "f"].map(|name| (name, server.url()));
    let sandbox = Sandbox::new();
    sandbox.write(".kube/config", kubeconfig(&contexts));
    let ran = sandbox.run(&["daily-check", "--all-contexts"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(crowd.most(), 32, "eight lists of each of four clusters");
}

/// `script` of util-linux gives the run a terminal; other systems have one with other arguments.
#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_there_is_a_bar_for_each_cluster() {
    let servers = [Recorder::busy(&["/readyz"], 1), Recorder::busy(&["/livez"], 1)];
    let sandbox = Sandbox::new();
    sandbox.write(".kube/config", kubeconfig(&[("prod-eu", servers[0].url()), ("prod-us", servers[1].url())]));
    let typed = format!("{BINARY} daily-check --all-contexts >report");
    let mut terminal = sandbox.prepared(Command::new("script"), &["-qec", &typed, "/dev/null"]);
    let shown = terminal.env("TERM", "xterm").output().expect("script runs");
    assert!(shown.status.success(), "{shown:?}");
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.contains("reading prod-eu ") && shown.contains("reading prod-us "), "{shown:?}");
    let report = std::fs::read_to_string(sandbox.path("report")).expect("a report");
    assert!(!report.contains("reading") && report.contains("daily-check  2 clusters"), "{report}");
}
