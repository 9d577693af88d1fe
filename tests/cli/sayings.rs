//! What is said, and by whom: words of processes, names, events of what has recovered, conditions that are good when
//! they are false.

use super::sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

/// The newest time in the objects.
const NOW: &str = "2026-01-01T12:00:00Z";

fn minutes_before(minutes: u32) -> String {
    let (hour, minute) = ((720 - minutes) / 60, (720 - minutes) % 60);
    format!("2026-01-01T{hour:02}:{minute:02}:00Z")
}

/// A Deployment, its ReplicaSet and a node, half a day old.
fn made(name: &str) -> Vec<Value> {
    let labels = json!({"app": "web"});
    let metadata = json!({"name": name, "namespace": "shop", "uid": name, "creationTimestamp": minutes_before(700)});
    let template =
        json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "r.example/a:1"}]}});
    let status = json!({"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 1});
    let spec = json!({"replicas": 1, "selector": {"matchLabels": labels}, "template": template});
    let mut set = metadata.clone();
    set["name"] = format!("{name}-5d4f").into();
    set["uid"] = "set".into();
    set["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": name, "controller": true}]);
    let conditions = json!([
        {"type": "Ready", "status": "True", "lastHeartbeatTime": NOW, "lastTransitionTime": minutes_before(700)},
        {"type": "DiskPressure", "status": "False"}, {"type": "MemoryPressure", "status": "False"},
    ]);
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec, "status": status}),
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": set, "spec": spec, "status": status}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "creationTimestamp": minutes_before(700)},
            "status": {"conditions": conditions}}),
    ]
}

/// Its pod, ready for ten hours.
fn ready(name: &str) -> Value {
    let owner = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{name}-5d4f"), "uid": "set",
        "controller": true}]);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("{name}-5d4f-a"), "namespace": "shop", "labels": {"app": "web"},
            "creationTimestamp": minutes_before(650), "ownerReferences": owner},
        "spec": {"nodeName": "n1", "restartPolicy": "Always",
            "containers": [{"name": "app", "image": "r.example/a:1"}]},
        "status": {"phase": "Running",
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": minutes_before(600)}],
            "containerStatuses": [{"name": "app", "ready": true, "restartCount": 0, "image": "", "imageID": "",
                "state": {"running": {"startedAt": minutes_before(640)}}}]},
    })
}

/// The same in a crash loop, with what its process wrote at its end.
fn crashing(name: &str, words: &str) -> Value {
    let mut pod = ready(name);
    pod["status"]["conditions"][0] =
        json!({"type": "Ready", "status": "False", "lastTransitionTime": minutes_before(30)});
    pod["status"]["containerStatuses"][0] = json!({
        "name": "app", "ready": false, "restartCount": 7, "image": "", "imageID": "",
        "state": {"waiting": {"reason": "CrashLoopBackOff",
            "message": format!("back-off 5m0s restarting failed container=app pod={name}-5d4f-a_shop(0a1b)")}},
        "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "message": words,
            "startedAt": minutes_before(4), "finishedAt": minutes_before(3)}},
    });
    pod
}

fn event(about: (&str, &str), reason: &str, message: &str, minutes: u32) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{reason}-{minutes}"), "namespace": "shop"},
        "involvedObject": {"kind": about.0, "namespace": "shop", "name": about.1}, "type": "Warning", "count": 1,
        "reason": reason, "message": message,
        "firstTimestamp": minutes_before(minutes), "lastTimestamp": minutes_before(minutes),
    })
}

/// A kubelet's Lease, which tells what time it is.
fn clock() -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "n1", "namespace": "kube-node-lease", "creationTimestamp": minutes_before(700)},
        "spec": {"holderIdentity": "n1", "renewTime": "2026-01-01T12:00:00.000000Z", "leaseDurationSeconds": 40},
    })
}

fn ran(objects: &[Value], more: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    let items = [objects, &[clock()]].concat();
    sandbox.write("o.json", json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    sandbox.run(&[&["incident", "triage", "--from", "o.json", "-o", "json"], more].concat())
}

fn document(objects: &[Value], more: &[&str]) -> Value {
    let ran = ran(objects, more);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

/// The causes, each as severity, class and name.
fn causes(objects: &[Value], more: &[&str]) -> Vec<String> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let document = document(objects, more);
    let causes = document["causes"].as_array().expect("causes").iter();
    causes.map(|it| [&it["severity"], &it["class"], &it["object"]["name"]].map(text).join(" ")).collect()
}

#[test]
fn what_a_process_writes_tells_of_itself_and_what_it_calls_and_never_of_nodes_or_admission() {
    let cases = [
        ("lock DB directory: resource temporarily unavailable", "container-exit-error"),
        ("inotify_add_watch: no space left on device", "container-exit-error"),
        ("PANIC: could not write to file: No space left on device", "volume-full"),
        ("schema version mismatch: have 3, want 4", "container-exit-error"),
        ("rpc error: code = Unimplemented desc = unknown method Pay", "container-exit-error"),
        ("worker is being drained", "container-exit-error"),
        ("leader election lost", "container-exit-error"),
        ("payment token expired", "container-exit-error"),
        ("pq: denied by pg_hba.conf", "container-exit-error"),
        ("quota exceeded for model: 429", "container-exit-error"),
        ("x509: certificate signed by unknown authority calling webhook of the shop", "container-exit-error"),
        ("request timed out of ipc channel", "container-exit-error"),
        ("ERROR: column id is immutable", "container-exit-error"),
        ("permission denied for table orders", "container-exit-error"),
        ("open /data/x: permission denied", "container-permission-denied"),
        ("dial tcp: lookup redis.shop.svc: no such host", "dns-resolution-failed"),
        ("RBAC: access denied", "mesh-policy-denied"),
        ("pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\"", "rbac-forbidden"),
    ];
    for (words, class) in cases {
        let objects = [made("web"), vec![crashing("web", words)]].concat();
        assert_eq!(causes(&objects, &[]), [format!("critical {class} web")], "{words}");
    }
}

#[test]
fn names_are_no_words() {
    for name in ["regression-tests", "copilot-api", "snapshot-controller", "cpu-throttle-exporter", "seccomp-agent"] {
        let back_off = format!("Back-off restarting failed container app in pod {name}-5d4f-a_shop(0a1b)");
        let said = event(("Pod", &format!("{name}-5d4f-a")), "BackOff", &back_off, 2);
        let objects = [made(name), vec![crashing(name, ""), said]].concat();
        assert_eq!(causes(&objects, &[]), [format!("critical container-exit-error {name}")]);
    }
}

#[test]
fn what_has_recovered_and_what_is_by_the_way_is_no_cause() {
    let probe = "Readiness probe failed: HTTP probe failed with statuscode: 503";
    let healthy = |more: Vec<Value>| [made("web"), vec![ready("web")], more].concat();
    let failed = |minutes: u32| {
        let mut pod = ready("web");
        pod["metadata"]["name"] = "web-5d4f-old".into();
        pod["status"] = json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory.",
            "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": minutes_before(minutes)}]});
        pod
    };
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop", "creationTimestamp": minutes_before(40)},
        "spec": {"volumeName": "pv1", "accessModes": ["ReadWriteOnce"]}, "status": {"phase": "Bound"}});
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv1"},
        "spec": {"accessModes": ["ReadWriteOnce"], "claimRef": {"namespace": "shop", "name": "data"}},
        "status": {"phase": "Bound"}});
    let reconciled = |good: &str| {
        json!({"apiVersion": "example.com/v1", "kind": "Widget",
        "metadata": {"name": "w", "namespace": "shop", "creationTimestamp": minutes_before(500)},
        "status": {"conditions": [
            {"type": "Ready", "status": good, "reason": "R", "message": "m", "lastTransitionTime": minutes_before(10)},
            {"type": "Degraded", "status": "False", "reason": "AsExpected", "lastTransitionTime": minutes_before(400)},
            {"type": "Reconciling", "status": "False", "lastTransitionTime": minutes_before(400)},
        ]}})
    };
    let widget = |minutes: u32| event(("Widget", "w"), "ReconcileFailed", "cannot reach it: error", minutes);
    let cases = [
        vec![event(("Pod", "web-5d4f-a"), "Unhealthy", probe, 50)],
        vec![event(("Pod", "web-5d4f-a"), "Unhealthy", "Liveness probe failed: 500", 50)],
        vec![failed(500)],
        vec![
            claim.clone(),
            volume.clone(),
            event(("PersistentVolumeClaim", "data"), "ProvisioningFailed", "no room", 39),
        ],
        vec![
            claim,
            volume,
            event(("PersistentVolumeClaim", "data"), "ExternalProvisioning", "Waiting for a volume", 39),
        ],
        vec![event(("Deployment", "web"), "PolicyViolation", "policy labels/team fail: label team is required", 20)],
        vec![reconciled("True"), widget(20)],
    ];
    for more in cases {
        assert_eq!(causes(&healthy(more.clone()), &[]), Vec::<String>::new(), "{more:#?}");
    }
    // What is so now is told.
    assert_eq!(causes(&healthy(vec![reconciled("False")]), &[]), ["warning custom-resource-not-ready w"]);
    let evicted = causes(&healthy(vec![failed(10)]), &[]);
    assert!(evicted.iter().any(|it| it.contains("node-memory-pressure")), "{evicted:?}");
}

#[test]
fn causes_that_only_share_a_node_stay_two_and_targets_and_labels_choose_among_them() {
    let mut other = [made("pay"), vec![crashing("pay", "fatal: 42")]].concat();
    for object in &mut other {
        if object["metadata"]["namespace"] == "shop" {
            object["metadata"]["namespace"] = "bank".into();
        }
    }
    other[3]["metadata"]["labels"] = json!({"tier": "bank"});
    other.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bank"}}));
    let objects = [made("web"), vec![crashing("web", "lookup redis: no such host")], other].concat();
    let both = ["critical container-exit-error pay", "critical dns-resolution-failed web"];
    let sorted = |more: &[&str]| {
        let mut found = causes(&objects, more);
        found.sort();
        found
    };
    assert_eq!(sorted(&[]), both);
    assert_eq!(sorted(&["node/n1"]), both, "what is on it");
    assert_eq!(sorted(&["namespace/bank"]), [both[0]]);
    assert_eq!(sorted(&["-l", "tier=bank"]), [both[0]]);
    ran(&objects, &["-l", "tier=none"]).fails(2, &["no object in all namespaces has the labels of -l"]);
}

/// Where only words tell of a pod that nobody saw, they may be old; and what they say of a later stage may be the cause too.
#[test]
fn what_only_events_tell_is_likely_and_what_they_say_of_a_later_stage_is_another_chance() {
    let held = "Multi-Attach error for volume \"v\" Volume is already exclusively attached to one node";
    let lost = "Failed to pull image \"r.example/a:2\": r.example/a:2: not found";
    let said = [event(("Pod", "web-1"), "FailedAttachVolume", held, 2), event(("Pod", "web-1"), "Failed", lost, 3)];
    let first = document(&said, &[])["causes"][0].clone();
    assert_eq!((&first["class"], &first["confidence"]), (&json!("volume-multi-attach"), &json!("medium")), "{first:#}");
    let others = first["alternatives"].as_array().expect("a list");
    assert_eq!(others.iter().map(|it| &it["class"]).collect::<Vec<_>>(), ["image-not-found"], "{first:#}");
    assert_eq!(others[0]["evidence"]["field"], "event Failed");
    assert_eq!(others[0]["against"], "what holds it up earlier counts first");
    assert_eq!(others[0]["command"], "kubectl describe pod web-1 -n shop");
    let mut waiting = ready("web");
    waiting["status"] = json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}]});
    waiting["metadata"]["name"] = "web-1".into();
    let first = document(&[made("web"), vec![waiting, said[0].clone()]].concat(), &[])["causes"][0].clone();
    assert_eq!((&first["class"], &first["confidence"]), (&json!("volume-multi-attach"), &json!("high")), "{first:#}");
    assert_eq!(first["alternatives"], json!([]));
}

/// A pod that waits for its claim says so in other words than the claim.
#[test]
fn the_same_trouble_in_other_words_is_nothing_else_that_it_could_be() {
    let ran = Sandbox::new().run(&["incident", "triage", "--from", "demo", "-o", "json"]);
    let document: Value = serde_json::from_str(&ran.stdout).expect("a document");
    let causes = document["causes"].as_array().expect("causes");
    let claim = causes.iter().find(|it| it["class"] == "pvc-storageclass-missing").expect("a claim that waits");
    assert_eq!(claim["alternatives"], json!([]));
}
