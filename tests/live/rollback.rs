//! Going back to a revision on a real API server, and what its audit log shows of that.

use super::person::{Person, id};
use super::rig::{Rig, TestNamespace, eventually};
use serde_json::Value;
use std::ops::Deref;

/// A workload that was rolled out twice and then broken, and one person who looks after it.
pub(super) struct Broken<'a> {
    person: Person<'a>,
    pub(super) namespace: TestNamespace<'a>,
}

impl<'a> Deref for Broken<'a> {
    type Target = Person<'a>;

    fn deref(&self) -> &Person<'a> {
        &self.person
    }
}

/// A Deployment; pods with a mode get its state instead of becoming ready.
fn deployment(image: &str, mode: Option<&str>) -> String {
    let mode = mode.map_or_else(String::new, |mode| format!(", rig.test/mode: {mode}"));
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 2\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web{mode}}}}}\n    \
         spec: {{containers: [{{name: app, image: 'registry.example/shop/web:{image}'}}]}}\n"
    )
}

impl<'a> Broken<'a> {
    pub(super) fn new(rig: &'a Rig, name: &str) -> Self {
        let namespace = rig.namespace(name);
        let place = namespace.name.as_str();
        for image in ["1.0.0", "1.1.0"] {
            rig.apply(place, &deployment(image, None));
            rig.kubectl(&["rollout", "status", "deployment/web", "-n", place, "--timeout=120s"]);
        }
        rig.apply(place, &deployment("1.2.0", Some("imagepull")));
        let broken = Self { person: Person::new(rig, &namespace.name), namespace };
        let is_there = || (broken.images().contains("1.2.0")).then_some(());
        eventually(60, is_there).expect("a pod of the broken revision");
        broken
    }

    /// What the pods run.
    pub(super) fn images(&self) -> String {
        self.rig.kubectl(&[
            "get",
            "pods",
            "-n",
            &self.namespace.name,
            "-o",
            "jsonpath={.items[*].spec.containers[0].image}",
        ])
    }

    /// What the Deployment wants to run.
    pub(super) fn image(&self) -> String {
        let path = "jsonpath={.spec.template.spec.containers[0].image}";
        self.rig.kubectl(&["get", "deployment", "web", "-n", &self.namespace.name, "-o", path])
    }
}

#[test]
fn a_dry_run_and_a_refused_one_change_nothing() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "rollback-dry");
    let (code, list) = broken.document(&["rollback", "deployment/web", "--list"]);
    let told: Vec<&str> =
        list["revisions"].as_array().expect("revisions").iter().filter_map(|it| it["health"].as_str()).collect();
    // The first one was replaced so soon that nothing shows how it fared.
    assert_eq!((code, told.len(), &told[..2]), (0, 3, &["bad", "healthy"][..]), "{list:#}");
    let (code, plan) = broken.document(&["rollback", "deployment/web", "--dry-run"]);
    assert_eq!((code, &plan["kind"], &plan["tier"]), (0, &Value::from("Plan"), &Value::from(1)), "{plan:#}");
    assert_eq!(plan["steps"][0]["checked"]["answer"], "accepted", "{plan:#}");
    assert_eq!(broken.writes(&id(&plan)), ["patch deployments (tried)"]);
    let (code, refused) = broken.document(&["rollback", "deploy/web"]);
    assert_eq!((code, &refused["outcome"]["ended"]["ended"]), (3, &Value::from("refused")), "{refused:#}");
    assert!(refused["outcome"]["ended"]["hint"].as_str().is_some_and(|hint| hint.contains("--yes")), "{refused:#}");
    assert_eq!(broken.writes(&id(&refused)), ["patch deployments (tried)"]);
    let (_, untried) = broken.document(&["rollback", "deploy/web", "--dry-run=client"]);
    assert_eq!(broken.writes(&id(&untried)), Vec::<String>::new());
    assert!(broken.image().ends_with(":1.2.0"));
}

#[test]
fn the_last_healthy_revision_comes_back_and_is_taken_back() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "rollback");
    let (code, done) = broken.document(&["rollback", "deployment/web", "--yes", "--reason", "no such image"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let change = id(&done);
    let wanted = ["patch deployments (tried)", "create leases", "patch deployments", "delete leases", "create events"];
    assert_eq!(broken.writes(&change), wanted);
    assert!(broken.image().ends_with(":1.1.0") && !broken.images().contains("1.2.0"), "{}", broken.images());
    let (_, again) = broken.document(&["rollback", "deployment/web", "--yes"]);
    assert_eq!(again["outcome"]["ended"]["ended"], "nothingToDo", "it does not go to and fro: {again:#}");
    let (code, undone) = broken.document(&["change", "undo", &change, "--yes", "--timeout", "5s"]);
    assert_eq!(code, 4, "what was broken is broken again: {undone:#}");
    assert!(broken.image().ends_with(":1.2.0"));
    let (code, back) = broken.document(&["change", "undo", &id(&undone), "--yes"]);
    assert_eq!((code, broken.image().ends_with(":1.1.0")), (0, true), "{back:#}");
    let (_, list) = broken.document(&["change", "list"]);
    let told = list["changes"].as_array().expect("changes").iter();
    let told: Vec<&str> = told.filter(|it| it["recordedHere"] == true).filter_map(|it| it["state"].as_str()).collect();
    assert_eq!(told, ["done", "undone", "done"], "{list:#}");
    let (code, verified) = broken.document(&["change", "verify"]);
    let head = verified["head"].as_str().unwrap_or_default();
    let events = rig.kubectl(&["get", "events", "-n", &broken.namespace.name, "-o", "json"]);
    assert!(code == 0 && head.len() == 64, "{verified:#}");
    assert!(events.contains(done["outcome"]["head"].as_str().expect("a head")), "the head is on the Event: {events}");
    // A colleague on another machine sees them too.
    let colleague = rig.run_as("admin", &["change", "list", "-o", "json"]);
    assert!(colleague.stdout.contains(&change), "{}{}", colleague.stdout, colleague.stderr);
}

#[test]
fn a_saved_plan_is_carried_out_once_and_not_when_its_object_moved() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "rollback-plan");
    for file in ["first.json", "second.json"] {
        broken.document(&["rollback", "deployment/web", "--dry-run", "--plan-out", file]);
    }
    let (code, done) = broken.document(&["change", "apply", "first.json", "--yes"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    broken.run(&["change", "apply", "first.json", "--yes"]).fails(3, &["was begun already"]);
    rig.apply(&broken.namespace.name, &deployment("1.3.0", Some("imagepull")));
    let (code, stale) = broken.document(&["change", "apply", "second.json", "--yes"]);
    assert_eq!((code, &stale["outcome"]["ended"]["ended"]), (4, &Value::from("stale")), "{stale:#}");
    let why = stale["outcome"]["ended"]["why"].as_str().unwrap_or_default();
    assert!(why.contains("1.2.0") && why.contains("1.3.0"), "the difference is told: {why}");
    assert!(broken.image().ends_with(":1.3.0"));
    let path = broken.sandbox.path("second.json");
    let altered = std::fs::read_to_string(&path).expect("a plan").replace(":1.1.0", ":6.6.6");
    std::fs::write(&path, altered).expect("written");
    broken.run(&["change", "apply", "second.json", "--yes"]).fails(8, &["altered"]);
}

/// A StatefulSet, which replaces one pod after the other.
fn stateful_set(image: &str, mode: Option<&str>) -> String {
    let mode = mode.map_or_else(String::new, |mode| format!(", rig.test/mode: {mode}"));
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  replicas: 2\n  serviceName: db\n  \
         selector: {{matchLabels: {{app: db}}}}\n  template:\n    \
         metadata: {{labels: {{app: db{mode}}}}}\n    \
         spec: {{containers: [{{name: app, image: 'registry.example/shop/db:{image}'}}]}}\n"
    )
}

#[test]
fn a_stateful_set_that_waits_for_a_broken_pod_is_let_go_on() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "rollback-stuck");
    let place = broken.namespace.name.clone();
    rig.apply(&place, &stateful_set("1.0.0", None));
    rig.kubectl(&["rollout", "status", "statefulset/db", "-n", &place, "--timeout=120s"]);
    rig.apply(&place, &stateful_set("1.1.0", Some("imagepull")));
    eventually(60, || broken.images().contains("db:1.1.0").then_some(())).expect("a pod of the broken revision");
    let uid = || rig.kubectl(&["get", "pod", "db-1", "-n", &place, "-o", "jsonpath={.metadata.uid}"]);
    let before = uid();
    let (code, plan) = broken.document(&["rollback", "sts/db", "--dry-run"]);
    let is_another = eventually(3, || (uid() != before).then_some(()));
    assert!(is_another.is_none(), "a deletion that is only tried deletes nothing");
    let actions: Vec<&str> =
        plan["steps"].as_array().expect("steps").iter().filter_map(|step| step["action"].as_str()).collect();
    assert_eq!((code, actions, &plan["confirm"]), (0, vec!["rollback", "delete-pod"], &Value::from(place.as_str())));
    assert_eq!(plan["afterwards"]["expects"], "rolledOut", "{plan:#}");
    let (code, done) = broken.document(&["rollback", "sts/db", "--confirm", &place]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    assert!(!broken.images().contains("db:1.1.0"), "the rollout was waited for: {}", broken.images());
}

#[test]
fn what_git_keeps_is_refused_or_paused_first_and_comes_back() {
    let rig = Rig::own();
    let broken = Broken::new(&rig, "rollback-gitops");
    let place = broken.namespace.name.clone();
    rig.kinds("argo-cd");
    rig.kinds("flux");
    // An app of apps keeps the application, which keeps the Deployment.
    let application = |name: &str, tracked: &str| {
        format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  annotations: {{{tracked}}}\n\
             spec: {{project: default, destination: {{namespace: {place}}}, source: {{repoURL: \"ssh://git.example/shop\"}}, syncPolicy: {{automated: {{prune: true, selfHeal: true}}, syncOptions: [A=b]}}}}\n"
        )
    };
    let of_apps = format!("argocd.argoproj.io/tracking-id: 'apps:argoproj.io/Application:{place}/shop'");
    rig.apply(&place, &[application("apps", ""), application("shop", &of_apps)].concat());
    let tracked = format!("argocd.argoproj.io/tracking-id=shop:apps/Deployment:{place}/web");
    rig.kubectl(&["annotate", "deployment", "web", "-n", &place, &tracked]);
    broken.run(&["rollback", "deploy/web", "--yes"]).fails(3, &["Argo CD Application shop", "--pause-gitops"]);
    let automated = |name: &str| {
        let path = "jsonpath={.spec.syncPolicy.automated}";
        rig.kubectl(&["get", "applications.argoproj.io", name, "-n", &place, "-o", path])
    };
    let (code, done) = broken.document(&["rollback", "deploy/web", "--pause-gitops", "--confirm", &place]);
    let acted: Vec<String> = done["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| {
            format!(
                "{} {}",
                step["action"].as_str().unwrap_or_default(),
                step["object"]["name"].as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        (code, acted),
        (0, ["pause-gitops apps", "pause-gitops shop", "rollback web"].map(str::to_owned).to_vec())
    );
    assert!(done["notes"].to_string().contains("kubectl patch application.argoproj.io shop"), "{done:#}");
    assert!(automated("apps").is_empty() && automated("shop").is_empty() && broken.image().ends_with(":1.1.0"));
    let (code, undone) = broken.document(&["change", "undo", &id(&done), "--confirm", &place, "--timeout", "3s"]);
    assert_eq!(code, 4, "the broken revision does not get ready, and what follows it is not done: {undone:#}");
    let (code, resumed) = broken.document(&["change", "undo", &id(&undone), "--confirm", "web", "--yes"]);
    assert_eq!(code, 0, "{resumed:#}");
    // What Flux keeps is suspended.
    rig.kubectl(&["annotate", "deployment", "web", "-n", &place, "argocd.argoproj.io/tracking-id-"]);
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\n\
        spec: {path: ./shop, interval: 10m, prune: true, sourceRef: {kind: GitRepository, name: shop}}\n";
    rig.apply(&place, kustomization);
    let labels =
        ["kustomize.toolkit.fluxcd.io/name=shop".to_owned(), format!("kustomize.toolkit.fluxcd.io/namespace={place}")];
    rig.kubectl(&["label", "deployment", "web", "-n", &place, &labels[0], &labels[1]]);
    rig.apply(&place, &deployment("1.4.0", Some("imagepull")));
    eventually(60, || broken.images().contains("1.4.0").then_some(())).expect("a pod of the broken revision");
    let (code, done) = broken.document(&["rollback", "deploy/web", "--pause-gitops", "--confirm", &place]);
    let path = "jsonpath={.spec.suspend}";
    let suspended =
        rig.kubectl(&["get", "kustomizations.kustomize.toolkit.fluxcd.io", "shop", "-n", &place, "-o", path]);
    assert_eq!((code, suspended.as_str()), (0, "true"), "{done:#}");
}
