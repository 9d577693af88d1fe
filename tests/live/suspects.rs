//! What was changed before it broke, against a real API server.

use super::rig::{Rig, eventually, next_second};
use crate::cli::Sandbox;
use serde_json::Value;

/// A Deployment that works, with a setting and a ConfigMap, and a ConfigMap that nobody reads.
const OBJECTS: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: info}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: unread}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: registry.example/web:1, env: [{name: DB_HOST, value: db}], envFrom: [{configMapRef: {name: settings}}]}
"#;

fn triage(rig: &Rig, more: &[&str]) -> Value {
    let ran = rig.run_as("viewer", &[&["incident", "triage", "-o", "json"], more].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

/// The changes of the first cause, each by object, sort and author.
fn suspects(document: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |it: &Value| format!("{} {} {}", word(&it["object"]["name"]), word(&it["sort"]), word(&it["by"]));
    document["causes"][0]["changes"].as_array().into_iter().flatten().map(line).collect()
}

#[test]
fn the_rollout_before_the_crash_is_suspected_first_and_what_came_after_never() {
    let rig = Rig::shared();
    let namespace = rig.namespace("suspects");
    let name = namespace.name.as_str();
    rig.apply(name, OBJECTS);
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", name, "--timeout=60s"]);
    let healthy = triage(&rig, &["deployment/web", "-n", name]);
    assert_eq!(healthy["causes"].as_array().map(Vec::len), Some(0), "what works suspects nobody: {healthy:#}");
    next_second();
    for map in ["settings", "unread"] {
        rig.kubectl(&[
            "patch",
            "configmap",
            map,
            "-n",
            name,
            "-p",
            r#"{"data":{"level":"debug"}}"#,
            "--field-manager=hand",
        ]);
    }
    next_second();
    let bad = r#"{"spec":{"template":{"metadata":{"labels":{"rig.test/mode":"crashloop"}},"spec":{"containers":[{"name":"app",
        "env":[{"name":"DB_HOST","value":"db2"}]}]}}}}"#;
    rig.kubectl(&["patch", "deployment", "web", "-n", name, "-p", bad, "--field-manager=pipeline"]);
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["deployment/web", "-n", name]);
        (suspects(&document).first()? == "web rollout pipeline").then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let change = &document["causes"][0]["changes"][0];
    assert_eq!(change["fields"][0]["field"], "containers[app].env[DB_HOST]", "{change:#}");
    assert_eq!((&change["fields"][0]["old"], &change["fields"][0]["new"]), (&"db".into(), &"db2".into()));
    assert!(suspects(&document).contains(&"settings edit hand".to_owned()), "{document:#}");
    assert!(!suspects(&document).iter().any(|it| it.starts_with("unread")), "{document:#}");
    let commands = document["causes"][0]["remedies"].to_string();
    assert!(commands.contains(&format!("kubectl sre rollback deployment/web -n {name} --dry-run")), "{commands}");

    // An edit after the first symptom explains nothing; times have no more than seconds.
    let mut edits = 0;
    let late = eventually(60, || {
        edits += 1;
        let edit = format!(r#"{{"data":{{"level":"{edits}"}}}}"#);
        rig.kubectl(&["patch", "configmap", "settings", "-n", name, "-p", &edit, "--field-manager=late"]);
        (!suspects(&triage(&rig, &["-n", name])).iter().any(|it| it.starts_with("settings edit"))).then_some(())
    });
    assert!(late.is_some());

    // What is saved says the same.
    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("viewer");
    let typed = ["incident", "triage", "deployment/web", "-n", name, "-o", "json"];
    let live = sandbox.run(&[&typed[..], &["--kubeconfig", &config, "--save", "a.tar.zst"]].concat());
    let again = sandbox.run(&[&typed[..], &["--from", "a.tar.zst"]].concat());
    let changes = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["causes"][0]["changes"].clone();
    assert!(changes(&live.stdout).as_array().is_some_and(|it| !it.is_empty()), "{}", live.stdout);
    assert_eq!(changes(&live.stdout), changes(&again.stdout));
}

const MEMBERS: &str = r#"
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ring}
spec:
  serviceName: ring
  replicas: 2
  selector: {matchLabels: {app: ring}}
  template:
    metadata: {labels: {app: ring}}
    spec:
      containers:
      - {name: member, image: registry.example/ring:1, env: [{name: PEERS, value: ring-0}]}
"#;

#[test]
fn a_rollout_of_a_stateful_set_is_suspected_with_its_fields_and_told_from_an_archive_too() {
    let rig = Rig::shared();
    let namespace = rig.namespace("members-suspected");
    let name = namespace.name.as_str();
    rig.apply(name, MEMBERS);
    rig.kubectl(&["rollout", "status", "statefulset/ring", "-n", name, "--timeout=60s"]);
    next_second();
    let bad = r#"{"spec":{"template":{"metadata":{"labels":{"rig.test/mode":"crashloop"}},"spec":{"containers":[{"name":"member",
        "env":[{"name":"PEERS","value":"ring-1"},{"name":"DB_PASSWORD","value":"hunter2-planted"}]}]}}}}"#;
    rig.kubectl(&["patch", "statefulset", "ring", "-n", name, "-p", bad, "--field-manager=pipeline"]);
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["statefulset/ring", "-n", name]);
        (suspects(&document).first()? == "ring rollout pipeline").then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let change = &document["causes"][0]["changes"][0];
    let fields = change["fields"].as_array().expect("fields");
    let peers = fields.iter().find(|it| it["field"] == "containers[member].env[PEERS]").expect("PEERS");
    assert_eq!((&peers["old"], &peers["new"]), (&"ring-0".into(), &"ring-1".into()), "{change:#}");
    assert!(!document.to_string().contains("hunter2"), "{document:#}");

    let sandbox = Sandbox::new();
    let config = rig.kubeconfig("viewer");
    let typed = ["incident", "triage", "statefulset/ring", "-n", name, "-o", "json"];
    let live = sandbox.run(&[&typed[..], &["--kubeconfig", &config, "--save", "a"]].concat());
    let again = sandbox.run(&[&typed[..], &["--from", "a"]].concat());
    let changes = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["causes"][0]["changes"].clone();
    assert!(changes(&live.stdout).as_array().is_some_and(|it| !it.is_empty()), "{}", live.stdout);
    assert_eq!(changes(&live.stdout), changes(&again.stdout));
    let planted = std::process::Command::new("grep").args(["-rl", "hunter2-planted"]).arg(sandbox.path("a")).output();
    assert_eq!(String::from_utf8_lossy(&planted.expect("grep runs").stdout), "", "a secret is in the archive");
}

/// A Deployment that runs on one node only.
const PINNED: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/hostname: node-0001}
      containers:
      - {name: app, image: registry.example/web:1}
"#;

/// It wants more pods at once, whatever is measured.
const AUTOSCALER: &str = r#"
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 5
"#;

#[test]
fn what_an_autoscaler_did_and_a_cordoned_node_are_suspected() {
    let rig = Rig::own();
    rig.apply("default", PINNED);
    rig.kubectl(&["rollout", "status", "deployment/web", "--timeout=60s"]);
    next_second();
    rig.kubectl(&["cordon", "node-0001"]);
    rig.apply("default", AUTOSCALER);
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["deployment/web", "-n", "default"]);
        let suspects = suspects(&document);
        let has = |line: &str| suspects.iter().any(|it| it == line);
        (has("web scaling HorizontalPodAutoscaler/default/web") && has("node-0001 node kubectl")).then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let suspects = suspects(&document);
    assert!(!suspects.contains(&"node-0002 node kubectl".to_owned()), "it is not cordoned: {suspects:?}");
}

/// A Deployment whose account may read, by two bindings.
const ACCOUNT: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reads}
rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads}
subjects: [{kind: ServiceAccount, name: reader}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reads}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: gone}
subjects: [{kind: ServiceAccount, name: reader}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: reader
      containers:
      - {name: app, image: registry.example/web:1}
"#;

/// Reads everything but who may do what.
const ONLOOKER: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: rig-onlooker}
rules:
- {apiGroups: ["", admissionregistration.k8s.io, apiextensions.k8s.io, apiregistration.k8s.io, apps, autoscaling, batch,
    certificates.k8s.io, coordination.k8s.io, discovery.k8s.io, events.k8s.io, networking.k8s.io, node.k8s.io, policy,
    scheduling.k8s.io, storage.k8s.io, gateway.networking.k8s.io, cert-manager.io, keda.sh, autoscaling.k8s.io,
    external-secrets.io, bitnami.com, argoproj.io, networking.istio.io, snapshot.storage.k8s.io, velero.io,
    monitoring.coreos.com], resources: ["*"], verbs: [get, list]}
- {nonResourceURLs: ["*"], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: rig-onlooker}
subjects: [{kind: User, name: onlooker, apiGroup: rbac.authorization.k8s.io}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: rig-onlooker}
"#;

#[test]
fn an_edited_role_is_suspected_a_deleted_binding_leaves_no_trace_and_who_may_not_look_is_told_so() {
    let rig = Rig::shared();
    let namespace = rig.namespace("rights-suspected");
    let name = namespace.name.as_str();
    rig.apply(name, &ACCOUNT.replace("name: reader}]", &format!("name: reader, namespace: {name}}}]")));
    rig.apply("default", ONLOOKER);
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", name, "--timeout=60s"]);
    let onlooking = ["incident", "triage", "--as", "onlooker", "-n", name];
    let ran = rig.run_as("admin", &onlooking);
    assert_eq!(ran.code, 0, "what is not known of rights is no gap: {}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("rights cannot be seen"), "nothing is wrong, and no change is told: {}", ran.stdout);

    next_second();
    rig.kubectl(&["delete", "rolebinding", "gone", "-n", name]);
    rig.kubectl(&["patch", "role", "reads", "-n", name, "-p", r#"{"rules":[]}"#, "--field-manager=hand"]);
    let bad = r#"{"spec":{"template":{"metadata":{"labels":{"rig.test/mode":"crashloop"}}}}}"#;
    rig.kubectl(&["patch", "deployment", "web", "-n", name, "-p", bad, "--field-manager=pipeline"]);
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["deployment/web", "-n", name]);
        suspects(&document).contains(&"reads edit hand".to_owned()).then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let changes = document["causes"][0]["changes"].as_array().expect("changes");
    let role = changes.iter().find(|it| it["object"]["kind"] == "Role").expect("a Role");
    assert_eq!(role["reach"], "rights", "{role:#}");
    assert!(changes.iter().all(|it| it["object"]["name"] != "gone"), "{document:#}");
    assert_eq!(document["coverage"]["changesUnseen"], Value::Null, "{document:#}");

    let ran = rig.run_as("admin", &onlooking);
    let told = "what was changed of rights cannot be seen: Role (forbidden), ClusterRole (forbidden), RoleBinding (forbidden), \
                ClusterRoleBinding (forbidden)";
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches(told).count(), 1, "{}", ran.stdout);
    assert!(!ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
}

#[test]
fn an_undo_is_told_as_a_rollout_back_to_the_older_revision() {
    let rig = Rig::shared();
    let namespace = rig.namespace("undone");
    let name = namespace.name.as_str();
    let broken = OBJECTS.replace("labels: {app: web}", "labels: {app: web, rig.test/mode: crashloop}");
    rig.apply(name, &broken);
    let good = r#"{"spec":{"template":{"metadata":{"labels":{"rig.test/mode":null}},"spec":{"containers":[{"name":"app",
        "env":[{"name":"DB_HOST","value":"db2"}]}]}}}}"#;
    rig.kubectl(&["patch", "deployment", "web", "-n", name, "-p", good, "--field-manager=pipeline"]);
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", name, "--timeout=60s"]);
    next_second();
    rig.kubectl(&["rollout", "undo", "deployment/web", "-n", name]);
    let undone = "the rollout of revision 3, back to revision 1, began";
    let mut document = Value::Null;
    let found = eventually(120, || {
        document = triage(&rig, &["deployment/web", "-n", name]);
        (document["causes"][0]["changes"][0]["statement"] == undone).then_some(())
    });
    assert!(found.is_some(), "{document:#}");
    let change = &document["causes"][0]["changes"][0];
    assert_eq!(change["sort"], "rollout", "{change:#}");
    assert_eq!(
        change["fields"][0],
        serde_json::json!({"field": "containers[app].env[DB_HOST]", "old": "db2", "new": "db"})
    );
    let edits = suspects(&document);
    assert!(!edits.iter().any(|it| it.starts_with("web edit")), "it is told once: {edits:?}");
}
