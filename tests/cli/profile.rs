//! What a profile does to a report, and what is said of a wrong one.

use super::sandbox::{Ran, Sandbox};
use kubectl_sre_daily_check::checks::CHECKS;
use serde_json::Value;
use sre_core::profile::Profile;

const HEAD: &str = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: demo\n";

fn run(profile: &str, more: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    sandbox.write("profile.yaml", format!("{HEAD}{profile}"));
    sandbox.run(&[&["daily-check", "--from", "demo", "--profile", "profile.yaml"], more].concat())
}

fn report(profile: &str, more: &[&str]) -> Value {
    let ran = run(profile, &[&["-o", "json"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

fn exclusion(expires: &str) -> String {
    format!(
        "exclusions:\n- check: NOD-02\n  objects: [Node/ip-10-0-*]\n  reason: it is being repaired\n  owner: team-nodes\n  expires: {expires}\n"
    )
}

fn checks<'r>(report: &'r Value, list: &str) -> Vec<&'r str> {
    report[list].as_array().expect("a list").iter().filter_map(|finding| finding["check"].as_str()).collect()
}

#[test]
fn what_is_excluded_is_counted_and_hidden_with_what_only_it_explains() {
    let without = report("", &[]);
    let with = report(&exclusion("2026-12-31"), &[]);
    assert!(checks(&without, "findings").contains(&"NOD-02") && !checks(&with, "findings").contains(&"NOD-02"));
    assert!(checks(&with, "findings").len() + 5 < checks(&without, "findings").len(), "its symptoms go with it");
    assert_eq!((&without["summary"]["excluded"], &with["summary"]["excluded"]), (&Value::from(0), &Value::from(1)));
    let text = run(&exclusion("2026-12-31"), &[]).stdout;
    assert!(text.contains("1 excluded by the profile (which: --show-excluded)"), "{text}");
}

#[test]
fn what_is_excluded_is_shown_with_its_owner_on_demand() {
    let shown = report(&exclusion("2026-12-31"), &["--show-excluded"]);
    assert_eq!(checks(&shown, "excluded"), ["NOD-02"]);
    assert_eq!(shown["excluded"][0]["exclusion"]["owner"], "team-nodes");
    let text = run(&exclusion("2026-12-31"), &["--show-excluded"]).stdout;
    assert!(text.contains("until 2026-12-31, team-nodes: it is being repaired"), "{text}");
}

#[test]
fn an_exclusion_that_is_over_brings_its_finding_back_and_says_so() {
    let report = report(&exclusion("2026-11-24"), &[]);
    assert!(checks(&report, "findings").contains(&"NOD-02"));
    let text = run(&exclusion("2026-11-24"), &[]).stdout;
    assert!(text.contains("was excluded until 2026-11-24 by team-nodes: it is being repaired"), "{text}");
}

#[test]
fn what_could_not_be_looked_at_cannot_be_excluded() {
    let all = "exclusions:\n- objects: ['*/*', '*/*/*']\n  reason: quiet\n  owner: me\n  expires: 2030-01-01\n";
    let ran = run(all, &[]);
    assert_eq!(ran.code, 6, "{}", ran.stdout);
    assert!(ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
}

#[test]
fn a_limit_moves_the_check_that_uses_it() {
    let urgent = |profile| checks(&report(profile, &["--fail-on", "never"]), "findings").contains(&"GAP-90");
    assert!(urgent(""));
    let severity = |profile: &str| {
        let report = report(profile, &[]);
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().find(|one| one["check"] == "GAP-90").map(|one| one["severity"].clone())
    };
    assert_eq!(severity("thresholds: {certificateDays: 5}\n"), Some(Value::from("info")));
    assert_eq!(severity("thresholds: {certificateDays: 10}\n"), Some(Value::from("warning")));
}

#[test]
fn a_wrong_profile_is_told_whole_and_nothing_is_read() {
    let ran = run("treshholds: {}\nexclusions:\n- check: NOD-2\n  reason: ''\n  owner: me\n  expires: soon\n", &[]);
    ran.fails(
        2,
        &[
            "profile.yaml: 4 problems",
            "line 4, column 1: treshholds: unknown field; did you mean thresholds?",
            "NOD-2 is no check",
            "exclusions[0].reason: must not be empty",
            "soon is no date",
        ],
    );
    run("name: shop\n", &[]).fails(2, &["profile.yaml: 1 problem", "line 4, column 1: name is there twice"]);
    let gap = exclusion("2026-12-31").replace("NOD-02", "GAP-01");
    run(&gap, &[]).fails(2, &["GAP-01 cannot be excluded: it tells what could not be looked at"]);
    run("exclusions: [\n", &[]).fails(2, &["profile.yaml: 1 problem", "line "]);
    Sandbox::new().run(&["daily-check", "--from", "demo", "--profile", "none.yaml"]).fails(2, &["--profile none.yaml"]);
}

#[test]
fn a_profile_has_a_name_in_the_persons_configuration() {
    let sandbox = Sandbox::new();
    sandbox.write(".config/kubectl-sre/profiles/shop.yaml", format!("{HEAD}{}", exclusion("2026-12-31")));
    let typed = |name| ["daily-check", "--from", "demo", "--profile", name];
    let hidden = "1 excluded by the profile";
    assert!(sandbox.run(&typed("shop")).stdout.contains(hidden));
    let words = ["--profile shpo: no profile has this name", "did you mean shop? there are shop;"];
    sandbox.run(&typed("shpo")).fails(2, &words);

    // A file of the same name is meant only as a path, and `XDG_CONFIG_HOME` goes before the home.
    sandbox.write("shop", HEAD);
    assert!(sandbox.run(&typed("shop")).stdout.contains(hidden));
    assert!(!sandbox.run(&typed("./shop")).stdout.contains(hidden));
    let mut elsewhere = sandbox.command(&typed("shop"));
    let ran = Ran::of(elsewhere.env("XDG_CONFIG_HOME", sandbox.path("none")).output().expect("it runs"));
    ran.fails(2, &["no profile has a name yet", "none/kubectl-sre/profiles/shop.yaml", "--profile ./shop"]);
}

#[test]
fn the_schema_and_the_reader_agree() {
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/profile.schema.json")).expect("JSON");
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("profile.json", schema).expect("a resource");
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("profile.json", &mut schemas).expect("the schema is a schema");
    let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    let rest = |rest: &str| format!("{HEAD}{rest}");
    let knobs = |text: &str| format!("components:\n- {{name: a, workloads: [Deployment/a/a], knobs: [{text}]}}\n");
    let members = |text: &str| format!("components:\n- {{name: a, workloads: [StatefulSet/a/a], members: {text}}}\n");
    let documents = [
        (rest(""), true),
        (rest(&exclusion("2026-12-31")), true),
        (rest("thresholds: {quotaPercent: 70.5, certificateDays: 30}\n"), true),
        (rest("exclusions:\n- selector: app=web,tier!=db\n  reason: r\n  owner: o\n  expires: 2026-12-31\n"), true),
        (
            rest(
                "prometheus: {service: 'monitoring/prometheus-operated:9090'}\nalertmanager: {url: 'https://a.example'}\n",
            ),
            true,
        ),
        (rest("endpoints:\n- {name: web, service: 'shop/web:http', path: /health}\n"), true),
        (
            rest(
                "slos:\n- {name: a, objective: 99.9, errors: 'e[$window]', total: 't[$window]', levels: {warning: 50}}\n",
            ),
            true,
        ),
        (rest("production: true\nsafety_policy: {autonomy_level: 2, require_approval: {delete_pod: true}}\n"), true),
        (rest("safetyPolicy: {forbiddenOperations: [delete-secret, delete_pvc], automatic: [restart]}\n"), true),
        (
            rest("safetyPolicy: {changeWindows: {allow: [{name: a, from: '09:00', to: '24:00', timeZone: UTC}]}}\n"),
            true,
        ),
        (rest("safetyPolicy: {errorBudget: {onNoData: allow, levels: [{spent: 50, forbids: all}]}}\n"), true),
        (rest("safetyPolicy: {secondPerson: {signers: keys, for: [tier_3]}, blastRadius: {objects: 3}}\n"), true),
        (
            rest(&members("{minimum: 3, health: [{command: [a], of: first, equals: '{replicas}'}, {command: [b]}]}")),
            true,
        ),
        (rest(&members("{leaving: [{command: [a, '{pod}'], container: c, atMost: 0, first: type this}]}")), true),
        (rest(&members("{health: [{command: []}]}")), false),
        (rest(&members("{health: [{command: [a], first: b}]}")), false),
        (rest(&members("{health: [{command: [a], atMost: 1, atLeast: 1}]}")), false),
        (rest(&members("{minimum: 0}")), false),
        (rest("components: [{name: a, workloads: [Deployment/a/a], vital: critical}]\n"), true),
        (rest("components: [{name: a, workloads: [Deployment/a/a], vital: very}]\n"), false),
        (rest(&knobs("{name: A, type: integer, minimum: 1}, {name: B, type: enum, values: [a]}")), true),
        (rest(&knobs("{name: A, type: duration, maximum: 5m, does: waits, required: true}")), true),
        (rest(&knobs("{name: A, type: duration, maximum: 5}")), false),
        (rest(&knobs("{name: A, type: boolean, minimum: 1}")), false),
        (rest(&knobs("{name: A, type: enum}")), false),
        (rest("production: sometimes\n"), false),
        (rest("safety_policy: {autonomyLevel: 2}\n"), false),
        (rest("safetyPolicy: {autonomyLevel: 4}\n"), false),
        (rest("safetyPolicy: {forbiddenOperations: [delete_secrets]}\n"), false),
        (rest("safetyPolicy: {requireApproval: {delete_pods: true}}\n"), false),
        (rest("safetyPolicy: {requireApproval: {delete_pod: 1}}\n"), false),
        (rest("safetyPolicy: {changeWindows: {allow: [{name: a, from: '9:00', timeZone: UTC}]}}\n"), false),
        (rest("safetyPolicy: {errorBudget: {levels: [{spent: 50, forbids: all}]}}\n"), false),
        (rest("safetyPolicy: {secondPerson: {for: [tier_3]}}\n"), false),
        (rest("safetyPolicy: {blastRadius: {objects: 0.5}}\n"), false),
        (rest("kubelets: {summary: true, nodes: 500}\n"), true),
        (rest("kubelets: {}\n"), true),
        (rest("kubelets: {summary: sometimes}\n"), false),
        (rest("kubelets: {nodes: 0}\n"), false),
        (rest("prometheus: {service: prometheus-operated}\n"), false),
        (rest("prometheus: {service: 'a/b:1', url: 'https://a.example'}\n"), false),
        (rest("prometheus: {}\n"), false),
        (rest("alertmanager: {url: 'https://me:word@a.example'}\n"), false),
        (rest("endpoints:\n- {name: web, service: 'shop/web:http', path: health}\n"), false),
        (rest("endpoints:\n- {name: web, path: /health}\n"), false),
        (rest("slos:\n- {name: a, objective: 100, errors: 'e[$window]', total: 't[$window]'}\n"), false),
        (rest("slos:\n- {name: a, objective: 99, errors: e, total: 't[$window]'}\n"), false),
        (rest("slos:\n- {name: a, objective: 99, total: 't[$window]'}\n"), false),
        (rest("thresholds: {quotaPercent: 101}\n"), false),
        (rest("thresholds: {quotaPercent: 0}\n"), false),
        (rest("thresholds: {certificateDays: 1.5}\n"), false),
        (rest("slos:\n- {name: a, objective: 99, days: 1.5, errors: 'e[$window]', total: 't[$window]'}\n"), false),
        (rest("endpoints:\n- {name: web, service: 'shop/web:99999999', path: /health}\n"), false),
        (rest("endpoints:\n- {name: web, service: 'shop/web:65535', path: /health}\n"), true),
        (rest("endpoints:\n- {name: web, service: 'shop/web:80', path: \"/a\\nb\"}\n"), false),
        (rest("endpoints:\n- {name: web, service: 'shop/web:80', path: /%2e%2e/x}\n"), false),
        (rest("endpoints:\n- {name: web, service: 'shop/web:80', path: /../x}\n"), false),
        (rest("endpoints:\n- {name: web, url: \"http://a\\tb\", path: /health}\n"), false),
        (rest("thresholds: {throttledPercent: 9}\n"), false),
        (rest("thresholds: {throttledPercent: 10}\n"), true),
        (rest("thresholds: {quota: 50}\n"), false),
        (rest("more: 1\n"), false),
        (rest(&exclusion("2026-02-30")), false),
        (rest("exclusions:\n- reason: r\n  owner: o\n  expires: 2026-12-31\n"), false),
        (rest("exclusions:\n- check: NOD-02\n  owner: o\n  expires: 2026-12-31\n"), false),
        (rest("exclusions:\n- objects: [web]\n  reason: r\n  owner: o\n  expires: 2026-12-31\n"), false),
        (rest("exclusions:\n- objects: []\n  reason: r\n  owner: o\n  expires: 2026-12-31\n"), false),
        (rest("exclusions:\n- {check: NOD-02, objects: [], reason: r, owner: o, expires: 2026-12-31}\n"), false),
        (rest("exclusions: {}\n"), false),
        ("apiVersion: v1\nkind: Profile\nname: a\n".to_owned(), false),
        ("apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: ''\n".to_owned(), false),
        ("[]\n".to_owned(), false),
    ];
    for (text, is_right) in documents {
        let value: Value = serde_saphyr::from_str(&text).expect("YAML");
        assert_eq!(schemas.validate(&value, index).is_ok(), is_right, "the schema on {text}");
        assert_eq!(Profile::parse(&text, &ids).is_ok(), is_right, "the reader on {text}");
    }
}

fn example(page: &str) -> Profile {
    let text = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    Profile::parse(text, &ids).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_profiles_of_the_documentation_are_right_ones() {
    assert_eq!(example(include_str!("../../docs/profile.md")).exclusions.len(), 1);
    let policy = example(include_str!("../../docs/policy.md")).policy;
    assert_eq!(policy.second_person().map(|second| second.minutes), Some(60));
}

#[test]
fn the_profiles_that_come_with_the_program_are_right_ones() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let systems = std::fs::read_dir(folder).expect("runbooks").map(|entry| entry.expect("an entry").path());
    let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    let names = systems.map(|system| {
        let text = std::fs::read_to_string(system.join("profile.yaml")).expect("a profile");
        let profile = Profile::parse(&text, &ids).unwrap_or_else(|problems| panic!("{system:?}: {problems:#?}"));
        assert!(system.ends_with(&profile.name), "{system:?} is called {}", profile.name);
        profile.name
    });
    let names: std::collections::BTreeSet<String> = names.collect();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["graphmemory-ide", "kubilitics", "leanvibe", "quizmentor"]);
}
