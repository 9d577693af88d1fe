//! The repository's own rules, as tests.

use kubectl_sre_daily_check::checks::{CHECKS, excludable};
use serde_json::{Map, Value, json};
use sre_core::cause::{CLASSES, Origin};
use sre_core::check::{Section, Sight};
use sre_core::plan::ACTIONS;
use sre_core::policy::{OPERATIONS, Operation, Purpose};
use sre_core::profile::{LIMITS, LimitInfo, LimitUnit};
use sre_core::slim::KINDS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_check_file_is_in_the_table_and_every_id_once() {
    let mut files = Vec::new();
    rust_files(&root().join("plugins/daily_check/src/checks"), &mut files);
    let with_check = |path: &&PathBuf| fs::read_to_string(path).expect("text").contains("pub const CHECK: Check");
    assert_eq!(files.iter().filter(with_check).count(), CHECKS.len(), "a check file without its line in the table");
    let ids: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), CHECKS.len(), "an id is there twice");
}

#[test]
fn every_check_has_its_three_tests_its_page_and_something_to_look_at() {
    let mut files = Vec::new();
    rust_files(&root().join("plugins/daily_check/src/checks"), &mut files);
    for path in files {
        let text = fs::read_to_string(&path).expect("text");
        if text.contains("pub const CHECK: Check") {
            assert!(text.matches("#[test]").count() >= 3, "{} has fewer than three tests", path.display());
            assert!(text.contains(".gap(") || text.contains("GapReason"), "{} has no test with a gap", path.display());
        }
    }
    for check in CHECKS {
        assert!(check.page.lines().count() >= 4, "{} has no page", check.id);
        assert!(!check.title.ends_with('.'), "{}", check.id);
    }
}

/// Compares a generated file with what is in the repository, or writes it when `SRE_WRITE_DOCS` is set.
pub fn generated(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("SRE_WRITE_DOCS").is_some() {
        fs::write(&path, text).expect("a writable repository");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{} is stale: SRE_WRITE_DOCS=1 cargo test --test suite rules", path.display());
}

#[test]
fn the_schema_knows_every_check_class_and_kind() {
    let path = "docs/schema/daily-check.schema.json";
    let text = fs::read_to_string(root().join(path)).expect("a schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    let checks: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    let classes: BTreeSet<&str> = CLASSES.iter().map(|class| class.id).collect();
    schema["$defs"]["check"]["enum"] = checks.into_iter().collect();
    schema["$defs"]["class"]["enum"] = classes.into_iter().collect();
    let kinds = KINDS.iter().map(|info| info.name).chain(Sight::ELSEWHERE.map(Sight::word));
    schema["properties"]["coverage"]["properties"]["reads"]["items"]["properties"]["what"]["enum"] = kinds.collect();
    schema["$defs"]["finding"]["properties"]["section"]["enum"] = Section::ALL.map(Section::word).into_iter().collect();
    generated(path, &format!("{schema:#}\n"));
}

#[test]
fn the_schema_of_triage_knows_every_class_and_kind() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a schema");
    let report: Value = serde_json::from_str(&read("docs/schema/daily-check.schema.json")).expect("JSON");
    let path = "docs/schema/triage.schema.json";
    let mut schema: Value = serde_json::from_str(&read(path)).expect("JSON");
    let classes: BTreeSet<&str> = CLASSES.iter().map(|class| class.id).collect();
    let of_vocabulary = CLASSES.iter().filter(|class| class.origin == Origin::Vocabulary);
    assert_eq!(of_vocabulary.count(), 150, "the vocabulary has so many classes");
    schema["$defs"]["class"]["enum"] = classes.into_iter().collect();
    schema["$defs"]["object"] = report["$defs"]["object"].clone();
    schema["properties"]["source"] = report["properties"]["source"].clone();
    let mut kinds = report["properties"]["coverage"]["properties"]["reads"]["items"]["properties"]["what"].clone();
    kinds["enum"].as_array_mut().expect("kinds").extend([Sight::Databases, Sight::Logs].map(|it| it.word().into()));
    schema["properties"]["coverage"]["properties"]["reads"]["items"]["properties"]["what"] = kinds;
    generated(path, &format!("{schema:#}\n"));
}

#[test]
fn the_schema_of_a_search_in_logs_knows_what_that_of_triage_knows() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a schema");
    let triage: Value = serde_json::from_str(&read("docs/schema/triage.schema.json")).expect("JSON");
    let path = "docs/schema/log-search.schema.json";
    let mut schema: Value = serde_json::from_str(&read(path)).expect("JSON");
    schema["$defs"]["object"] = triage["$defs"]["object"].clone();
    let reads = &triage["properties"]["coverage"]["properties"]["reads"];
    schema["properties"]["coverage"]["properties"]["reads"] = reads.clone();
    generated(path, &format!("{schema:#}\n"));
}

#[test]
fn every_class_has_a_page_and_brings_only_classes() {
    let ids: BTreeSet<&str> = CLASSES.iter().map(|class| class.id).collect();
    assert_eq!(ids.len(), CLASSES.len(), "an id stands twice");
    for class in CLASSES {
        assert!(class.page.contains("Looked at"), "{} does not say what it looks at", class.id);
        let is_told_as_ours = class.page.contains("a class of our own");
        assert_eq!(is_told_as_ours, class.origin == Origin::Own, "{}", class.id);
        assert!(class.page.contains("What to do"), "{} does not say what to do", class.id);
        let unknown = class.brings.iter().find(|brought| !ids.contains(*brought) || **brought == class.id);
        assert_eq!(unknown, None, "{}", class.id);
    }
}

#[test]
fn the_schema_of_changes_says_the_same_of_what_reports_hold_too() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a schema");
    let report: Value = serde_json::from_str(&read("docs/schema/daily-check.schema.json")).expect("JSON");
    let path = "docs/schema/daily-check-change.schema.json";
    let mut schema: Value = serde_json::from_str(&read(path)).expect("JSON");
    schema["$defs"] = report["$defs"].clone();
    schema["$defs"]["read"] = report["properties"]["coverage"]["properties"]["reads"]["items"].clone();
    for field in ["apiVersion", "source", "summary"] {
        schema["properties"][field] = report["properties"][field].clone();
    }
    generated(path, &format!("{schema:#}\n"));
}

#[test]
fn the_schema_of_plans_knows_every_action() {
    for kind in ["plan", "change-list", "revision-list", "audit-log-verification", "approval", "scale-plan"] {
        let path = format!("docs/schema/{kind}.schema.json");
        let text = fs::read_to_string(root().join(&path)).expect("a schema");
        let mut schema: Value = serde_json::from_str(&text).expect("JSON");
        if kind == "plan" {
            let actions: BTreeSet<&str> = ACTIONS.iter().map(|row| row.id).collect();
            schema["$defs"]["step"]["properties"]["action"]["enum"] = actions.into_iter().collect();
        }
        generated(&path, &format!("{schema:#}\n"));
    }
}

#[test]
fn the_schema_of_profiles_knows_every_check_and_limit_and_every_limit_has_its_check() {
    let path = "docs/schema/profile.schema.json";
    let text = fs::read_to_string(root().join(path)).expect("a schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    let checks: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    let limits: Map<String, Value> = LIMITS.iter().map(limit).collect();
    for id in LIMITS.iter().flat_map(|info| info.checks) {
        assert!(checks.contains(id), "{id} is no check");
    }
    schema["properties"]["thresholds"]["properties"] = limits.into();
    let names = OPERATIONS.iter().flat_map(|row| row.names);
    let operations: BTreeSet<String> = names.flat_map(|name| [(*name).to_owned(), name.replace('_', "-")]).collect();
    schema["$defs"]["operation"]["enum"] = operations.into_iter().collect();
    let excludable: BTreeSet<&str> = excludable().into_iter().collect();
    schema["properties"]["exclusions"]["items"]["properties"]["check"]["enum"] = excludable.into_iter().collect();
    generated(path, &format!("{schema:#}\n"));
}

#[test]
fn a_list_of_incidents_says_of_each_what_its_own_document_says() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a schema");
    let whole: Value = serde_json::from_str(&read("docs/schema/incident.schema.json")).expect("JSON");
    let path = "docs/schema/incident-list.schema.json";
    let mut list: Value = serde_json::from_str(&read(path)).expect("JSON");
    list["$defs"] = whole["$defs"].clone();
    let fields = list["properties"]["incidents"]["items"]["properties"].as_object_mut().expect("fields");
    fields.iter_mut().for_each(|(name, field)| *field = whole["properties"][name].clone());
    generated(path, &format!("{list:#}\n"));
}

fn limit(info: &LimitInfo) -> (String, Value) {
    let uses = format!("{} without a profile; used by {}", info.default, info.checks.join(", "));
    let kind = match info.unit {
        LimitUnit::Percent | LimitUnit::Megabytes => "number",
        LimitUnit::Days => "integer",
    };
    (info.name.to_owned(), json!({"type": kind, "minimum": info.least, "maximum": info.most, "description": uses}))
}

#[test]
fn the_page_of_policies_lists_every_operation() {
    const HEAD: &str = "| operation | what it does | while the error budget is used up |\n|---|---|---|\n";
    let path = "docs/policy.md";
    let text = fs::read_to_string(root().join(path)).expect("a page");
    let (before, _) = text.split_once(HEAD).expect("the head of the table");
    let rows = OPERATIONS.iter().map(|row| {
        let waits = match row.purpose {
            Purpose::Changes => "is new",
            Purpose::Restores => "restores",
            Purpose::Either => "as the others of the step",
        };
        let names: Vec<String> = row.names.iter().map(|name| format!("`{name}`")).collect();
        format!("| {} | {} | {waits} |\n", names.join(", "), row.does)
    });
    generated(path, &format!("{before}{HEAD}{}", rows.collect::<String>()));
}

#[test]
fn the_list_of_checks_is_generated_and_every_check_has_a_fault_or_a_reason() {
    let mut text = String::from(
        "# Checks\n\nGenerated from the table of checks. `kubectl sre explain ID` prints the page of each.\n\n\
         An id is the row of the catalogue that the checks were chosen from. *Fault* says how a test brings it about on a \
         real API server, or why it cannot.\n\n| id | finds | section | looks at | fault |\n|---|---|---|---|---|\n",
    );
    for check in CHECKS {
        let sights: BTreeSet<&str> = check.examines.iter().chain(check.relies_on).map(|sight| sight.word()).collect();
        let sights: Vec<&str> = sights.into_iter().collect();
        text += &format!(
            "| {} | {} | {} | {} | {} |\n",
            check.id,
            check.title,
            check.section.word(),
            sights.join(", "),
            fault(check.id)
        );
    }
    text += "\n## Left out\n\nRows of the catalogue that no check looks for, and why.\n\n| id | why |\n|---|---|\n";
    for id in left_out() {
        text += &format!("| {id} | {} |\n", reason(&id).unwrap_or_default());
    }
    generated("docs/checks.md", &text);
}

#[test]
fn the_list_of_actions_is_generated_and_every_action_has_a_page_and_an_operation() {
    let mut text = String::from(
        "# Actions\n\nGenerated from the table of actions. `kubectl sre explain ID` prints the page of each.\n\n\
         The tier decides what is asked: 1 is confirmed with yes, 2 and 3 by typing the name of what is changed. A plan \
         of several objects has at least tier 2.\n\n| id | does | tier | higher tier | undo |\n|---|---|---|---|---|\n",
    );
    for action in ACTIONS {
        let tier = u8::from(action.tier);
        text += &format!("| {} | {} | {tier} | {} | {} |\n", action.id, action.does, action.higher, action.undo);
        assert!(action.page.contains("Must hold afterwards: "), "{} says not what must hold", action.id);
        assert!(!action.does.ends_with('.') && !action.undo.ends_with('.'), "{}", action.id);
        assert!(Operation::named(action.id).is_ok(), "no policy can name {}", action.id);
    }
    generated("docs/actions.md", &text);
}

/// How a check's fault comes about in the tests, or the written reason why it does not.
fn fault(id: &str) -> String {
    let faults = root().join("tests/cluster/faults");
    if let Ok(text) = fs::read_to_string(faults.join(format!("{id}.yaml"))) {
        let slow = text.lines().find_map(|line| line.strip_prefix("# slow: "));
        let how = slow.map_or("live".to_owned(), |why| format!("captured, not waited for: {why}"));
        return format!("[{how}](../tests/cluster/faults/{id}.yaml)");
    }
    reason(id).unwrap_or_else(|| panic!("{id} has neither a fault nor a reason in tests/cluster/faults"))
}

/// The written reason why something is not brought about, or not looked for.
fn reason(id: &str) -> Option<String> {
    let text = fs::read_to_string(root().join(format!("tests/cluster/faults/{id}.why"))).ok()?;
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Ids with a reason and without a check.
fn left_out() -> BTreeSet<String> {
    let faults = fs::read_dir(root().join("tests/cluster/faults")).expect("faults");
    let names = faults.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let with_reason = names.filter_map(|name| name.strip_suffix(".why").map(str::to_owned));
    with_reason.filter(|id| CHECKS.iter().all(|check| check.id != id)).collect()
}

#[test]
fn what_is_left_out_is_in_the_list_with_its_reason() {
    let list = fs::read_to_string(root().join("docs/checks.md")).expect("the list");
    let (_, left) = list.split_once("## Left out").expect("a part for what is left out");
    assert!(left.contains("| CTL-04 | "), "{left}");
    for id in left_out() {
        let why = reason(&id).unwrap_or_default();
        assert!(why.len() > 40 && left.contains(&format!("| {id} | {why} |")), "{id}: {why:?}");
    }
}

#[test]
fn the_versions_that_are_named_are_those_that_the_tests_build() {
    let modules = fs::read_dir(root().join("tests/cluster/go")).expect("the modules").flatten();
    let modules = modules.filter(|entry| entry.file_name().to_string_lossy().starts_with("kubernetes"));
    let minors: BTreeSet<String> = modules.map(|entry| pinned_minor(&entry.path().join("go.mod"))).collect();
    let ran = crate::cli::Sandbox::new().run(&["version"]);
    let named = Vec::from_iter(minors).join(" and ");
    let words = format!("tested with Kubernetes {named}; other versions are not tested yet\n");
    assert!(ran.code == 0 && ran.stdout.ends_with(&words), "{}", ran.stdout);
}

/// The minor of Kubernetes that a module of the test control plane builds.
fn pinned_minor(module: &Path) -> String {
    let pinned = fs::read_to_string(module).expect("the pinned versions");
    let version = pinned.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v")).expect("its line");
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn plugins_and_core_use_only_what_their_room_allows() {
    let manifest = |path: &str| fs::read_to_string(root().join(path)).expect("a manifest");
    let normal = |text: &str| text.split("[dev-dependencies]").next().unwrap_or_default().to_owned();
    for banned in ["kube", "tokio", "hyper", "clap"] {
        let line = format!("\n{banned}.workspace");
        assert!(!normal(&manifest("shared/core/Cargo.toml")).contains(&line), "sre-core uses {banned}");
    }
    for banned in ["kube", "tokio", "hyper", "sre-testkit"] {
        let line = format!("\n{banned}.workspace");
        for plugin in ["daily_check", "incident", "rollback", "scale"] {
            let uses = normal(&manifest(&format!("plugins/{plugin}/Cargo.toml"))).contains(&line);
            assert!(!uses, "{plugin} uses {banned}");
        }
    }
    assert!(!normal(&manifest("shared/runtime/Cargo.toml")).contains("kubectl-sre-"), "the runtime uses a plugin");
}

#[test]
fn one_cryptography_is_linked_and_nothing_that_was_decided_against() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    for banned in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "reqwest", "serde_yaml"] {
        assert!(!lock.contains(&format!("name = \"{banned}\"\n")), "{banned} is in the graph");
    }
}
