//! Members of a cluster in real containers: each must be well before the next comes, and let go before it goes.

use super::super::person::{Person, id};
use super::super::rig::Rig;
use serde_json::Value;

const PROFILE: &str = "\
apiVersion: kubectl-sre/v1alpha1
kind: Profile
name: ring
components:
- name: ring
  workloads: [StatefulSet/*/ring]
  members:
    minimum: 2
    health:
    - {command: [cat, /data/lag], atMost: 10}
    leaving:
    - {command: [cat, /data/slots], equals: '0', first: 'kubectl exec {pod} -n {namespace} -- move-slots'}
";

/// Runs a command in a member.
fn shell(person: &Person<'_>, pod: &str, script: &str) {
    person.rig.kubectl(&["exec", pod, "-n", &person.namespace, "--", "sh", "-c", script]);
}

fn scale<'a>(person: &Person<'_>, replicas: &'a str, more: &[&'a str]) -> (i32, Value) {
    let arguments = ["scale", "sts/ring", "--replicas", replicas, "--profile", "./ring.yaml"];
    person.document(&[&arguments[..], more].concat())
}

/// Runs what is to be refused; what is said of it.
fn refused(person: &Person<'_>, replicas: &str, words: &[&str]) -> String {
    let ran = person.run(&["scale", "sts/ring", "--replicas", replicas, "--profile", "./ring.yaml", "--dry-run"]);
    let said = ran.stderr.clone();
    ran.fails(3, words);
    said
}

fn ended<'d>(document: &'d Value, field: &str) -> &'d str {
    document["outcome"]["ended"][field].as_str().unwrap_or_default()
}

#[test]
fn members_are_well_before_the_next_comes_and_let_go_before_they_go() {
    let rig = Rig::with_node();
    let namespace = rig.namespace("ring");
    let namespace = namespace.name.as_str();
    rig.apply(namespace, include_str!("../../cluster/node/members.yaml"));
    rig.kubectl(&["rollout", "status", "statefulset/ring", "-n", namespace, "--timeout=60s"]);
    let person = Person::new(&rig, namespace);
    person.sandbox.write("ring.yaml", PROFILE);
    members_come_one_after_another(&person);
    a_member_that_is_not_well_stops_all(&person);
    members_go_once_they_are_let_go(&person);
}

fn members_come_one_after_another(person: &Person<'_>) {
    // What the container itself writes is waited for, as it would write over what is written here.
    shell(person, "ring-0", "until [ \"$(cat /data/lag)\" = 0 ]; do sleep 0.1; done; echo 99 >/data/lag");
    refused(person, "3", &["cat in ring-0 is not as it must be: it says 99", "look there: kubectl exec ring-0 -n "]);

    shell(person, "ring-0", "echo 0 >/data/lag");
    let (code, done) = scale(person, "3", &["--yes"]);
    assert_eq!((code, ended(&done, "ended")), (0, "done"), "{done:#}");
    let words: Vec<usize> = done["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|it| it["health"]["after"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(words, [2, 3]);
    assert_eq!(
        person.writes(&id(&done)).iter().filter(|it| it.contains("statefulsets/scale")).count(),
        3,
        "one is tried"
    );
    // The second came well before the third was asked for, as that began to lag later still.
    for pod in ["ring-0", "ring-1", "ring-2"] {
        shell(person, pod, "[ \"$(cat /data/lag)\" = 0 ]");
    }
}

fn a_member_that_is_not_well_stops_all(person: &Person<'_>) {
    let (code, failed) = scale(person, "5", &["--yes", "--timeout", "12s"]);
    assert_eq!((code, ended(&failed, "ended")), (4, "failed"), "{failed:#}");
    assert!(ended(&failed, "why").contains("cat in ring-3 is not as it must be: it says 99"), "{failed:#}");
    let replicas = ["get", "statefulset/ring", "-n", &person.namespace, "-o", "jsonpath={.spec.replicas}"];
    assert_eq!(person.rig.kubectl(&replicas), "4", "the fifth is not begun");
    shell(person, "ring-3", "echo 0 >/data/lag; echo 0 >/data/slots");
}

fn members_go_once_they_are_let_go(person: &Person<'_>) {
    refused(person, "1", &["never have fewer than 2 members", "--replicas 2"]);
    let said =
        refused(person, "2", &["cat in ring-2 is not as it must be: it says 7", "type first: kubectl exec ring-2 -n "]);
    assert!(!said.contains("in ring-3 "), "that one holds nothing: {said}");
    shell(person, "ring-2", "echo 0 >/data/slots");
    let (code, done) = scale(person, "2", &["--confirm", "ring"]);
    assert_eq!((code, ended(&done, "ended")), (0, "done"), "{done:#}");
}
