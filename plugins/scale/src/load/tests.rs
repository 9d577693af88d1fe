use super::room::{More, Room};
use super::workload::Basis;
use super::*;
use serde_json::{Value, json};
use sre_core::inquiry::{Answer, Answers, Asked, Question, Target};
use sre_core::profile::{Component, Profile};
use sre_core::slim::{KINDS, Pool};
use sre_core::snapshot::{Encoded, Gap, GapReason, Snapshot, decode_into};

/// A cluster in miniature: two nodes of two cores, and `web` with two pods that request half a core each.
struct World {
    objects: Vec<Value>,
    answers: Vec<Asked>,
    gap: Option<Kind>,
    components: Vec<Component>,
}

impl World {
    fn new() -> Self {
        let node = |name: &str| {
            let allocatable = json!({"cpu": "2", "memory": "4Gi", "pods": "20"});
            json!({
                "kind": "Node",
                "metadata": {"name": name, "labels": {"eks.amazonaws.com/nodegroup": "main", "kubernetes.io/hostname": name}},
                "status": {"allocatable": allocatable, "conditions": [{"type": "Ready", "status": "True"}]},
            })
        };
        let world =
            Self { objects: vec![node("a"), node("b")], answers: Vec::new(), gap: None, components: Vec::new() };
        world.with_workload("Deployment", "web", &["a", "b"])
    }

    fn template() -> Value {
        let resources = json!({"requests": {"cpu": "500m", "memory": "512Mi"}});
        json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "resources": resources}]}})
    }

    fn with_workload(mut self, kind: &str, name: &str, nodes: &[&str]) -> Self {
        let replicas = nodes.len();
        self.objects.push(json!({
            "kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": name},
            "spec": {"replicas": replicas, "template": Self::template()}, "status": {"readyReplicas": replicas},
        }));
        for (index, node) in nodes.iter().enumerate() {
            let owners = json!([{"kind": kind, "name": name, "uid": name, "controller": true}]);
            let mut spec = Self::template()["spec"].clone();
            spec["nodeName"] = json!(node);
            self.objects.push(json!({
                "kind": "Pod", "spec": spec, "status": {"phase": "Running"},
                "metadata": {"name": format!("{name}-{index}"), "namespace": "shop", "ownerReferences": owners},
            }));
        }
        self
    }

    fn with_components(mut self, text: &str) -> Self {
        let text = format!("apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents: {text}\n");
        self.components = Profile::parse(&text, &[]).expect("a profile").components;
        self
    }

    fn with(mut self, object: Value) -> Self {
        self.objects.push(object);
        self
    }

    fn set(mut self, kind: &str, pointer: &str, value: Value) -> Self {
        let object = self.objects.iter_mut().find(|it| it["kind"] == kind).expect("an object");
        *object.pointer_mut(pointer).expect("a field") = value;
        self
    }

    /// What each pod of a workload uses now.
    fn used(mut self, name: &str, pods: usize, cpu: &str) -> Self {
        self.objects.extend((0..pods).map(|index| {
            json!({
                "kind": "PodMetrics", "metadata": {"name": format!("{name}-{index}"), "namespace": "shop"},
                "containers": [{"name": "app", "usage": {"cpu": cpu, "memory": "100Mi"}}],
            })
        }));
        self
    }

    fn autoscaled(self, max: u8, metrics: Value) -> Self {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
        self.with(json!({
            "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"minReplicas": 2, "maxReplicas": max, "scaleTargetRef": target, "metrics": metrics},
        }))
    }

    /// A Prometheus that measured the cores and bytes of `web`.
    fn measured(mut self, cpu: &str, memory: &str) -> Self {
        let paths = usage::QUERIES.iter().map(|query| query.path(Default::default()));
        for (path, value) in paths.zip([cpu, memory]) {
            let metric = json!({"namespace": "shop", "workload": "web"});
            let result = json!([{"metric": metric, "value": [0, value]}]);
            let body = json!({"status": "success", "data": {"resultType": "vector", "result": result}}).to_string();
            let target = Target::Url("http://prometheus.example".to_owned());
            let question = Question { sight: Sight::Prometheus, target, path };
            self.answers.push(Asked { question, answer: Ok(Answer { status: 200, body, milliseconds: 1 }) });
        }
        self
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for object in &self.objects {
            let kind = KINDS.iter().find(|row| object["kind"] == row.name).expect("a kind").kind;
            let text = object.to_string();
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default())
                .expect("read");
        }
        snapshot.objects.sort();
        for row in KINDS {
            let gap = Gap { reason: GapReason::Forbidden, detail: "no right".to_owned(), seen: 0 };
            let state = if self.gap == Some(row.kind) { ReadState::Gap(gap) } else { ReadState::Read { count: 1 } };
            snapshot.coverage.record(Sight::Of(row.kind), state);
        }
        snapshot.answers = Answers::of(self.answers.clone());
        snapshot
    }

    fn needs(&self, load: f64) -> Needs {
        let snapshot = self.snapshot();
        needs(&View::new(&snapshot), load, &NamespaceScope::All, &self.components)
    }

    fn report(&self, load: f64) -> (String, Value) {
        let snapshot = self.snapshot();
        let report = report(&needs(&View::new(&snapshot), load, &NamespaceScope::All, &self.components), &snapshot);
        (format!("{:?}", report.blocks), report.document)
    }
}

fn cpu_target(percent: u8) -> Value {
    let target = json!({"type": "Utilization", "averageUtilization": percent});
    json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}])
}

#[test]
fn replicas_follow_the_target_of_the_autoscaler_and_its_maximum_is_told() {
    // 800m of 1000m are used: at a target of 50 %, twice the load needs 1600m / 250m.
    let world = World::new().used("web", 2, "400m").autoscaled(4, cpu_target(50));
    let needs = world.needs(2.0);
    let web = &needs.workloads[0];
    assert_eq!((web.needed, web.basis, web.is_capped()), (7, Basis::Autoscaler, true), "{web:?}");
    let (text, document) = world.report(2.0);
    let command = "kubectl sre scale hpa web --max 7 -n shop --dry-run";
    assert!(text.contains("it would stop before 7") && text.contains(command), "{text}");
    assert_eq!(document["groups"][0]["workloads"][0]["command"], command);
    let wide = World::new().used("web", 2, "400m").autoscaled(9, cpu_target(50));
    assert!(!wide.needs(2.0).workloads[0].is_capped());
    assert!(wide.needs(2.0).unknown.is_empty(), "{:?}", wide.needs(2.0).unknown);
}

#[test]
fn without_an_autoscaler_what_replicas_usually_may_use_counts() {
    let world = World::new().used("web", 2, "400m");
    // 800m times 1.5 are 1200m, of which each may use 350m.
    let web = world.needs(1.5).workloads.remove(0);
    assert_eq!((web.needed, web.basis), (4, Basis::Usual), "{web:?}");
    assert!(world.report(1.5).0.contains("kubectl sre scale deployment/web --replicas 4 -n shop --dry-run"));
    let idle = World::new().used("web", 2, "10m");
    assert_eq!(idle.needs(1.5).workloads[0].needed, 2, "what is there is not taken away");
    assert_eq!(idle.needs(0.5).workloads[0].needed, 1, "unless less is asked for");
}

#[test]
fn what_is_not_measured_is_unknown_and_taken_to_be_busy() {
    let needs = World::new().needs(1.5);
    let web = &needs.workloads[0];
    assert_eq!((needs.source, web.needed, web.basis, web.usage), (usage::Source::Nobody, 3, Basis::Share, None));
    assert!(needs.unknown.contains(&"what 1 of 1 workloads use is not measured".to_owned()), "{:?}", needs.unknown);
    let snapshot = World::new().snapshot();
    assert!(report(&needs, &snapshot).verdict.incomplete);
    let gap = World { gap: Some(Kind::HorizontalPodAutoscaler), ..World::new().used("web", 2, "400m") };
    let unknown = gap.needs(1.5).unknown;
    assert!(unknown[0].starts_with("HorizontalPodAutoscaler: forbidden (no right)"), "{unknown:?}");
}

#[test]
fn the_most_of_the_day_by_prometheus_comes_before_what_is_used_now() {
    let world = World::new().used("web", 2, "10m").measured("1.4", "1e8");
    let needs = world.needs(1.0);
    assert_eq!((needs.source, needs.workloads[0].needed), (usage::Source::Prometheus, 4), "1400m / 350m");
}

#[test]
fn a_pod_that_is_not_measured_yet_is_taken_for_one_like_the_others() {
    let used = World::new().used("web", 1, "400m").needs(1.0).workloads[0].usage.expect("measured");
    assert_eq!(used.cpu, sre_core::units::Amount::from_nanos(800_000_000));
}

#[test]
fn other_metrics_of_an_autoscaler_are_said_not_to_be_measured() {
    let pods = json!({"metric": {"name": "queue_depth"}, "target": {"type": "AverageValue", "averageValue": "20"}});
    let world = World::new().used("web", 2, "400m").autoscaled(9, json!([{"type": "Pods", "pods": pods}]));
    let web = world.needs(1.5).workloads.remove(0);
    assert_eq!((web.needed, web.basis), (3, Basis::Share));
    assert!(web.notes[0].contains("goes by queue_depth, which is not measured here"), "{:?}", web.notes);
}

#[test]
fn what_does_not_scale_by_replicas_is_told_with_what_each_would_use() {
    let world = World::new().with_workload("StatefulSet", "db", &["a"]).used("db", 1, "600m").used("web", 2, "100m");
    let needs = world.needs(1.5);
    let db = needs.workloads.iter().find(|it| it.object.kind == "StatefulSet").expect("a StatefulSet");
    assert_eq!((db.needed, db.replicas), (1, 1));
    let (text, _) = world.report(1.5);
    assert!(text.contains("each would use 900m CPU") && text.contains("a StatefulSet"), "{text}");
    let command = "kubectl sre scale resources statefulset/db --container app --requests cpu=900m -n shop --dry-run";
    assert!(text.contains(command), "{text}");
    let mut shared = World::new().used("web", 2, "400m").with(json!({
        "kind": "PersistentVolumeClaim", "metadata": {"name": "files", "namespace": "shop"},
        "spec": {"accessModes": ["ReadWriteOnce"]},
    }));
    shared.objects[2]["spec"]["template"]["spec"]["volumes"] =
        json!([{"name": "files", "persistentVolumeClaim": {"claimName": "files"}}]);
    let web = shared.needs(1.5).workloads.remove(0);
    assert_eq!(web.stays.as_deref(), Some("its pods share the claim files, which one node alone may use"));
}

fn room(world: &World, load: f64) -> Room {
    world.needs(load).room.expect("nodes are known")
}

#[test]
fn more_nodes_like_the_most_are_counted_with_and_without_one() {
    // Each node has two cores, of which the pods of `web` take half a core each: six more fit.
    let world = World::new().used("web", 2, "400m").autoscaled(99, cpu_target(50));
    let small = room(&world, 1.0);
    assert_eq!((small.nodes, small.wanted, small.held, &small.more), (2, 2, 2, &More::Nodes(0)));
    assert_eq!(small.one_less.as_ref().map(|it| &it.more), Some(&More::Nodes(0)), "four pods fit on one node");
    let large = room(&world, 3.0);
    assert_eq!((large.wanted, large.held, &large.more), (8, 6, &More::Nodes(1)));
    assert_eq!(large.one_less.as_ref().map(|it| &it.more), Some(&More::Nodes(2)));
    let shape = large.shape.expect("a shape");
    assert_eq!((shape.count, shape.group.expect("a group").1.as_str()), (2, "main"));
}

#[test]
fn daemons_take_their_room_of_new_nodes_and_what_fits_nowhere_is_told() {
    let daemon = |index: usize, node: &str| {
        let owners = json!([{"kind": "DaemonSet", "name": "agent", "controller": true}]);
        let resources = json!({"requests": {"cpu": "1500m"}});
        json!({
            "kind": "Pod", "metadata": {"name": format!("agent-{index}"), "namespace": "kube-system", "ownerReferences": owners},
            "spec": {"nodeName": node, "containers": [{"name": "agent", "resources": resources}]},
            "status": {"phase": "Running"},
        })
    };
    let world = World::new().used("web", 2, "400m").autoscaled(99, cpu_target(50));
    let world = world.with(daemon(0, "a")).with(daemon(1, "b"));
    assert_eq!(room(&world, 1.0).more, More::Nodes(2), "one pod a node beside its daemon");
    let mut tied = World::new().used("web", 2, "400m").autoscaled(99, cpu_target(50));
    tied.objects[2]["spec"]["template"]["spec"]["nodeSelector"] = json!({"disk": "fast"});
    assert_eq!(room(&tied, 1.0).more, More::Homeless(2));
}

#[test]
fn quotas_that_stop_it_are_told() {
    let quota = json!({
        "kind": "ResourceQuota", "metadata": {"name": "small", "namespace": "shop"},
        "status": {"hard": {"requests.cpu": "1500m", "pods": "9"}, "used": {"requests.cpu": "1", "pods": "2"}},
    });
    let world = World::new().used("web", 2, "400m").with(quota);
    let found = world.needs(1.5).quotas;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].resource.as_str(), found[0].left.as_str(), found[0].wanted.as_str()),
        ("requests.cpu", "500m", "1")
    );
}

fn needs_of(snapshot: &Snapshot, namespace: &str) -> Needs {
    super::needs(&View::new(snapshot), 1.5, &NamespaceScope::One(namespace.to_owned()), &[])
}

#[test]
fn what_wants_no_replica_is_left_out() {
    let world = World::new().set("Deployment", "/spec/replicas", json!(0));
    let needs = world.needs(1.5);
    assert_eq!((needs.workloads.len(), needs.idle), (0, 1));
    let snapshot = World::new().snapshot();
    let other = needs_of(&snapshot, "pay");
    assert_eq!((other.workloads.len(), other.idle), (0, 0), "of another namespace");
    assert!(world.report(1.5).0.contains("1 workloads want no replica"));
}

#[test]
fn what_more_depends_on_comes_first_and_gets_its_places_first() {
    // Three replicas of half a core come of each, and the nodes have room for four.
    let world = World::new().with_workload("Deployment", "api", &["a", "b"]).with_components(
        "[{name: front, workloads: [Deployment/shop/web], vital: important}, \
          {name: reports, workloads: [Deployment/shop/none]}, \
          {name: core, workloads: [Deployment/shop/api], vital: critical}]",
    );
    let needs = world.needs(2.5);
    let seen: Vec<_> = needs.workloads.iter().map(|it| (it.object.name.as_str(), it.to_come(), it.held)).collect();
    assert_eq!(seen, [("api", 3, Some(3)), ("web", 3, Some(1))]);
    let (text, document) = world.report(2.5);
    let group = |at: usize| {
        let group = &document["groups"][at];
        (group["component"].clone(), group["vital"].clone(), group["wanted"].clone(), group["held"].clone())
    };
    assert_eq!(group(0), (json!("core"), json!("critical"), json!(3), json!(3)));
    assert_eq!(group(1), (json!("front"), json!("important"), json!(3), json!(1)));
    assert!(text.contains("core (critical), namespace shop") && text.contains("the nodes hold 1 of its 3 more pods"));
    // Without a profile the names decide, and no group is anybody's component.
    let (plain, document) = World::new().report(2.5);
    assert_eq!(document["groups"][0]["component"], Value::Null);
    assert!(!plain.contains("of its"), "{plain}");
}
