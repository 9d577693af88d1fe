//! Releases of Helm on a real API server, with the real helm.

use super::person::{Person, id};
use super::rig::{AuditEvent, Rig, TestNamespace, eventually, programs};
use crate::cli::{BINARY, Ran, schema_of_changes};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Values that may stand nowhere but in the cluster.
const PLANTED: [&str; 2] = ["planted-hunter2", "planted-correct-horse"];

const TEMPLATES: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: {{ .Values.password }}}\n---\n\
    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  \
    template:\n    metadata:\n      labels:\n        app: web\n{{- if .Values.mode }}\n        rig.test/mode: {{ .Values.mode }}\n{{- end }}\n    \
    spec:\n      containers:\n      - name: app\n        image: registry.example/shop/web:{{ .Values.image }}\n        \
    env: [{name: API_TOKEN, value: {{ .Values.password }}}]\n\
    {{- if .Values.hook }}\n---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  \
    annotations: {helm.sh/hook: pre-rollback}\nspec:\n  template:\n    metadata: {labels: {rig.test/mode: imagepull}}\n    \
    spec: {restartPolicy: Never, containers: [{name: app, image: 'registry.example/shop/job:1'}]}\n{{- end }}\n";

/// A release in a namespace, and one person who looks after it.
pub(super) struct Shop<'a> {
    pub(super) person: Person<'a>,
    pub(super) namespace: TestNamespace<'a>,
    /// The chart, and a folder that holds helm and nothing else.
    files: TempDir,
}

impl<'a> Shop<'a> {
    pub(super) fn new(rig: &'a Rig, name: &str) -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let chart = files.path().join("web");
        fs::create_dir_all(chart.join("templates")).expect("folders");
        fs::create_dir(files.path().join("bin")).expect("a folder");
        let about = "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: '7'\n";
        fs::write(chart.join("Chart.yaml"), about).expect("written");
        fs::write(chart.join("values.yaml"), "image: '1.0.0'\nmode: ''\npassword: none\nhook: ''\n").expect("written");
        fs::write(chart.join("templates/all.yaml"), TEMPLATES).expect("written");
        std::os::unix::fs::symlink(programs().join("helm"), files.path().join("bin/helm")).expect("a link");
        let namespace = rig.namespace(name);
        Self { person: Person::new(rig, &namespace.name), namespace, files }
    }

    fn helm_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.person.rig.command(programs().join("helm"));
        let config = self.person.rig.kubeconfig("admin");
        command.args(arguments).args(["-n", &self.namespace.name, "--kubeconfig", &config]);
        command.env("HOME", self.files.path()).current_dir(self.files.path());
        command
    }

    fn helm(&self, arguments: &[&str]) -> String {
        let output = self.helm_command(arguments).output().expect("helm runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "helm {}: {said}", arguments.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Installs or upgrades to an image, with a password.
    pub(super) fn upgraded(&self, image: &str, password: &str, more: &[&str]) {
        let (image, password) = (format!("image={image}"), format!("password={password}"));
        self.helm(&[&["upgrade", "--install", "web", "web", "--set", &image, "--set", &password], more].concat());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let config = self.person.rig.kubeconfig("admin");
        let arguments = [arguments, &["-n", &self.namespace.name, "--kubeconfig", &config]].concat();
        let mut command = self.person.sandbox.prepared(self.person.rig.command(BINARY), &arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.files.path().join("bin").display()));
        command
    }

    /// Has helm say that it was started, and take its time before it goes back.
    fn slowed_down(&self) {
        let (helm, started) = (self.files.path().join("bin/helm"), self.files.path().join("started"));
        let real = programs().join("helm");
        let waits = format!("[ \"$1\" = rollback ] && touch {} && sleep 3", started.display());
        fs::remove_file(&helm).expect("a link");
        fs::write(&helm, format!("#!/bin/sh\n{waits}\nexec {} \"$@\"\n", real.display())).expect("written");
        fs::set_permissions(&helm, fs::Permissions::from_mode(0o755)).expect("a program");
    }

    /// Runs the binary with helm on PATH; no planted value is ever printed.
    fn run(&self, arguments: &[&str]) -> Ran {
        let ran = Ran::of(self.command(arguments).output().expect("the binary runs"));
        for value in PLANTED {
            assert!(!ran.stdout.contains(value) && !ran.stderr.contains(value), "{}{}", ran.stdout, ran.stderr);
        }
        ran
    }

    fn document(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.run(&[arguments, &["-o", "json"]].concat());
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        let (schemas, index) = schema_of_changes(document["kind"].as_str().unwrap_or_default());
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}: {document:#}"));
        (ran.code, document)
    }

    /// The newest revision of the release: its number, status and description.
    fn newest(&self) -> (i64, String, String) {
        let history: Value = serde_json::from_str(&self.helm(&["history", "web", "-o", "json"])).expect("JSON");
        let last = history.as_array().and_then(|it| it.last()).cloned().unwrap_or_default();
        let text = |field: &str| last[field].as_str().unwrap_or_default().to_owned();
        (last["revision"].as_i64().unwrap_or(0), text("status"), text("description"))
    }

    fn images(&self) -> String {
        let path = "jsonpath={.items[*].spec.containers[0].image}";
        self.person.rig.kubectl(&["get", "pods", "-n", &self.namespace.name, "-o", path])
    }

    /// How often helm wrote in the namespace.
    fn written_by_helm(&self) -> usize {
        let reads = |event: &AuditEvent| ["get", "list", "watch"].contains(&event.verb.as_str());
        let place = format!("/namespaces/{}/", self.namespace.name);
        self.person.rig.audit("Helm").iter().filter(|it| it.uri.contains(&place) && !reads(it)).count()
    }
}

/// Whether a value stands in any file below a folder.
pub(super) fn stands_in(folder: &Path, value: &str) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return stands_in(&path, value);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(value.len()).any(|it| it == value.as_bytes())
    })
}

#[test]
fn a_release_goes_back_to_what_worked_and_is_taken_back() {
    let rig = Rig::shared();
    let shop = Shop::new(&rig, "helm");
    shop.upgraded("1.0.0", PLANTED[0], &["--wait"]);
    shop.upgraded("1.1.0", PLANTED[1], &["--wait"]);
    shop.upgraded("1.2.0", PLANTED[0], &["--set", "mode=imagepull"]);
    eventually(60, || shop.images().contains("1.2.0").then_some(())).expect("a pod of the broken revision");
    // What Helm calls deployed does not work.
    let (code, list) = shop.document(&["rollback", "helm", "web", "--list"]);
    let told: Vec<&str> =
        list["revisions"].as_array().expect("revisions").iter().filter_map(|it| it["health"].as_str()).collect();
    assert_eq!(
        (code, &told[..2], &list["revisions"][0]["release"]["status"]),
        (0, &["bad", "healthy"][..], &json!("deployed")),
        "{list:#}"
    );
    let before = shop.written_by_helm();
    let (code, plan) = shop.document(&["rollback", "helm", "web", "--dry-run", "--plan-out", "plan.json"]);
    let call = &plan["steps"][0]["call"];
    assert_eq!((code, &call["program"], &plan["tier"]), (0, &json!("helm"), &json!(1)), "{plan:#}");
    assert_eq!((&call["fields"][0]["after"], &call["fields"][2]["after"]), (&json!(4), &json!("2")), "{plan:#}");
    assert!(call["changes"].to_string().contains("value 2 of API_TOKEN"), "that a value changes is shown: {plan:#}");
    // Without helm, and where nobody confirms it, nothing is done.
    let (code, missing) = shop.person.document(&["rollback", "helm", "web", "--yes"]);
    let typed = format!("helm rollback web 2 --namespace {}", shop.namespace.name);
    let ended = &missing["outcome"]["ended"];
    assert!(code == 3 && ended["hint"].as_str().is_some_and(|it| it.contains(&typed)), "{missing:#}");
    assert!(ended["why"].as_str().is_some_and(|it| it.contains("helm is not on the PATH")), "{missing:#}");
    let (code, refused) = shop.document(&["rollback", "helm", "web"]);
    assert_eq!((code, shop.newest().0, shop.written_by_helm()), (3, 3, before), "{refused:#}");
    for run in [&plan, &missing, &refused] {
        assert_eq!(shop.person.writes(&id(run)), Vec::<String>::new());
    }

    let (code, done) = shop.document(&["rollback", "helm", "web", "--yes", "--reason", "no such image"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &json!("done")), "{done:#}");
    assert_eq!(shop.newest(), (4, "deployed".to_owned(), "Rollback to 2".to_owned()));
    assert!(!shop.images().contains("1.2.0") && shop.images().contains("1.1.0"), "{}", shop.images());
    let record = shop.run(&["change", "show", &id(&done)]).stdout;
    assert!(record.contains("Rollback was a success"), "what helm printed is recorded: {record}");
    let (_, again) = shop.document(&["rollback", "helm", "web", "--yes"]);
    assert_eq!(again["outcome"]["ended"]["ended"], "nothingToDo", "{again:#}");

    let (code, undone) = shop.document(&["change", "undo", &id(&done), "--confirm", "web", "--timeout", "3s"]);
    assert_eq!((code, shop.newest().0), (4, 5), "what was broken is broken again: {undone:#}");
    assert_eq!(undone["outcome"]["steps"][0]["happened"], "unverified", "{undone:#}");
    let (code, stale) = shop.document(&["change", "apply", "plan.json", "--yes"]);
    assert_eq!((code, &stale["outcome"]["ended"]["ended"]), (4, &json!("stale")), "{stale:#}");
    let (code, back) = shop.document(&["change", "undo", &id(&undone), "--confirm", "web"]);
    assert_eq!((code, shop.newest().0), (0, 6), "{back:#}");
    let (code, first) = shop.document(&["rollback", "helm", "web", "--to-revision", "1", "--confirm", "web"]);
    assert_eq!((code, shop.newest().2.as_str()), (0, "Rollback to 1"), "{first:#}");
    assert!(shop.images().contains("1.0.0") && !shop.images().contains("1.1.0"), "{}", shop.images());
    shop.run(&["rollback", "helm", "web", "--to-revision", "99"]).fails(2, &["there is no revision 99", "7, 6, 5"]);

    for value in PLANTED {
        assert!(!stands_in(shop.person.sandbox.path("").as_path(), value), "{value} stands in a file");
    }
}

#[test]
fn what_is_not_helms_own_way_to_go_back_is_refused() {
    let rig = Rig::shared();
    let shop = Shop::new(&rig, "helm-refused");
    shop.upgraded("1.0.0", PLANTED[0], &[]);
    shop.upgraded("1.1.0", PLANTED[0], &[]);
    let (_, plan) =
        shop.document(&["rollback", "helm", "web", "--to-revision", "1", "--dry-run", "--plan-out", "p.json"]);
    let before = shop.written_by_helm();
    // Who may not read Secrets learns which right is wanting.
    shop.run(&["rollback", "helm", "web", "--as", "nobody"]).fails(3, &["Secrets", "cannot be read", "list secrets"]);
    // A saved plan is carried out as it was written, and by nobody else.
    let admin = ["--as", "admin", "--as-group", "system:masters"];
    let apply = ["change", "apply", "p.json", "--confirm", "web"];
    shop.run(&[&apply[..], &admin].concat()).fails(3, &["go another way than this run"]);
    let file = shop.person.sandbox.path("p.json");
    let whole = fs::read_to_string(&file).expect("a plan");
    let forced = whole.replace("\"--history-max\"", "\"--force\",\n\"--history-max\"");
    assert_ne!(whole, forced, "{plan:#}");
    fs::write(&file, forced).expect("written");
    shop.run(&apply).fails(8, &["it was altered"]);
    shop.run(&["rollback", "helm", "web", "--token", "t0ken"]).fails(3, &["helm has no way"]);
    assert_eq!((shop.newest().0, shop.written_by_helm()), (2, before));
}

#[test]
fn of_a_rollback_that_was_cut_off_or_failed_the_release_tells() {
    let rig = Rig::shared();
    let shop = Shop::new(&rig, "helm-killed");
    shop.upgraded("1.0.0", PLANTED[0], &["--wait"]);
    shop.upgraded("1.1.0", PLANTED[0], &["--wait"]);
    shop.slowed_down();
    let mut command = shop.command(&["rollback", "helm", "web", "--to-revision", "1", "--confirm", "web"]);
    let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
    eventually(60, || shop.files.path().join("started").exists().then_some(())).expect("helm was started");
    std::thread::sleep(std::time::Duration::from_millis(500));
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    assert_eq!(shop.newest().0, 2, "helm is still waiting");
    let (_, list) = shop.document(&["change", "list", "--local"]);
    let begun = id(&list["changes"][0]);
    let (code, resumed) = shop.document(&["change", "resume", &begun]);
    assert_eq!((code, &resumed["outcome"]["steps"][0]["happened"]), (0, &json!("done")), "{resumed:#}");
    assert_eq!(shop.newest(), (3, "deployed".to_owned(), "Rollback to 1".to_owned()), "helm ran once");

    // A hook that does not end has helm fail and leave its lock.
    shop.upgraded("1.2.0", PLANTED[0], &["--wait", "--set", "hook=a"]);
    shop.upgraded("1.3.0", PLANTED[0], &["--wait"]);
    let back = ["rollback", "helm", "web", "--to-revision", "4", "--confirm", "web", "--timeout", "2s"];
    let (code, failed) = shop.document(&back);
    assert!(failed["notes"].to_string().contains("hooks run: Job before (pre-rollback)"), "{failed:#}");
    assert_eq!((code, &failed["outcome"]["steps"][0]["happened"]), (4, &json!("unknown")), "{failed:#}");
    assert!(failed["outcome"]["ended"]["why"].as_str().is_some_and(|it| it.contains("pending-rollback")), "{failed:#}");
    assert_eq!((shop.newest().0, shop.newest().1.as_str()), (6, "pending-rollback"));
    let freeing = format!("helm rollback web 5 --namespace {}", shop.namespace.name);
    shop.run(&["rollback", "helm", "web", "--yes"]).fails(3, &["revision 6 is pending-rollback", &freeing]);
    shop.helm(&["rollback", "web", "5"]);
    assert_eq!(shop.newest().1, "deployed", "that frees it");
}

#[test]
fn an_operation_that_died_is_diagnosed() {
    let rig = Rig::shared();
    let shop = Shop::new(&rig, "helm-pending");
    shop.upgraded("1.0.0", PLANTED[0], &["--wait"]);
    let mut upgrade =
        shop.helm_command(&["upgrade", "web", "web", "--set", "image=1.1.0", "--set", "mode=imagepull", "--wait"]);
    let mut upgrade = upgrade.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("helm");
    eventually(60, || (shop.newest().0 == 2).then_some(())).expect("a revision that is pending");
    upgrade.kill().expect("killed");
    upgrade.wait().expect("ended");
    assert_eq!(shop.newest().1, "pending-upgrade");
    let freeing = format!("helm rollback web 1 --namespace {}", shop.namespace.name);
    shop.run(&["rollback", "helm", "web", "--yes"])
        .fails(3, &["revision 2 is pending-upgrade", "written by Helm at", &freeing]);
    shop.run(&["rollback", "helm", "none"]).fails(2, &["there is no Helm release none"]);
}
