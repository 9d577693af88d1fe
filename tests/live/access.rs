//! Who may see what, and what the API server says that we did.

use super::rig::{AuditEvent, Rig, TestNamespace};
use crate::cli::Sandbox;
use serde_json::Value;
use sre_core::access::{Permission, ResourceAttributes, wanted};
use sre_core::finding::{Finding, Remedy, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{KINDS, KindOrigin};
use sre_runtime::cluster::connection::{Identity, connect, stderr_sink};
use sre_runtime::cluster::live::review;
use sre_runtime::flags::ClusterFlags;
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn a_reading_run_only_reads() {
    let rig = Rig::shared();
    let ran = rig.run_as("viewer", &["daily-check"]);
    assert!([0, 1].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
    let mut events = rig.audit("kubectl-sre/");
    events.retain(|event| event.user_agent.contains(") daily-check "));
    let reviews = ["selfsubjectrulesreviews", "selfsubjectaccessreviews"];
    let of_others = events.iter().filter(|event| !reviews.contains(&event.resource.as_str()));
    let verbs: BTreeSet<&str> = of_others.map(|event| event.verb.as_str()).collect();
    assert!(!verbs.is_empty(), "the runs stand in the audit log");
    assert_eq!(verbs.difference(&BTreeSet::from(["get", "list"])).count(), 0, "{verbs:?}");
    let agent = &events[0].user_agent;
    assert!(agent.contains(") daily-check "), "the command and the run are named: {agent}");
}

#[test]
fn every_kind_is_listed_once_a_run() {
    let rig = Rig::shared();
    let ran = rig.run_as("viewer", &["daily-check", "-v", "6"]);
    let requests: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("GET ")).collect();
    assert!(requests.len() > 5, "{}", ran.stderr);
    let distinct: BTreeSet<&str> = requests.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(distinct.len(), requests.len(), "a list was read twice: {requests:#?}");
}

#[test]
fn kinds_that_are_forbidden_are_gaps_and_never_fine() {
    let rig = Rig::shared();
    let ran = rig.run_as("partial", &["daily-check"]);
    assert!([1, 6].contains(&ran.code), "{}", ran.code);
    assert!(ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
    let told =
        ran.stdout.lines().find(|line| line.contains(" forbidden  ")).unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(
        ["Secret", "Node"].iter().any(|kind| told.contains(kind)) && told.contains(", "),
        "not all at once: {told}"
    );
    assert!(ran.stdout.contains("cannot list them at the cluster scope"), "{}", ran.stdout);
    let wide = rig.run_as("partial", &["daily-check", "-o", "wide"]);
    assert!(wide.stdout.contains("Secret forbidden") || wide.stdout.contains("Node forbidden"), "{}", wide.stdout);
}

#[test]
fn a_caller_without_any_right_gets_no_report() {
    Rig::shared().run_as("nobody", &["daily-check"]).fails(5, &["forbidden", "next: "]);
}

#[test]
fn an_expired_certificate_gets_no_report() {
    Rig::shared().run_as("expired", &["daily-check"]).fails(5, &["expired", "next: "]);
}

#[test]
fn one_namespace_is_enough_for_somebody_who_may_no_more() {
    let rig = Rig::shared();
    let ran = rig.run_as("namespaced", &["daily-check", "-n", "default"]);
    assert!([1, 6].contains(&ran.code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("namespace default"), "{}", ran.stdout);
}

/// The items of a kind in what a run prints to apply.
fn printed(arguments: &[&str], kind: &str) -> Vec<Value> {
    let ran = Sandbox::new().run(&[&["daily-check", "-o", "json", "--from", "demo"], arguments].concat());
    let list: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    list["items"].as_array().expect("items").iter().filter(|item| item["kind"] == kind).cloned().collect()
}

fn resources(roles: &[Value]) -> BTreeSet<String> {
    let rules = roles.iter().flat_map(|role| role["rules"].as_array().expect("rules"));
    let plurals = rules.filter_map(|rule| rule["resources"].as_array()).flatten();
    plurals.map(|plural| plural.as_str().expect("a plural").to_owned()).collect()
}

#[test]
fn the_rights_that_are_printed_are_enough_and_none_is_too_many() {
    let rig = Rig::shared();
    let text = Sandbox::new().run(&["daily-check", "--from", "demo", "--print-rbac"]).stdout;
    rig.apply("default", &text);
    let binding =
        ["create", "clusterrolebinding", "morning", "--clusterrole=kubectl-sre-daily-check", "--user=morning"];
    rig.kubectl(&binding);
    let report = rig.report_as("admin", &["--as", "morning"]);
    rig.kubectl(&["delete", "clusterrolebinding/morning", "clusterrole/kubectl-sre-daily-check"]);
    let reads = report["coverage"]["reads"].as_array().expect("reads");
    let gaps: Vec<&Value> = reads.iter().filter(|read| read["detail"].is_string()).collect();
    assert!(gaps.is_empty() && reads.len() > 30, "{gaps:#?}");
    // Whatever their rights are, everybody may ask what they may do.
    let is_list = |event: &AuditEvent| event.user == "morning" && event.verb != "create";
    let asked = rig.audit("kubectl-sre/").into_iter().filter(is_list);
    let listed: BTreeSet<String> = asked.map(|event| event.resource).filter(|plural| !plural.is_empty()).collect();
    let allowed = resources(&printed(&["--print-rbac"], "ClusterRole"));
    assert_eq!(listed.difference(&allowed).collect::<Vec<_>>(), Vec::<&String>::new());
    // What nobody has installed here was not asked for.
    let installed = KINDS.iter().filter(|info| info.origin != KindOrigin::BuiltIn).map(|info| info.plural);
    let installed: BTreeSet<&str> = installed.collect();
    // Nobody stands here whom the API server could ask.
    let is_there = |plural: &&String| !installed.contains(plural.as_str()) && plural.as_str() != "services/proxy";
    let unused: Vec<&String> = allowed.difference(&listed).filter(is_there).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

#[test]
fn the_rights_for_one_namespace_and_some_sections_are_fewer() {
    let all = resources(&printed(&["--print-rbac"], "ClusterRole"));
    let some = resources(&printed(&["--print-rbac", "--only", "quotas"], "ClusterRole"));
    assert!(some.len() < all.len() && some.contains("resourcequotas") && !some.contains("secrets"), "{some:?}");
    let inside = ["--print-rbac", "--only", "quotas,nodes", "-n", "graphmemory-prod"];
    let roles = printed(&inside, "Role");
    assert_eq!(roles[0]["metadata"]["namespace"], "graphmemory-prod");
    assert!(resources(&roles).contains("resourcequotas"));
    let whole = resources(&printed(&inside, "ClusterRole"));
    assert!(whole.contains("nodes") && !whole.contains("resourcequotas"), "{whole:?}");
}

/// Something that is told at once, with a command that patches it.
const WITHOUT_HISTORY: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: forgetful}
spec:
  revisionHistoryLimit: 0
  selector: {matchLabels: {app: forgetful}}
  template:
    metadata: {labels: {app: forgetful}}
    spec:
      nodeSelector: {no: node}
      containers: [{name: app, image: registry.example/app:1}]
";

/// A namespace with a finding whose command some may run and some not.
pub fn with_a_change(rig: &Rig) -> TestNamespace<'_> {
    let namespace = rig.namespace("rights");
    rig.apply(&namespace.name, WITHOUT_HISTORY);
    namespace
}

#[test]
fn a_command_that_the_caller_may_not_run_says_what_of_it_is_refused() {
    let rig = Rig::shared();
    let namespace = with_a_change(&rig);
    let arguments = ["--only", "workloads", "-n", &namespace.name, "--baseline", "none"];
    let allowed = |user: &str| -> Vec<(String, Value)> {
        let report = rig.report_as(user, &arguments);
        let findings = report["findings"].as_array().expect("findings").iter();
        let remedies = findings.flat_map(|finding| finding["remedies"].as_array().expect("remedies"));
        let ours = remedies.map(|it| (it["command"].as_str().expect("a command").to_owned(), it["allowed"].clone()));
        ours.filter(|(command, _)| command.contains("forgetful")).collect()
    };
    for (user, may) in [("admin", true), ("viewer", false)] {
        let told = allowed(user);
        let (change, look): (Vec<_>, Vec<_>) = told.into_iter().partition(|(it, _)| it.contains(" patch "));
        assert!(!change.is_empty() && change.iter().all(|(_, it)| *it == may), "{user}: {change:?}");
        assert!(look.iter().all(|(_, it)| it.is_null()), "{user}: {look:?}");
    }
    let text = rig.run_as("viewer", &[&["daily-check"], &arguments[..]].concat()).stdout;
    let words = format!("# changes the cluster; the caller may not patch daemonsets in {}", namespace.name);
    assert!(text.contains(&words), "{text}");
}

fn changes(commands: &[&str]) -> Vec<Remedy> {
    let finding = Finding::new("NOD-03", Severity::Warning, ObjectRef::cluster("Node", "n"), "a");
    commands.iter().fold(finding, |finding, command| finding.change(*command)).remedies
}

#[test]
fn what_belongs_to_the_whole_cluster_is_asked_for_by_itself() {
    let rig = Rig::shared();
    let remedies = changes(&[
        "kubectl sre change cordon some-node --dry-run",
        "kubectl sre scale deployment/web --replicas 2 -n default --dry-run",
    ]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let permissions = |user: &str| {
        let flags = ClusterFlags { kubeconfig: Some(rig.kubeconfig(user).into()), ..ClusterFlags::default() };
        let identity = Identity { version: "0".into(), command: "test".into(), run_id: "reviews".into() };
        let access = runtime.block_on(async {
            let connection = connect(&flags, &identity, stderr_sink()).await.expect("a connection");
            review(&connection.client, &wanted(&remedies), Duration::from_secs(60)).await
        });
        remedies.iter().map(|remedy| access.permission(remedy)).collect::<Vec<_>>()
    };
    assert_eq!(permissions("admin"), [Permission::Allowed, Permission::Allowed]);
    let refused = permissions("viewer");
    let words = |permission: &Permission| match permission {
        Permission::Denied(requests) => requests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        other => format!("{other:?}"),
    };
    assert_eq!([words(&refused[0]), words(&refused[1])], ["patch nodes", "patch deployments/scale in default"]);
}

/// What the commands below change.
const CHANGED: &str = include_str!("../fixtures/changed.yaml");

#[test]
fn kubectl_asks_the_api_server_for_what_its_commands_are_taken_for() {
    let rig = Rig::shared();
    let namespace = rig.namespace("changed");
    let name = namespace.name.as_str();
    rig.apply(name, CHANGED);
    let node = rig.kubectl(&["get", "nodes", "-o", "jsonpath={.items[0].metadata.name}"]);
    // A rollback needs a revision to return to.
    for kind in ["deployment/web", "daemonset/agent"] {
        rig.kubectl(&["set", "env", kind, "A=1", "-n", name]);
    }
    let wait = "--for=jsonpath={.status.observedGeneration}=2";
    rig.kubectl(&["wait", "deployment/web", "daemonset/agent", wait, "-n", name, "--timeout=60s"]);
    for (index, command) in [
        "patch deployment web --type=merge -p {\"spec\":{\"paused\":false}}",
        "scale deployment web --replicas=2",
        "scale statefulset/db --replicas=1",
        "set resources deployment/web -c app --limits=memory=1Gi",
        "rollout undo deployment/web",
        "rollout undo daemonset/agent",
        "delete pod alone",
        "delete pods --field-selector status.phase=Pending",
        "create job backup-again --from=cronjob/backup",
        "create serviceaccount another",
        "label namespace NAMESPACE a=b --overwrite",
        "cordon NODE",
    ]
    .into_iter()
    .enumerate()
    {
        let command = command.replace("NODE", &node).replace("NAMESPACE", name);
        let command = format!("kubectl {command} -n {name} --dry-run=server");
        let user = format!("changes-{index}-{name}");
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        rig.kubectl(&[&words[..], &["--as", &user, "--as-group", "system:masters"]].concat());
        let asked = rig.audit("kubectl/").into_iter().filter(|it| it.user == user && !it.resource.is_empty());
        let part = |it: &AuditEvent| if it.subresource.is_empty() { "" } else { "/" };
        let asked = asked.map(|it| format!("{} {}{}{}", it.verb, it.resource, part(&it), it.subresource));
        let asked: BTreeSet<String> = asked.collect();
        let taken = ResourceAttributes::of_command(&command).expect("a command of ours");
        let taken = taken.iter().map(|it| format!("{} {}", it.verb, it.combined_resource())).collect();
        assert_eq!(asked, taken, "{command}");
    }
}

#[test]
fn a_server_with_another_authority_is_not_trusted() {
    let sandbox = Sandbox::new();
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    let other = sandbox.write("other.crt", other.cert.pem()).to_string_lossy().into_owned();
    let ran = Rig::shared().run_as("viewer", &["daily-check", "--certificate-authority", &other]);
    ran.fails(5, &["certificate is not trusted", "next: "]);
}
