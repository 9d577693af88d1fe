//! `kubectl sre incident` against a real API server.

use super::person::{Person, id};
use super::rig::{Rig, eventually};
use serde_json::Value;
use sre_core::slim::{KINDS, Scope};
use sre_testkit::proxy::Proxy;
use std::collections::BTreeSet;
use std::path::Path;

/// A Service before a Deployment whose ConfigMap does not exist, one that fits on no node, and a healthy one.
const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web, rig.test/mode: configerror}
      annotations: {rig.test/message: 'configmap "settings" not found'}
    spec:
      containers:
      - {name: app, image: registry.example/web, envFrom: [{configMapRef: {name: settings}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: large}
spec:
  selector: {matchLabels: {app: large}}
  template:
    metadata: {labels: {app: large}}
    spec:
      containers:
      - {name: app, image: registry.example/large, resources: {requests: {cpu: '900'}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: good}
spec:
  selector: {matchLabels: {app: good}}
  template:
    metadata: {labels: {app: good}}
    spec:
      containers: [{name: app, image: registry.example/good}]
"#;

fn classes(document: &Value) -> BTreeSet<String> {
    let causes = document["causes"].as_array().expect("causes").iter();
    let said = |it: &Value| {
        format!("{} {}", it["class"].as_str().unwrap_or_default(), it["object"]["name"].as_str().unwrap_or_default())
    };
    causes.filter(|it| it["severity"] != "info").map(said).collect()
}

fn triage(rig: &Rig, words: &[&str]) -> (Value, i32) {
    let ran = rig.run_as("viewer", &[&["incident", "triage", "-o", "json"], words].concat());
    let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    (document, ran.code)
}

#[test]
fn causes_of_a_namespace_and_behind_one_object_are_named_and_only_looked_for() {
    let rig = Rig::shared();
    let namespace = rig.namespace("incident");
    let name = namespace.name.as_str();
    rig.apply(name, OBJECTS);
    let expected: BTreeSet<String> =
        ["config-object-missing settings".to_owned(), "unschedulable-request-too-large large".to_owned()].into();
    let mut last = BTreeSet::new();
    let named = eventually(120, || {
        last = classes(&triage(&rig, &["-n", &namespace.name]).0);
        (last == expected).then_some(())
    });
    assert!(named.is_some(), "{last:?}");
    let (web, code) = triage(&rig, &["service/web", "-n", &namespace.name]);
    assert_eq!((classes(&web).len(), code), (1, 1), "{web:#}");
    let affected = web["causes"][0]["affects"].to_string();
    assert!(affected.contains("\"Service\"") && affected.contains("0 of 2 pods are ready"), "{affected}");
    let (good, code) = triage(&rig, &["deploy/good", "-n", &namespace.name]);
    assert_eq!((classes(&good), code), (BTreeSet::new(), 0), "{good:#}");
    for target in ["deploy/good", "deploy/web"] {
        asks_little(&rig, name, target);
    }
    // Records that other tests share are written in namespaces of theirs.
    let is_shared = |uri: &str| uri.contains("/namespaces/shared");
    let asked: Vec<_> = rig.audit("incident").into_iter().filter(|event| !is_shared(&event.uri)).collect();
    let writes: BTreeSet<&str> = asked.iter().map(|event| event.verb.as_str()).collect();
    let known: BTreeSet<&str> = ["get", "list", "create"].into();
    assert!(!asked.is_empty() && writes.is_subset(&known), "{writes:?}");
    let created = asked.iter().filter(|event| event.verb == "create");
    assert!(created.clone().all(|event| event.resource.starts_with("self")), "only reviews of one's own rights");
}

/// What is asked for one object is little enough to begin at once, as a hundred requests may, and of no namespace but its own
/// and the system's.
fn asks_little(rig: &Rig, namespace: &str, target: &str) {
    let proxy = Proxy::honest(Path::new(&rig.kubeconfig("viewer")));
    let ran = rig.run_as("viewer", &["incident", "triage", target, "-n", namespace, "--server", proxy.url()]);
    assert!(ran.code < 2, "{target}: {}", ran.stderr);
    let asked = proxy.answered();
    let asked: Vec<&str> = asked.iter().map(|it| it.path.as_str()).collect();
    assert!((40..100).contains(&asked.len()), "{target}: {} requests: {asked:#?}", asked.len());
    let of_all = KINDS.iter().filter(|row| row.scope == Scope::Namespaced).map(|row| row.path(None));
    let of_all: BTreeSet<String> = of_all.collect();
    let is_elsewhere = |path: &&str| match path.split_once("/namespaces/") {
        Some((_, rest)) => ![namespace, "kube-system"].contains(&rest.split('/').next().unwrap_or_default()),
        None => of_all.contains(*path),
    };
    assert_eq!(asked.into_iter().filter(is_elsewhere).collect::<Vec<&str>>(), Vec::<&str>::new(), "{target}");
}

/// How many objects of a kind a triage saw.
fn seen(document: &Value, kind: &str) -> Option<u64> {
    let reads = document["coverage"]["reads"].as_array()?;
    reads.iter().find(|read| read["what"] == kind)?["objects"].as_u64()
}

#[test]
fn of_one_object_its_namespace_is_found_and_that_alone_is_read() {
    let rig = Rig::shared();
    let (namespace, other) = (rig.namespace("incident-around"), rig.namespace("incident-other"));
    let name = namespace.name.as_str();
    let named = OBJECTS.replace("name: good", &format!("name: {name}"));
    rig.apply(name, &named);
    rig.kubectl(&["rollout", "status", &format!("deployment/{name}"), "-n", name, "--timeout=60s"]);
    let target = format!("deployment/{name}");
    let (document, code) = triage(&rig, &[&target]);
    assert_eq!((code, &document["source"]["namespace"]), (0, &Value::from(name)), "{document:#}");
    assert_eq!(seen(&document, "Deployment"), Some(3), "{:#}", document["coverage"]);
    assert_eq!(triage(&rig, &[&format!("namespace/{name}")]).0["source"]["namespace"], name);
    rig.apply(&other.name, &named);
    let ran = rig.run_as("viewer", &["incident", "triage", &target]);
    ran.fails(2, &["stands in 2 namespaces", name, &other.name]);
    rig.run_as("viewer", &["incident", "triage", "deployment/no-such-thing"]).fails(2, &["there is no Deployment"]);
    // Who sees one namespace means their own.
    rig.kubectl(&["create", "rolebinding", "eve", "--clusterrole=view", "--user=eve", "-n", name]);
    let config = rig.kubeconfig("admin");
    let own = std::fs::read_to_string(&config).expect("a kubeconfig");
    let file = tempfile::tempdir().expect("a directory");
    let path = file.path().join("config");
    let context = own.replace("context: {", &format!("context: {{namespace: {name}, "));
    assert_ne!(context, own, "{own}");
    std::fs::write(&path, context).expect("written");
    let mut command = rig.command(crate::cli::BINARY);
    command.args(["incident", "triage", &target, "-o", "json", "--as", "eve", "--kubeconfig"]).arg(&path);
    let ran = crate::cli::Ran::of(command.output().expect("it runs"));
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert_eq!(document["source"]["namespace"], name, "{}", ran.stderr);
    assert_eq!(seen(&document, "Deployment"), Some(3), "{:#}", document["coverage"]);
}

/// A Deployment without pods, to be changed.
const QUIET: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: quiet}
spec:
  replicas: 0
  selector: {matchLabels: {app: quiet}}
  template:
    metadata: {labels: {app: quiet}}
    spec:
      containers: [{name: app, image: registry.example/quiet}]
"#;

#[test]
fn changes_that_were_made_for_an_incident_stand_in_its_timeline() {
    let rig = Rig::shared();
    let namespace = rig.namespace("declared");
    rig.apply(&namespace.name, QUIET);
    let person = Person::new(&rig, &namespace.name);
    let (code, declared) = person.document(&["incident", "declare", "--sev", "3", "--title", "quiet is slow"]);
    assert_eq!((code, &declared["namespace"]), (0, &Value::from(namespace.name.as_str())), "{declared:#}");
    let incident = id(&declared);
    let label = ["change", "label", "deployment/quiet", "team=shop", "--yes"];
    let (code, done) = person.document(&[&label[..], &["--incident", &incident]].concat());
    assert_eq!(code, 0, "{done:#}");
    let (code, undone) = person.document(&["change", "undo", &id(&done), "--yes", "--incident", &incident]);
    assert_eq!(code, 0, "{undone:#}");
    let (code, other) = person.document(&label);
    assert_eq!(code, 0, "{other:#}");
    let (code, shown) = person.document(&["incident", "show", &incident]);
    let changes: Vec<(&Value, &Value)> =
        shown["changes"].as_array().expect("changes").iter().map(|it| (&it["id"], &it["state"])).collect();
    let wanted = [(&done["id"], &Value::from("undone")), (&undone["id"], &Value::from("done"))];
    assert_eq!((code, &changes[..]), (0, &wanted[..]), "{shown:#}");
    let page = person.run(&["incident", "export", &incident]).stdout;
    assert!(page.contains(&id(&done)) && page.contains(&id(&undone)) && !page.contains(&id(&other)), "{page}");
}

/// Two containers that fail for lack of a ConfigMap, with secrets where people put them.
const WITH_SECRETS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: web, annotations: {note: 'login postgres://shop:planted-annotation@db/shop'}}
data:
  app.properties: "db.password=planted-property\nmode=fast\n"
  .aws: "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/plantedEXAMPLEKEY\n"
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web, rig.test/mode: configerror}
      annotations: {rig.test/message: 'configmap "settings" not found'}
    spec:
      containers:
      - name: app
        image: registry.example/web
        args: [--api-token, planted-argument-4711]
        envFrom: [{configMapRef: {name: settings}}]
        env: [{name: DB_PASSWORD, value: planted-variable}, {name: DB_HOST, value: db.shop.svc}]
"#;

#[test]
fn evidence_is_kept_when_an_incident_is_declared_and_tells_the_same_causes_without_secrets() {
    let rig = Rig::shared();
    let namespace = rig.namespace("evidence");
    rig.apply(&namespace.name, WITH_SECRETS);
    let person = Person::new(&rig, &namespace.name);
    let live = || person.run(&["incident", "triage", "-o", "json"]);
    let causes = |text: &str| -> BTreeSet<String> {
        let document: Value = serde_json::from_str(text).expect("a triage");
        let all = document["causes"].as_array().expect("causes").iter();
        all.map(|it| format!("{} {}", it["class"], it["object"])).collect()
    };
    let is_known = || live().stdout.contains("config-object-missing").then_some(());
    eventually(60, is_known).expect("the cause");
    let declare = ["incident", "declare", "--sev", "2", "--title", "web is down"];
    let (code, declared) = person.document(&declare);
    assert_eq!(code, 0, "{declared:#}");
    let timeline = declared["timeline"].as_array().expect("a timeline");
    let kept = timeline.iter().find(|it| it["kind"] == "evidence").expect("evidence");
    let text = kept["text"].as_str().unwrap_or_default();
    assert!(text.contains("config-object-missing: "), "{text}");
    let file = text.strip_prefix("evidence: ").and_then(|it| it.split(" (SHA-256 ").next()).expect("a file");
    let offline = person.sandbox.run(&["incident", "triage", "--from", file, "-o", "json"]);
    assert_eq!(causes(&offline.stdout), causes(&live().stdout), "{}", offline.stderr);

    let mut bytes = Vec::new();
    let packed = std::fs::File::open(file).expect("an archive");
    let mut unpacked = zstd::Decoder::new(packed).expect("zstd");
    std::io::Read::read_to_end(&mut unpacked, &mut bytes).expect("an archive that can be unpacked");
    let whole = String::from_utf8_lossy(&bytes);
    assert!(!whole.contains("planted"), "a secret: {}", &whole[whole.find("planted").unwrap_or(0)..][..60]);
    assert!(whole.contains("db.shop.svc") && whole.contains("DB_PASSWORD") && whole.contains("<secret-"));

    let (code, again) = person.document(&["incident", "evidence"]);
    assert_eq!((code, again["timeline"].to_string().matches("evidence-2.tar.zst").count()), (0, 1), "{again:#}");
    let (_, without) = person.document(&[&declare[..], &["--no-evidence"]].concat());
    assert!(!without["timeline"].to_string().contains("tar.zst"), "{without:#}");
}
