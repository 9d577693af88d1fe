//! A fixture of the guides: a few workloads in one namespace, what they wrote, and what was measured of them.

use serde::Deserialize;
use serde_json::{Value, json};
use sre_core::check::Sight;
use sre_core::inquiry::Query;
use sre_core::logs::{LogName, LogRead, Tail};
use sre_core::performance::measures;
use sre_core::profile::Profile;
use sre_core::snapshot::{GapReason, Snapshot};
use sre_testkit::Scenario;
use std::collections::BTreeMap;
use std::path::Path;

const MADE: &str = "2026-01-01T00:00:00Z";
const NOW: &str = "2026-01-01T01:00:00Z";

/// As it stands in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    profile: Option<String>,
    /// The Deployment that triage is asked about.
    pub target: Option<String>,
    workloads: Vec<Workload>,
    #[serde(default)]
    pub logs: Vec<Log>,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    pub prometheus: Vec<Told>,
    #[serde(default)]
    more: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Workload {
    name: String,
    /// `ready`, `unready`, `crashing`, `killed`, `pending`, `uncreatable` or `unpullable`.
    state: String,
    image: Option<String>,
    #[serde(default)]
    limits: BTreeMap<String, String>,
    #[serde(default)]
    requests: BTreeMap<String, String>,
    #[serde(default)]
    selector: BTreeMap<String, String>,
}

/// The end of what a container wrote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    workload: String,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    workload: String,
    reason: String,
    message: String,
}

/// A value that Prometheus has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub measure: String,
    labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Cluster {
    pub fn open(name: &str) -> Self {
        let path = sre_testkit::scenario::fixtures().join("guides").join(format!("{name}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// One workload, `app`, in a state, and what it wrote.
    pub fn of(state: &str, text: String) -> Self {
        let name = "app".to_owned();
        let workload = Workload {
            name: name.clone(),
            state: state.to_owned(),
            image: None,
            limits: BTreeMap::new(),
            requests: BTreeMap::new(),
            selector: BTreeMap::new(),
        };
        let logs = vec![Log { workload: name, text }];
        Self {
            profile: None,
            target: None,
            workloads: vec![workload],
            logs,
            events: vec![],
            prometheus: vec![],
            more: vec![],
        }
    }

    pub fn profile(&self) -> Profile {
        let Some(name) = &self.profile else { return Profile::default() };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks").join(name).join("profile.yaml");
        let text = std::fs::read_to_string(path).expect("a profile");
        Profile::parse(&text, &[]).unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
    }

    /// What was seen; without measurements where Prometheus did not answer.
    pub fn snapshot(&self, lost: Option<GapReason>) -> Snapshot {
        let now = NOW.parse().expect("a time");
        let mut scenario = Scenario::of(self.objects(), now);
        let profile = self.profile();
        for told in self.prometheus.iter().filter(|_| lost.is_none()) {
            let measures = measures(&profile);
            let measure = measures.iter().find(|it| it.name == told.measure);
            let query = &measure.unwrap_or_else(|| panic!("nothing asks for {}", told.measure)).query;
            scenario = scenario.told_by_prometheus(&Query::path(query, now), &body(told));
        }
        if let Some(reason) = lost {
            scenario = scenario.gap(Sight::Prometheus, reason);
        }
        scenario.snapshot()
    }

    /// What each container wrote.
    pub fn written(&self) -> Vec<LogRead> {
        let read = |log: &Log| {
            let crashes = self
                .workloads
                .iter()
                .any(|it| it.name == log.workload && ["crashing", "killed"].contains(&it.state.as_str()));
            let (pod, container) = (format!("{}-1", log.workload), log.workload.clone());
            let log_of = LogName { namespace: "shop".to_owned(), pod, container, previous: crashes };
            LogRead { log: log_of, tail: Ok(Tail::of(&log.text)) }
        };
        self.logs.iter().map(read).collect()
    }

    pub fn objects(&self) -> Vec<Value> {
        let mut objects = vec![
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "creationTimestamp": MADE}, "status": {"phase": "Active"}}),
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop", "creationTimestamp": MADE}}),
            node(),
        ];
        objects.extend(self.workloads.iter().flat_map(Workload::objects));
        objects.extend(self.events.iter().enumerate().map(|(number, event)| event.object(number)));
        objects.extend(self.more.clone());
        objects
    }
}

impl Workload {
    fn objects(&self) -> [Value; 3] {
        let (name, labels) = (&self.name, json!({"app": self.name}));
        let image = self.image.clone().unwrap_or_else(|| format!("registry.example/{name}:1"));
        let spec = json!({"nodeName": self.node(), "restartPolicy": "Always", "serviceAccountName": "default", "nodeSelector": self.selector,
            "containers": [{"name": name, "image": image, "resources": {"limits": self.limits, "requests": self.requests}}]});
        let (is_ready, replica_set) = (self.state == "ready", format!("{name}-6d4b75cb6d"));
        let owner = |kind: &str, name: &str| json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": format!("{kind}-{name}"), "controller": true}]);
        let status = |ready: bool| json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": u8::from(ready), "availableReplicas": u8::from(ready)});
        let body = json!({"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}});
        let meta = |kind: &str, name: &str| json!({"name": name, "namespace": "shop", "uid": format!("{kind}-{name}"), "generation": 1, "labels": labels, "creationTimestamp": MADE});
        let mut pod = meta("Pod", &format!("{name}-1"));
        pod["ownerReferences"] = owner("ReplicaSet", &replica_set);
        let mut set = meta("ReplicaSet", &replica_set);
        set["ownerReferences"] = owner("Deployment", name);
        let ready = if is_ready { "True" } else { "False" };
        let scheduled = if self.state == "pending" { "False" } else { "True" };
        let phase =
            if ["pending", "uncreatable", "unpullable"].contains(&self.state.as_str()) { "Pending" } else { "Running" };
        let condition = |(kind, status, reason): (&str, &str, &str)| json!({"type": kind, "status": status, "reason": reason, "lastTransitionTime": MADE});
        let unplaced = if self.state == "pending" { "Unschedulable" } else { "" };
        let conditions = [("PodScheduled", scheduled, unplaced), ("Ready", ready, "")].map(condition);
        [
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("Deployment", name), "spec": body, "status": status(is_ready)}),
            json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": set, "spec": body, "status": status(is_ready)}),
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": pod, "spec": spec,
                "status": {"phase": phase, "conditions": conditions, "containerStatuses": self.container()}}),
        ]
    }

    fn node(&self) -> &'static str {
        if self.state == "pending" { "" } else { "n1" }
    }

    fn container(&self) -> Value {
        let one = |ready: bool, restarts: u8, state: Value, last: Value| {
            json!([{"name": self.name, "ready": ready, "started": ready, "restartCount": restarts, "image": "", "imageID": "",
                "state": state, "lastState": last}])
        };
        let running = json!({"running": {"startedAt": MADE}});
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}});
        let ended = |code: u8| json!({"terminated": {"exitCode": code, "reason": "Error", "startedAt": "2026-01-01T00:57:00Z", "finishedAt": "2026-01-01T00:58:00Z"}});
        match self.state.as_str() {
            "ready" => one(true, 0, running, json!({})),
            "unready" => one(false, 0, running, json!({})),
            "crashing" => one(false, 5, waiting, ended(1)),
            "killed" => one(false, 5, waiting, ended(137)),
            "uncreatable" => one(false, 0, json!({"waiting": {"reason": "CreateContainerError"}}), json!({})),
            "unpullable" => one(false, 0, json!({"waiting": {"reason": "ImagePullBackOff"}}), json!({})),
            "pending" => json!([]),
            state => panic!("no workload is {state}"),
        }
    }
}

impl Event {
    fn object(&self, number: usize) -> Value {
        let (at, pod) = ("2026-01-01T00:58:00Z", format!("{}-1", self.workload));
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("e{number}"), "namespace": "shop"},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": pod, "uid": format!("Pod-{pod}")},
            "type": "Warning", "reason": self.reason, "message": self.message, "firstTimestamp": at, "lastTimestamp": at, "count": 3})
    }
}

fn node() -> Value {
    let amounts = json!({"cpu": "4", "memory": "16Gi", "pods": "110"});
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "creationTimestamp": MADE},
        "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "capacity": amounts, "allocatable": amounts,
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": MADE, "lastHeartbeatTime": NOW}]}})
}

fn body(told: &Told) -> String {
    let row = json!({"metric": told.labels, "value": [1_767_229_200, told.value.to_string()]});
    json!({"status": "success", "data": {"resultType": "vector", "result": [row]}}).to_string()
}
