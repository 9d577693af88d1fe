//! Running pods get another size from a real kubelet, and nothing restarts.

use super::super::person::{Person, id};
use super::super::rig::Rig;
use serde_json::Value;

const WORKLOAD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  replicas: 2
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: localhost/busybox:1
        command: [sleep, '86400']
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 32Mi}}
";

/// Names, restarts and the memory limits that the kubelet reports.
fn seen(person: &Person<'_>) -> String {
    let each = "{.metadata.name} {.status.containerStatuses[0].restartCount} \
                {.status.containerStatuses[0].resources.limits.memory} {.spec.containers[0].resources.limits.memory}";
    let path = format!("jsonpath={{range .items[*]}}{each}{{\"\\n\"}}{{end}}");
    person.rig.kubectl(&["get", "pods", "-l", "app=worker", "-n", &person.namespace, "-o", &path])
}

#[test]
fn running_pods_are_resized_and_nothing_restarts() {
    let rig = Rig::with_node();
    let namespace = rig.namespace("resize");
    let namespace = namespace.name.as_str();
    rig.apply(namespace, WORKLOAD);
    rig.kubectl(&["rollout", "status", "deployment/worker", "-n", namespace, "--timeout=60s"]);
    let person = Person::new(&rig, namespace);
    let before = seen(&person);
    assert_eq!(before.matches(" 0 32Mi 32Mi").count(), 2, "{before}");

    let arguments = ["scale", "resources", "deploy/worker", "-c", "app", "--limits", "memory=48Mi"];
    let (code, plan) = person.document(&[&arguments[..], &["--dry-run"]].concat());
    assert!(code == 0 && plan["notes"].to_string().contains("with --in-place those that run are resized"), "{plan:#}");
    let in_place = [&arguments[..], &["--in-place"]].concat();
    let (code, done) = person.document(&[&in_place[..], &["--confirm", namespace, "--timeout", "60s"]].concat());
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    assert_eq!(seen(&person), before.replace("32Mi", "48Mi"), "the same pods, none restarted");
    let resized = person.writes(&id(&done)).iter().filter(|it| *it == "patch pods/resize").count();
    assert_eq!(resized, 2, "{:?}", person.writes(&id(&done)));
    let (code, undone) = person.document(&["change", "undo", &id(&done), "--confirm", namespace]);
    assert_eq!((code, seen(&person)), (0, before), "{undone:#}");

    let classes = ["scale", "resources", "deploy/worker", "-c", "app", "--requests", "memory=32Mi", "--in-place"];
    person
        .run(&[&classes[..], &["--limits", "cpu=10m", "--dry-run"]].concat())
        .fails(3, &["from Burstable to Guaranteed"]);
    let hungry = ["scale", "resources", "deploy/worker", "-c", "app", "--requests", "cpu=900", "--in-place"];
    let (code, refused) = person.document(&[&hungry[..], &["--dry-run"]].concat());
    let answer = &refused["steps"][0]["checked"];
    assert!(code == 3 && answer["why"].to_string().contains("enough allocatable"), "{code} {refused:#}");
}
