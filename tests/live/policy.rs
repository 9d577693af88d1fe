//! What a policy allows, asks about and refuses on a real API server, and the word of a second person.

use super::person::id;
use super::rig::Rig;
use super::rollback::Broken;
use crate::cli::{BINARY, Ran, Sandbox, schema_of_changes};
use serde_json::{Value, json};
use sre_core::plan::{Approval, Plan};
use std::process::Command;

const HEAD: &str = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nsafetyPolicy:\n";

impl Broken<'_> {
    /// A profile with a policy; gives its name.
    fn policy(&self, lines: &str) -> String {
        self.sandbox.write("profile.yaml", format!("{HEAD}{lines}"));
        "profile.yaml".to_owned()
    }

    /// A new SSH key of somebody; gives its file and the line of the allowed signers.
    fn key(&self, person: &str) -> (String, String) {
        let file = self.sandbox.path(person);
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file).status();
        assert!(made.expect("ssh-keygen").success());
        let public = std::fs::read_to_string(file.with_extension("pub")).expect("a public key");
        let words: Vec<&str> = public.split_whitespace().take(2).collect();
        (person.to_owned(), format!("{person}@example.com {}\n", words.join(" ")))
    }

    fn events(&self) -> String {
        self.rig.kubectl(&["get", "events", "-n", &self.namespace.name, "-o", "json"])
    }
}

/// How a change ended, with the words for it.
fn ended(document: &Value) -> (String, String) {
    let text = |field: &str| document["outcome"]["ended"][field].as_str().unwrap_or_default().to_owned();
    (text("ended"), format!("{}; next: {}", text("why"), text("hint")))
}

#[test]
fn what_is_forbidden_is_refused_with_its_rule_and_only_broken_glass_lifts_it() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "policy-forbidden");
    let profile = broken.policy("  autonomyLevel: 2\n  forbiddenOperations: [rollback]\n");
    let asked = ["rollback", "deploy/web", "--profile", &profile, "--confirm", "web"];
    let (code, refused) = broken.document(&asked);
    let (how, why) = ended(&refused);
    assert_eq!((code, how.as_str()), (3, "refused"), "{refused:#}");
    assert!(why.contains("profile.yaml: forbiddenOperations (line 6): rollback is forbidden"), "{why}");
    assert_eq!(broken.writes(&id(&refused)), ["patch deployments (tried)"]);
    broken.run(&[&asked[..], &["--break-glass"]].concat()).fails(2, &["--reason"]);
    let (code, few) =
        broken.document(&[&asked[..], &["--break-glass", "--reason", "shop is down", "--max-changes", "0"]].concat());
    assert_eq!((code, ended(&few).0.as_str()), (3, "refused"), "one's own bound stays: {few:#}");
    let unnamed =
        ["rollback", "deploy/web", "--profile", &profile, "--yes", "--break-glass", "--reason", "shop is down"];
    let (code, unnamed) = broken.document(&unnamed);
    assert_eq!((code, ended(&unnamed).0.as_str()), (3, "refused"), "it is confirmed by the name: {unnamed:#}");
    let (code, done) = broken.document(&[&asked[..], &["--break-glass", "--reason", "shop is down"]].concat());
    assert_eq!((code, ended(&done).0.as_str()), (0, "done"), "{done:#}");
    assert!(
        broken.events().contains("BREAK GLASS, overriding profile.yaml: forbiddenOperations"),
        "{}",
        broken.events()
    );
    let log = broken.run(&["change", "export"]).stdout;
    assert!(log.contains(r#""breakGlass":["#) && log.contains("shop is down"), "{log}");
}

#[test]
fn a_policy_asks_for_more_or_for_less_than_a_tier() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "policy-asks");
    let profile = broken.policy("  requireApproval: {rollback: true}\n");
    let (code, refused) = broken.document(&["rollback", "deploy/web", "--profile", &profile, "--yes"]);
    let (_, why) = ended(&refused);
    assert_eq!(code, 3, "{refused:#}");
    assert!(why.contains("requireApproval (line 5)") && why.contains("--confirm web"), "{why}");
    // What Kubilitics writes is read as it stands, its other parts too.
    broken.sandbox.write("kubilitics.yaml", "llm: {provider: anthropic}\nsafety_policy:\n  autonomy_level: 2\n");
    let both = ["rollback", "deploy/web", "--policy", "kubilitics.yaml", "--profile", &profile];
    broken.run(&both).fails(2, &["--policy beside a --profile"]);
    let (code, done) = broken.document(&["rollback", "deploy/web", "--policy", "kubilitics.yaml"]);
    assert_eq!((code, &done["policy"]["answer"]), (0, &Value::from("automatic")), "{done:#}");
}

#[test]
fn a_protected_object_and_namespace_are_left_alone() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "policy-protected");
    let place = broken.namespace.name.clone();
    for (kind, name) in [("deployment", "web"), ("namespace", place.as_str())] {
        rig.kubectl(&["label", kind, name, "-n", &place, "kubectl-sre/protect=true"]);
        let (code, refused) = broken.document(&["rollback", "deploy/web", "--yes"]);
        let (_, why) = ended(&refused);
        assert_eq!(code, 3, "{refused:#}");
        assert!(why.contains("has the label kubectl-sre/protect"), "{why}");
        rig.kubectl(&["label", kind, name, "-n", &place, "kubectl-sre/protect-"]);
    }
    assert_eq!(broken.run(&["rollback", "deploy/web", "--yes"]).code, 0);
}

#[test]
fn a_second_person_approves_once_for_a_while_and_never_their_own() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "policy-second");
    // Nothing says here who types but the account.
    let account = std::process::Command::new("id").arg("-un").output().expect("id runs");
    let account = String::from_utf8_lossy(&account.stdout).trim().to_owned();
    let ((bob, bobs), (mallory, _), (own, owns)) = (broken.key("bob"), broken.key("mallory"), broken.key(&account));
    broken.sandbox.write("signers", format!("{bobs}{owns}"));
    let profile = broken.policy("  secondPerson: {signers: signers, for: [rollback]}\n");
    let (code, waiting) = broken.document(&[
        "rollback",
        "deploy/web",
        "--profile",
        &profile,
        "--confirm",
        "web",
        "--plan-out",
        "plan.json",
    ]);
    assert_eq!((code, ended(&waiting).0.as_str()), (7, "waiting"), "{waiting:#}");
    assert_eq!(broken.writes(&id(&waiting)), ["patch deployments (tried)"]);
    let (code, kept) = broken.document(&["rollback", "deploy/web", "--profile", &profile, "--confirm", "web"]);
    assert_eq!((code, ended(&kept).0.as_str()), (7, "waiting"), "{kept:#}");
    let state_of = |change: &str| {
        let (_, list) = broken.document(&["change", "list"]);
        let mut rows = list["changes"].as_array().expect("changes").iter();
        rows.find(|row| row["id"] == change).map(|row| row["state"].clone())
    };
    assert_eq!([state_of(&id(&waiting)), state_of(&id(&kept))], [Some(json!("waiting")), Some(json!("waiting"))]);
    broken.run(&["change", "resume", &id(&kept)]).fails(2, &["was not begun", "kubectl sre change apply"]);
    let approve = |key: &str| {
        let out = format!("{key}.approval");
        assert_eq!(broken.run(&["change", "approve", "plan.json", "--key", key, "--out", &out]).code, 0);
        out
    };
    let apply = |approval: &str| {
        let arguments =
            ["change", "apply", "plan.json", "--profile", &profile, "--confirm", "web", "--approval", approval];
        let (code, document) = broken.document(&arguments);
        (code, ended(&document).1)
    };
    let refused = |approval: &str, words: &str| {
        let (code, why) = apply(approval);
        assert!(code == 3 && why.contains(words), "{approval}: {code} {why}");
    };
    refused(&approve(&mallory), "by nobody who stands in");
    refused(&approve(&own), "nobody approves their own");
    let good = approve(&bob);
    let unasked = ["change", "apply", "plan.json", "--confirm", "web", "--approval", &good];
    let (code, document) = broken.document(&unasked);
    assert_eq!(code, 3, "without the policy nobody looks at the approval: {document:#}");
    assert!(ended(&document).1.contains("--profile"), "{document:#}");
    let text = std::fs::read_to_string(broken.sandbox.path(&good)).expect("an approval");
    let mut forged: Value = serde_json::from_str(&text).expect("JSON");
    let (schemas, index) = schema_of_changes("Approval");
    schemas.validate(&forged, index).unwrap_or_else(|error| panic!("{error:#}"));
    forged["approvedAt"] = Value::from("2999-01-01T00:00:00Z");
    broken.sandbox.write("forged.approval", forged.to_string());
    refused("forged.approval", "not one over this plan");
    broken.sandbox.write("old.approval", old_approval(&broken, &bob));
    refused("old.approval", "held for 60 minutes");
    assert!(broken.image().ends_with(":1.2.0"), "nothing was done yet");
    assert_eq!(apply(&good).0, 0);
    assert!(broken.image().ends_with(":1.1.0"));
    assert_eq!(state_of(&id(&waiting)), Some(json!("done")));
    let log = broken.run(&["change", "export"]).stdout;
    assert!(log.contains(r#""secondPerson":"bob@example.com""#), "{log}");
    // Taken back, the object is as it was planned for: yet the approval was for one run.
    let undone = broken.run(&["change", "undo", &id(&waiting), "--yes", "--timeout", "3s"]);
    assert!(broken.image().ends_with(":1.2.0"), "{}{}", undone.stdout, undone.stderr);
    let twice = ["change", "apply", "plan.json", "--profile", &profile, "--confirm", "web", "--approval", &good];
    broken.run(&twice).fails(3, &["was begun already"]);
    // Nor does another machine take it.
    let elsewhere = Sandbox::new();
    for file in ["plan.json", "signers", "profile.yaml", good.as_str()] {
        elsewhere.write(file, std::fs::read(broken.sandbox.path(file)).expect("a file"));
    }
    let config = rig.kubeconfig("admin");
    let twice = [&twice[..], &["-n", &broken.namespace.name, "--kubeconfig", &config]].concat();
    let ran = Ran::of(elsewhere.prepared(rig.command(BINARY), &twice).output().expect("the binary runs"));
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("an Event tells that the change was carried out already"), "{}", ran.stdout);
    assert!(broken.image().ends_with(":1.2.0"));
}

#[test]
fn an_approval_in_the_cluster_is_taken_away_by_the_one_run_that_uses_it() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "policy-kept");
    let ((bob, bobs), (mallory, _)) = (broken.key("bob"), broken.key("mallory"));
    broken.sandbox.write("signers", &bobs);
    let profile = broken.policy("  secondPerson: {signers: signers, for: [rollback]}\n");
    let confirmed = ["--profile", profile.as_str(), "--confirm", "web"];
    let planned = [&["rollback", "deploy/web", "--plan-out", "plan.json"], &confirmed[..]].concat();
    let (code, waits) = broken.document(&planned);
    assert_eq!(code, 7);
    let next = waits["outcome"]["ended"]["next"].to_string();
    assert!(next.contains("change approve") && next.contains("--in-cluster"), "{next}");
    let approve = |key: &str| broken.run(&["change", "approve", "plan.json", "--key", key, "--in-cluster"]);
    let map = || rig.kubectl(&["get", "configmaps", "-n", &broken.namespace.name, "-o", "name"]);
    let apply = || broken.document(&[&["change", "apply", "plan.json"], &confirmed[..]].concat());
    assert_eq!(apply().0, 7, "nobody has approved it yet");

    let given = approve(&mallory);
    assert!(given.code == 0 && map().contains("configmap/kubectl-sre-approval-"), "{}{}", given.stdout, given.stderr);
    let (code, refused) = apply();
    assert!(code == 3 && ended(&refused).1.contains("by nobody who stands in"), "{refused:#}");
    // Who may not look there is told so, and not that nobody approved it.
    rig.apply(&broken.namespace.name, BLIND);
    let (code, unseen) =
        broken.document(&[&["change", "apply", "plan.json", "--as", "blind"], &confirmed[..]].concat());
    rig.kubectl(&["delete", "clusterrolebinding/blind-to-approvals", "clusterrole/blind-to-approvals"]);
    let why = unseen["outcome"]["ended"]["why"].as_str().unwrap_or_default();
    assert!(code == 7 && why.contains("could not be looked at: forbidden"), "{unseen:#}");
    assert!(why.contains("cannot get resource \"configmaps\""), "{why}");
    let there = "is there already: the plan was approved before";
    approve(&bob).fails(3, &[there, "kubectl delete configmap kubectl-sre-approval-"]);
    let name = map().lines().find(|it| it.contains("approval")).expect("a ConfigMap").to_owned();
    rig.kubectl(&["delete", &name, "-n", &broken.namespace.name]);
    assert_eq!(approve(&bob).code, 0);

    let (_, tried) = broken.document(&[&["change", "apply", "plan.json", "--dry-run"], &confirmed[..]].concat());
    assert!(map().contains("approval"), "a dry run uses nothing up: {tried:#}");
    let (code, done) = apply();
    assert_eq!((code, ended(&done).0.as_str()), (0, "done"), "{done:#}");
    assert!(!map().contains("approval"), "it holds for one run");
    assert!(broken.image().ends_with(":1.1.0"));
    let writes = broken.writes(&id(&done));
    assert!(!writes.iter().any(|it| it.contains("configmaps") && !it.starts_with("delete")), "{writes:?}");
}

/// Somebody who may do all that a rollback needs, and not look for its approval.
const BLIND: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: blind}
rules:
- {apiGroups: [apps, autoscaling, coordination.k8s.io, policy], resources: ['*'], verbs: ['*']}
- {apiGroups: [''], resources: [pods, events, services], verbs: ['*']}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: blind}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: blind}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: blind}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: blind-to-approvals}
rules: [{apiGroups: [''], resources: [namespaces], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: blind-to-approvals}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: blind-to-approvals}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: blind}]
";

/// An approval that was signed long ago.
fn old_approval(broken: &Broken<'_>, key: &str) -> String {
    let plan = std::fs::read(broken.sandbox.path("plan.json")).expect("a plan");
    let plan = Plan::from_document(serde_json::from_slice(&plan).expect("JSON")).expect("a plan");
    let at = "2026-01-15T08:00:00Z".parse().expect("a time");
    let statement = broken.sandbox.write("statement", Approval::statement(&plan, at));
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-Y", "sign", "-n", "kubectl-sre", "-f"]).arg(broken.sandbox.path(key)).arg(statement);
    assert!(sign.status().expect("ssh-keygen").success());
    let signature = std::fs::read_to_string(broken.sandbox.path("statement.sig")).expect("a signature");
    serde_json::to_string(&Approval::new(&plan, at, signature)).expect("JSON")
}
