//! Walks every argument of every command: one without an effect that is shown here, by the real binary, fails.

use super::recorder::{Asked, Authority, Pods, Recorder};
use super::sandbox::{Ran, Sandbox, objects};
use clap::Args;
use kubectl_sre_daily_check::DailyCheck;
use rcgen::KeyPair;
use serde_json::Value;
use sre_runtime::flags::ClusterFlags;
use sre_runtime::plugin::Plugin;
use std::collections::{BTreeMap, BTreeSet};

const FAMILY: &[&dyn Plugin] = &[&DailyCheck];

/// What shows the effect of each argument.
const ROWS: &[(&str, fn())] = &[
    ("help", help_is_about_each_command),
    ("explain ID", another_id_is_another_page),
    ("explain output", pages_are_text),
    ("version output", super::formats::the_version_is_for_people_or_a_document_for_scripts),
    ("daily-check kubeconfig", another_kubeconfig_is_another_token),
    ("daily-check context", another_context_is_another_token),
    ("daily-check cluster", another_cluster_is_another_path),
    ("daily-check user", another_user_is_another_token),
    ("daily-check server", another_server_is_asked),
    ("daily-check namespace", a_namespace_narrows_the_requests),
    ("daily-check all_namespaces", all_namespaces_widens_them_again),
    ("daily-check selector", a_selector_narrows_the_findings),
    ("daily-check as_user", a_user_is_impersonated),
    ("daily-check as_group", groups_are_impersonated),
    ("daily-check as_uid", a_uid_is_impersonated),
    ("daily-check token", a_token_is_sent),
    ("daily-check client_certificate", another_certificate_is_shown),
    ("daily-check client_key", the_right_key_makes_a_certificate_usable),
    ("daily-check certificate_authority", an_authority_makes_a_server_trusted),
    ("daily-check tls_server_name", another_name_is_expected),
    ("daily-check insecure_skip_tls_verify", nothing_is_checked),
    ("daily-check request_timeout", a_silent_server_is_left_after_that_time),
    ("daily-check verbosity", requests_are_told_from_6_on),
    ("daily-check from", objects_are_read_from_a_file),
    ("daily-check save", an_archive_is_written),
    ("daily-check output", every_format_is_another),
    ("daily-check fail_on", every_severity_fails_at_another_finding),
    ("daily-check color", colour_is_as_was_asked_for),
    ("daily-check only", only_these_sections),
    ("daily-check skip", all_but_these_sections),
    ("daily-check show_ok", checks_that_found_nothing_are_named),
    ("daily-check profile", a_profile_changes_what_is_told),
    ("daily-check show_excluded", what_is_excluded_is_listed),
    ("daily-check routine", each_routine_tells_more),
    ("daily-check all_contexts", every_context_is_looked_at),
    ("daily-check watch", super::watch::every_kind_is_watched_from_its_list_on_until_an_interrupt),
    ("daily-check print_rbac", rights_are_printed_instead),
    ("daily-check print_cronjob", a_cron_job_is_printed_instead),
    ("daily-check image", a_cron_job_is_printed_instead),
    ("daily-check baseline", what_it_is_compared_with_is_told),
];

/// `COMMAND ARGUMENT` of the whole command line; help, which every command has, once.
fn arguments() -> BTreeSet<String> {
    let mut family = sre_runtime::entry::family(FAMILY);
    family.build();
    let own = family.get_arguments().map(|argument| argument.get_id().to_string());
    let of_commands = family.get_subcommands().flat_map(|command| {
        let name = |argument: &clap::Arg| match argument.get_id().as_str() {
            "help" => "help".to_owned(),
            id => format!("{} {id}", command.get_name()),
        };
        command.get_arguments().map(name).collect::<Vec<_>>()
    });
    own.chain(of_commands).collect()
}

#[test]
fn every_argument_does_what_it_says() {
    let rows: BTreeSet<String> = ROWS.iter().map(|(argument, _)| (*argument).to_owned()).collect();
    let arguments = arguments();
    let without: Vec<_> = arguments.difference(&rows).collect();
    assert!(without.is_empty(), "no row shows an effect of {without:?}");
    let gone: Vec<_> = rows.difference(&arguments).collect();
    assert!(gone.is_empty(), "rows of arguments that are not there: {gone:?}");
    for (_, shows_its_effect) in ROWS {
        shows_its_effect();
    }
}

#[test]
fn every_argument_explains_itself() {
    let mut family = sre_runtime::entry::family(FAMILY);
    family.build();
    for command in family.get_subcommands() {
        for argument in command.get_arguments().filter(|argument| !argument.is_positional()) {
            assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
        }
    }
    for argument in ClusterFlags::augment_args(clap::Command::new("cluster")).get_arguments() {
        assert_eq!(argument.get_help_heading(), Some("Cluster flags (as in kubectl)"), "{}", argument.get_id());
    }
}

fn help_is_about_each_command() {
    let family = sre_runtime::entry::family(FAMILY);
    let sandbox = Sandbox::new();
    let whole = sandbox.run(&["--help"]);
    for command in family.get_subcommands() {
        let about = command.get_about().expect("what it is about").to_string();
        let ran = sandbox.run(&[command.get_name(), "--help"]);
        assert!(ran.code == 0 && ran.stdout.starts_with(&about), "{}", ran.stdout);
        assert!(whole.stdout.contains(&about), "{about:?} is missing in {}", whole.stdout);
    }
    assert!(whole.stdout.contains("daily-check  Look over the whole cluster"), "{}", whole.stdout);
}

fn another_id_is_another_page() {
    let sandbox = Sandbox::new();
    let page = |id| sandbox.run(&["explain", id]).stdout;
    assert!(page("POD-02").contains("POD-02") && page("POD-02") != page("NOD-02"));
}

/// The format that there is changes nothing; another one is refused, with the one that there is.
fn pages_are_text() {
    let sandbox = Sandbox::new();
    let page = |more: &[&str]| sandbox.run(&[&["explain", "POD-02"], more].concat());
    let (plain, text) = (page(&[]), page(&["-o", "text"]));
    assert!(plain.code == 0 && text.code == 0 && plain.stdout == text.stdout, "{}", text.stderr);
    page(&["-o", "html"]).fails(2, &["html", "possible values: text"]);
}

/// A home with two of everything that a kubeconfig has, and one kubeconfig more.
struct TwoOfEverything {
    sandbox: Sandbox,
    server: Recorder,
}

impl TwoOfEverything {
    fn new() -> Self {
        let (sandbox, server) = (Sandbox::new(), Recorder::plain(Pods::Empty));
        let url = server.url();
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
             contexts: [{{name: here, context: {{cluster: c, user: u}}}}, {{name: there, context: {{cluster: c, user: v}}}}]\n\
             clusters: [{{name: c, cluster: {{server: \"{url}\"}}}}, {{name: d, cluster: {{server: \"{url}/second\"}}}}]\n\
             users: [{{name: u, user: {{token: first}}}}, {{name: v, user: {{token: second}}}}]\n"
        );
        sandbox.write(".kube/config", &kubeconfig);
        sandbox.write("alternative", kubeconfig.replace("first", "alternative"));
        Self { sandbox, server }
    }

    /// What the server is asked by a run that reads everything.
    fn asked(&self, more: &[&str]) -> Vec<Asked> {
        let ran = self.sandbox.run(&[&["daily-check"], more].concat());
        assert_eq!(ran.code, 0, "{more:?}: {}{}", ran.stdout, ran.stderr);
        let asked = self.server.take();
        assert!(asked.len() > 30, "{more:?}: {} requests", asked.len());
        asked
    }

    /// The header that all requests carry alike, with and without the words.
    fn header(&self, name: &str, more: &[&str]) -> (Vec<String>, Vec<String>) {
        let of = |more: &[&str]| {
            let values = |asked: &Asked| asked.headers(name).into_iter().map(str::to_owned).collect();
            let all: BTreeSet<Vec<String>> = self.asked(more).iter().map(values).collect();
            assert_eq!(all.len(), 1, "{name} differs between requests: {all:?}");
            all.into_iter().next().unwrap_or_default()
        };
        (of(&[]), of(more))
    }
}

fn words(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn becomes(before: &[&str], after: &[&str]) -> (Vec<String>, Vec<String>) {
    (words(before), words(after))
}

fn another_token(more: &[&str], token: &str) {
    let seen = TwoOfEverything::new().header("authorization", more);
    assert_eq!(seen, becomes(&["Bearer first"], &[&format!("Bearer {token}")]));
}

fn another_kubeconfig_is_another_token() {
    another_token(&["--kubeconfig", "alternative"], "alternative");
}

fn another_context_is_another_token() {
    another_token(&["--context", "there"], "second");
}

fn every_context_is_looked_at() {
    let tokens = |more: &[&str]| -> BTreeSet<Vec<String>> {
        let asked = TwoOfEverything::new().asked(more);
        asked.iter().map(|asked| asked.headers("authorization").into_iter().map(str::to_owned).collect()).collect()
    };
    assert_eq!(tokens(&[]), [words(&["Bearer first"])].into());
    assert_eq!(tokens(&["--all-contexts"]), [words(&["Bearer first"]), words(&["Bearer second"])].into());
}

fn another_user_is_another_token() {
    another_token(&["--user", "v"], "second");
}

fn a_token_is_sent() {
    another_token(&["--token", "typed"], "typed");
}

fn every_target_starts_with(asked: &[Asked], start: &str) -> bool {
    asked.iter().all(|asked| asked.target.starts_with(start))
}

fn another_cluster_is_another_path() {
    let two = TwoOfEverything::new();
    assert!(!every_target_starts_with(&two.asked(&[]), "/second/"));
    assert!(every_target_starts_with(&two.asked(&["--cluster", "d"]), "/second/"));
}

fn another_server_is_asked() {
    let two = TwoOfEverything::new();
    let other = format!("{}/elsewhere", two.server.url());
    assert!(!every_target_starts_with(&two.asked(&[]), "/elsewhere/"));
    assert!(every_target_starts_with(&two.asked(&["-s", &other]), "/elsewhere/"));
}

/// The targets of a run, sorted: requests overtake each other.
fn targets(asked: Vec<Asked>) -> BTreeSet<String> {
    asked.into_iter().map(|asked| asked.target).collect()
}

fn a_namespace_narrows_the_requests() {
    let two = TwoOfEverything::new();
    let (wide, narrow) = (targets(two.asked(&[])), targets(two.asked(&["-n", "bank"])));
    assert!(wide.contains("/api/v1/pods?resourceVersion=0") && !narrow.contains("/api/v1/pods?resourceVersion=0"));
    assert!(narrow.contains("/api/v1/namespaces/bank/pods?resourceVersion=0"), "{narrow:?}");
}

fn all_namespaces_widens_them_again() {
    let two = TwoOfEverything::new();
    let narrow = targets(two.asked(&["-n", "bank"]));
    let wide = targets(two.asked(&["-n", "bank", "-A"]));
    assert!(wide == targets(two.asked(&[])) && wide != narrow, "{wide:?}");
}

fn a_user_is_impersonated() {
    let seen = TwoOfEverything::new().header("impersonate-user", &["--as", "kim"]);
    assert_eq!(seen, becomes(&[], &["kim"]));
}

fn groups_are_impersonated() {
    let more = ["--as", "kim", "--as-group", "a,b", "--as-group", "c"];
    let seen = TwoOfEverything::new().header("impersonate-group", &more);
    assert_eq!(seen, becomes(&[], &["a,b", "c"]));
}

fn a_uid_is_impersonated() {
    let seen = TwoOfEverything::new().header("impersonate-uid", &["--as", "kim", "--as-uid", "42"]);
    assert_eq!(seen, becomes(&[], &["42"]));
}

/// A server that speaks TLS under one name, and a home for its callers.
struct Secured {
    sandbox: Sandbox,
    authority: Authority,
    server: Recorder,
}

impl Secured {
    fn named(name: &str) -> Self {
        let authority = Authority::new();
        let server = Recorder::tls(&authority, name);
        let sandbox = Sandbox::new();
        sandbox.write("ca.crt", &authority.pem);
        Self { sandbox, authority, server }
    }

    /// Runs with what a kubeconfig has of the cluster and the user, in flow style.
    fn run(&self, cluster: &str, user: &str, more: &[&str]) -> Ran {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: \"{}\"{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n",
            self.server.url()
        );
        self.sandbox.write("kubeconfig", text);
        self.sandbox.run(&[&["daily-check", "--kubeconfig", "kubeconfig"], more].concat())
    }

    /// The certificate that every request of a run came with; the run must succeed.
    fn shown(&self, user: &str, more: &[&str]) -> Option<Vec<u8>> {
        let ran = self.run(TRUSTED, user, more);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let all: BTreeSet<_> = self.server.take().into_iter().map(|asked| asked.certificate).collect();
        assert_eq!(all.len(), 1, "requests came with several certificates, or there were none");
        all.into_iter().next().flatten()
    }
}

const TRUSTED: &str = ", certificate-authority: ca.crt";
const JANE: &str = "client-certificate: jane.crt, client-key: jane.key";

fn another_certificate_is_shown() {
    let secured = Secured::named("127.0.0.1");
    let key = KeyPair::generate().expect("a key");
    let (jane, renewed) = (secured.authority.person_with(&key), secured.authority.person_with(&key));
    secured.sandbox.write("jane.crt", &jane.certificate);
    secured.sandbox.write("jane.key", &jane.key);
    secured.sandbox.write("renewed.crt", &renewed.certificate);
    assert_eq!(secured.shown("", &[]), None);
    assert_eq!(secured.shown(JANE, &[]), Some(jane.der()));
    assert_eq!(secured.shown(JANE, &["--client-certificate", "renewed.crt"]), Some(renewed.der()));
}

fn the_right_key_makes_a_certificate_usable() {
    let secured = Secured::named("127.0.0.1");
    let (jane, other) = (secured.authority.person(), secured.authority.person());
    secured.sandbox.write("jane.crt", &jane.certificate);
    secured.sandbox.write("jane.key", &other.key);
    secured.sandbox.write("right.key", &jane.key);
    let ran = secured.run(TRUSTED, JANE, &[]);
    assert!(ran.code != 0 && ran.stdout.is_empty() && secured.server.take().is_empty(), "{}", ran.stdout);
    assert_eq!(secured.shown(JANE, &["--client-key", "right.key"]), Some(jane.der()));
}

fn is_not_trusted(ran: &Ran) {
    ran.fails(5, &["certificate is not trusted", "next: "]);
}

fn an_authority_makes_a_server_trusted() {
    let secured = Secured::named("127.0.0.1");
    is_not_trusted(&secured.run("", "", &[]));
    let ran = secured.run("", "", &["--certificate-authority", "ca.crt"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn another_name_is_expected() {
    let secured = Secured::named("inside.test");
    is_not_trusted(&secured.run(TRUSTED, "", &[]));
    assert!(secured.server.take().is_empty());
    let ran = secured.run(TRUSTED, "", &["--tls-server-name", "inside.test"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(secured.server.take().iter().all(|asked| asked.server_name.as_deref() == Some("inside.test")));
}

fn nothing_is_checked() {
    let secured = Secured::named("inside.test");
    is_not_trusted(&secured.run("", "", &["--insecure-skip-tls-verify=false"]));
    let ran = secured.run("", "", &["--insecure-skip-tls-verify"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn a_silent_server_is_left_after_that_time() {
    let server = Recorder::plain(Pods::Silent);
    for seconds in ["1", "2"] {
        let ran = Sandbox::new().run(&["daily-check", "-s", server.url(), "--request-timeout", seconds]);
        // A busy machine takes some tenths more.
        let words = format!("Pod timed out  timed out after {seconds}");
        assert!(ran.code == 6 && ran.stdout.contains(&words), "{}{}", ran.stdout, ran.stderr);
    }
}

fn requests_are_told_from_6_on() {
    let two = TwoOfEverything::new();
    let told = |level| {
        let ran = two.sandbox.run(&["daily-check", "-v", level]);
        (ran.stderr.lines().filter(|line| line.starts_with("GET ")).count(), two.server.take().len())
    };
    let (quiet, _) = told("5");
    let (loud, asked) = told("6");
    assert!(quiet == 0 && loud == asked && asked > 30, "{quiet} {loud} {asked}");
}

/// A run over the objects of a file.
fn report(more: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", objects());
    sandbox.run(&[&["daily-check", "--from", "o.json"], more].concat())
}

/// The document of a run over the demo.
fn document(more: &[&str]) -> Value {
    let ran = Sandbox::new().run(&[&["daily-check", "--from", "demo", "-o", "json"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

fn a_selector_narrows_the_findings() {
    assert!(report(&["-l", "app=web"]).stdout.contains("POD-02"));
    let narrow = report(&["-l", "app=other"]);
    assert!(narrow.code == 6 && !narrow.stdout.contains("POD-02"), "{}", narrow.stdout);
}

fn objects_are_read_from_a_file() {
    Sandbox::new().run(&["daily-check"]).fails(5, &["no cluster is configured"]);
    assert!(report(&[]).stdout.contains("Deployment/default/web"));
}

fn an_archive_is_written() {
    let two = TwoOfEverything::new();
    let plain = two.sandbox.run(&["daily-check"]);
    assert!(plain.code == 0 && !two.sandbox.path("a.tar.zst").exists());
    let saved = two.sandbox.run(&["daily-check", "--save", "a.tar.zst", "--baseline", "none"]);
    let again = two.sandbox.run(&["daily-check", "--from", "a.tar.zst"]);
    assert_eq!((saved.code, &saved.stdout), (again.code, &again.stdout), "{}", again.stderr);
    assert!(!saved.stdout.is_empty());
}

/// The words that an argument of `daily-check` takes.
fn possible(argument: &str) -> Vec<String> {
    let family = sre_runtime::entry::family(FAMILY);
    let command = family.find_subcommand("daily-check").expect("a command");
    let argument = command.get_arguments().find(|given| given.get_id() == argument).expect("an argument");
    argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

fn every_format_is_another() {
    let formats = possible("output");
    let outputs: BTreeSet<String> = formats.iter().map(|format| report(&["-o", format]).stdout).collect();
    assert!(formats.len() > 3 && outputs.len() == formats.len(), "two of {formats:?} give the same");
    assert_eq!(report(&[]).stdout, report(&["-o", "text"]).stdout);
}

fn every_severity_fails_at_another_finding() {
    // Sections of the demo whose worst finding is critical, a warning, an information, and undecided.
    let sections = ["nodes", "scaling", "warnings", "control-plane"];
    let expected: BTreeMap<&str, [bool; 4]> = [
        ("critical", [true, false, false, false]),
        ("warning", [true, true, false, false]),
        ("info", [true, true, true, false]),
        ("unknown", [true, true, true, true]),
        ("never", [false, false, false, false]),
    ]
    .into();
    assert_eq!(possible("fail_on").len(), expected.len());
    for severity in possible("fail_on") {
        let fails = sections.map(|section| {
            let arguments = ["daily-check", "--from", "demo", "--only", section, "--fail-on", &severity];
            Sandbox::new().run(&arguments).code == 1
        });
        assert_eq!(Some(&fails), expected.get(severity.as_str()), "{severity}");
    }
}

fn colour_is_as_was_asked_for() {
    let coloured = |when: &str| report(&["--color", when]).stdout.contains("\u{1b}[");
    let of_pipe: Vec<bool> = ["auto", "always", "never"].map(coloured).into();
    assert_eq!((of_pipe, possible("color").len()), (vec![false, true, false], 3));
}

fn sections(more: &[&str]) -> BTreeSet<String> {
    let document = document(more);
    let findings = document["findings"].as_array().expect("findings");
    findings.iter().filter_map(|finding| Some(finding["section"].as_str()?.to_owned())).collect()
}

fn only_these_sections() {
    assert!(sections(&[]).len() > 5);
    assert_eq!(sections(&["--only", "nodes,storage"]), words(&["nodes", "storage"]).into_iter().collect());
}

fn all_but_these_sections() {
    let less = sections(&["--skip", "nodes,storage"]);
    let expected = sections(&[]).into_iter().filter(|section| !["nodes", "storage"].contains(&section.as_str()));
    assert_eq!(less, expected.collect());
}

/// The report of the demo with its silent node excluded.
fn excluded(more: &[&str]) -> Value {
    let sandbox = Sandbox::new();
    let profile = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: a\nexclusions:\n\
                   - {check: NOD-02, reason: known, owner: me, expires: 2026-12-31}\n";
    sandbox.write("p.yaml", profile);
    let ran = sandbox.run(&[&["daily-check", "--from", "demo", "-o", "json", "--profile", "p.yaml"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

fn a_profile_changes_what_is_told() {
    let report = excluded(&[]);
    assert_eq!((&report["summary"]["excluded"], &report["excluded"]), (&Value::from(1), &Value::Null));
}

fn what_is_excluded_is_listed() {
    assert_eq!(excluded(&["--show-excluded"])["excluded"][0]["check"], "NOD-02");
}

fn each_routine_tells_more() {
    let panels = |routine| {
        let ran = Sandbox::new().run(&["daily-check", "--from", "demo", "-o", "json", "--routine", routine]);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let panels = report["panels"].as_array().cloned().unwrap_or_default();
        panels.iter().map(|panel| panel["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(panels("morning"), ["backups"]);
    assert_eq!(panels("evening"), ["usage", "changes", "planned"]);
    assert_eq!(panels("weekly"), ["capacity", "access", "certificates"]);
    let evening = Sandbox::new().run(&["daily-check", "--from", "demo", "--routine", "evening"]).stdout;
    assert!(evening.contains("CronJob/leanvibe-production/neo4j-backup runs"), "{evening}");
}

fn rights_are_printed_instead() {
    let ran = Sandbox::new().run(&["daily-check", "--print-rbac"]);
    assert!(ran.code == 0 && ran.stdout.contains("kind: ClusterRole\n"), "{}{}", ran.stdout, ran.stderr);
    let note = "# A Prometheus or Alertmanager under another name: ";
    assert!(ran.stdout.starts_with(note), "{}", ran.stdout);
    let named = Sandbox::new();
    let head = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n";
    let places = "prometheus: {service: 'mon/my-prom:9090'}\nalertmanager: {service: 'mon/my-am:9093'}\n";
    named.write("shop.yaml", format!("{head}{places}"));
    let ran = named.run(&["daily-check", "--print-rbac", "--profile", "shop.yaml"]);
    assert!(!ran.stdout.contains(note) && ran.stdout.contains("my-prom:9090"), "{}", ran.stdout);
    let nodes = Sandbox::new().run(&["daily-check", "--print-rbac", "--only", "nodes"]);
    assert!(!nodes.stdout.contains(note), "nobody is asked: {}", nodes.stdout);
    let shared = named.write("shared.yaml", format!("{head}incident: {{namespace: ops}}\n"));
    let printed = |more: &[&str]| {
        let profile = shared.to_string_lossy();
        named.run(&[&["daily-check", "--print-rbac", "--profile", &profile], more].concat()).stdout
    };
    let of_incidents = "name: kubectl-sre-daily-check-incidents\n  namespace: ops\n";
    for narrow in [&["--only", "quotas"][..], &["-n", "shop"]] {
        assert!(printed(narrow).contains(of_incidents), "{}", printed(narrow));
    }
    assert!(!printed(&[]).contains(of_incidents), "ConfigMaps are listed everywhere: {}", printed(&[]));
    assert!(!printed(&["-n", "ops"]).contains(of_incidents), "they are listed there");
    assert!(printed(&[]).contains("# Incidents that are shared in ops are listed with this."), "{}", printed(&[]));
}

#[test]
fn what_is_kept_is_not_of_one_namespace() {
    Sandbox::new().run(&["daily-check", "history", "-n", "shop"]).fails(2, &["--namespace has no meaning for history"]);
}

fn a_cron_job_is_printed_instead() {
    let ran = Sandbox::new().run(&["daily-check", "--print-cronjob", "--image", "registry.example/sre:7"]);
    assert!(ran.stdout.contains("kind: CronJob\n"), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("image: registry.example/sre:7\n"), "{}", ran.stdout);
    Sandbox::new().run(&["daily-check", "--print-cronjob"]).fails(2, &["--image"]);
    let printed =
        |more: &[&str]| Sandbox::new().run(&[&["daily-check", "--print-cronjob", "--image", "sre"], more].concat());
    for (routine, schedule) in [("morning", "0 7 * * *"), ("evening", "0 18 * * *"), ("weekly", "0 7 * * 1")] {
        let ran = printed(&["--routine", routine]);
        assert!(ran.stdout.contains(schedule), "{routine}: {}", ran.stdout);
    }
    printed(&["--context", "a,b"]).fails(2, &["the cluster that it runs in", "--context"]);
    for image in ["x y", "", "a\nb", "'a'"] {
        let ran = Sandbox::new().run(&["daily-check", "--print-cronjob", "--image", image]);
        ran.fails(2, &["no image can be called so"]);
    }
}

fn what_it_is_compared_with_is_told() {
    let sandbox = Sandbox::new();
    let demo = ["daily-check", "--from", "demo", "-o", "json"];
    let first = sandbox.run(&demo).stdout;
    sandbox.write("before.json", first);
    let ran = sandbox.run(&[&demo[..], &["--baseline", "before.json"]].concat());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert_eq!(
        (&report["comparison"]["takenAt"], &report["findings"][0]["status"]),
        (&report["source"]["takenAt"], &Value::from("open"))
    );
    sandbox.run(&[&demo[..], &["--baseline", "20200101T000000Z-1"]].concat()).fails(2, &["daily-check history"]);
}

fn checks_that_found_nothing_are_named() {
    assert!(document(&[])["passed"].is_null());
    assert!(document(&["--show-ok"])["passed"].as_array().is_some_and(|passed| passed.len() > 10));
    assert!(report(&["--show-ok"]).stdout.contains("Looked at, and nothing found"));
}
