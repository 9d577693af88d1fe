use super::members::{self, Asked};
use super::*;
use serde_json::json;
use sre_core::check::Sight;
use sre_core::ownership::owners;
use sre_core::plan::{Call, Expectation, Health, MemberCheck, Undo};
use sre_core::profile::Profile;
use sre_core::slim::{KINDS, Kind, Object, Pool};
use sre_core::snapshot::{Encoded, ReadState, Snapshot, decode_into};

/// A namespace in miniature: a Deployment of two replicas on two nodes, each with room for two more.
struct World {
    kind: &'static str,
    now: i64,
    object: Value,
    nodes: Vec<Value>,
    autoscalers: Vec<Value>,
    scaled_objects: Vec<Value>,
    quotas: Vec<Value>,
    limit_ranges: Vec<Value>,
    budgets: Vec<Value>,
    services: Vec<Value>,
    ingresses: Vec<Value>,
    claims: Vec<Value>,
    unread: bool,
}

impl World {
    fn new() -> Self {
        let object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
            "spec": {"template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "app", "image": "web:1", "resources": {"requests": {"cpu": "1"}}}]},
            }},
        });
        let node = |name: &str| json!({"metadata": {"name": name}, "status": {"allocatable": {"cpu": "3", "memory": "8Gi", "pods": "10"}}});
        Self {
            kind: "deployments",
            now: 2,
            object,
            nodes: vec![node("a"), node("b")],
            autoscalers: Vec::new(),
            scaled_objects: Vec::new(),
            quotas: Vec::new(),
            limit_ranges: Vec::new(),
            budgets: Vec::new(),
            services: Vec::new(),
            ingresses: Vec::new(),
            claims: Vec::new(),
            unread: false,
        }
    }

    /// The same for a StatefulSet `db` with a claim for each pod.
    fn stateful(when_scaled: &str) -> Self {
        let mut world = Self::new();
        world.kind = "statefulsets";
        world.object["kind"] = json!("StatefulSet");
        world.object["metadata"]["name"] = json!("db");
        world.object["spec"]["volumeClaimTemplates"] = json!([{"metadata": {"name": "data"}}]);
        world.object["spec"]["persistentVolumeClaimRetentionPolicy"] = json!({"whenScaled": when_scaled});
        world.object["status"] = json!({"readyReplicas": 2});
        world
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let pods = (0..self.now).map(|at| {
            json!({
                "metadata": {"name": format!("web-{at}"), "namespace": "shop", "uid": at.to_string(), "labels": {"app": "web"}},
                "spec": {"nodeName": if at % 2 == 0 { "a" } else { "b" }, "containers": self.object["spec"]["template"]["spec"]["containers"]},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
            })
        });
        let all = pods.map(|pod| (Kind::Pod, pod)).chain(self.nodes.iter().map(|node| (Kind::Node, node.clone())));
        for (kind, object) in all {
            let text = object.to_string();
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default())
                .expect("read");
        }
        snapshot.objects.sort();
        for row in KINDS.iter().filter(|row| !self.unread || row.kind != Kind::Node) {
            snapshot.coverage.record(Sight::Of(row.kind), ReadState::Read { count: 1 });
        }
        snapshot
    }

    fn plan(&self, wanted: i64, expected: Option<i64>) -> Result<Planned, Refused> {
        self.seen(|seen| plan(seen, wanted, expected))
    }

    fn guarded(&self, wanted: i64, members: &str) -> Result<(Planned, Asked), Refused> {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: database\n  \
             workloads: [StatefulSet/shop/db, Deployment/shop/web]\n  members: {members}\n"
        );
        let profile = Profile::parse(&text, &[]).expect("a profile");
        self.seen(|seen| members::guarded(seen, wanted, profile.components.first(), plan(seen, wanted, None)?))
    }

    fn seen<T>(&self, with: impl FnOnce(&Seen<'_>) -> T) -> T {
        let snapshot = self.snapshot();
        let view = View::new(&snapshot);
        let scale = json!({"spec": {"replicas": self.now}, "status": {"replicas": self.now, "selector": "app=web"}});
        let (quotas, limit_ranges) = (slim(&self.quotas), slim(&self.limit_ranges));
        let (budgets, services, claims) = (slim(&self.budgets), slim(&self.services), slim(&self.claims));
        let owners = owners(&self.object, &[]);
        with(&Seen {
            object: &self.object,
            scale: &scale,
            resource: &Resource::named(self.kind).expect("a resource"),
            owners: &owners,
            autoscalers: (!self.unread).then_some(self.autoscalers.as_slice()),
            scaled_objects: (!self.unread).then_some(self.scaled_objects.as_slice()),
            vertical: Some(&[]),
            quotas: (!self.unread).then_some(quotas.as_slice()),
            limit_ranges: (!self.unread).then_some(limit_ranges.as_slice()),
            budgets: Some(&budgets),
            services: Some(&services),
            ingresses: Some(&self.ingresses),
            claims: Some(&claims),
            view: &view,
        })
    }

    fn notes(&self, wanted: i64) -> Vec<String> {
        let (_, notes) = self.plan(wanted, None).expect("a plan");
        notes.into_iter().map(|it| if it.warns { format!("warning: {}", it.text) } else { it.text }).collect()
    }

    fn refusal(&self, wanted: i64) -> Refused {
        self.plan(wanted, None).expect_err("a refusal")
    }

    fn autoscaled(least: u8, most: u8) -> Self {
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
        let autoscaler = json!({
            "metadata": {"name": "web-hpa"},
            "spec": {"minReplicas": least, "maxReplicas": most, "scaleTargetRef": target},
        });
        Self { autoscalers: vec![autoscaler], ..Self::new() }
    }
}

fn slim<T: Object + serde::de::DeserializeOwned>(objects: &[Value]) -> Vec<T> {
    objects.iter().map(|it| from_json(it.to_string().as_bytes()).expect("an object")).collect()
}

/// From, to, tier and what is waited for, of each step.
fn shape(planned: &Planned) -> Vec<(i64, i64, u8, Expectation)> {
    let step = |step: &Step| {
        let Call::Edit { subresource: Some(part), fields } = &step.call else { panic!("{step:#?}") };
        assert_eq!((part.as_str(), fields.len(), fields[0].pointer.as_str()), ("scale", 1, "/spec/replicas"));
        let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_i64).expect("a number");
        (number(&fields[0].before), number(&fields[0].after), step.tier.into(), step.expects)
    };
    planned.0.iter().map(step).collect()
}

#[test]
fn more_replicas_are_one_reversible_step_and_fewer_a_disruptive_one() {
    let world = World::new();
    assert_eq!(shape(&world.plan(4, None).expect("a plan")), [(2, 4, 1, Expectation::Ready)]);
    assert_eq!(shape(&world.plan(1, Some(2)).expect("a plan")), [(2, 1, 2, Expectation::Ready)]);
    assert_eq!(world.plan(2, None), Ok((Vec::new(), Vec::new())), "there are so many already");
    let refused = world.plan(4, Some(3)).expect_err("a refusal");
    assert_eq!(refused.why, "Deployment web wants 2 replicas, not 3");
}

#[test]
fn an_autoscaler_that_sets_the_number_back_is_moved_instead() {
    let refused = World::autoscaled(2, 5).refusal(4);
    assert!(refused.why.contains("web-hpa (2 to 5) decides by its metrics"), "{refused}");
    assert!(refused.hint.contains("kubectl sre scale hpa web-hpa --min 4 --max 5 -n shop"), "{}", refused.hint);
    let above = World::autoscaled(2, 5).refusal(9);
    assert!(above.why.contains("allows no such number") && above.hint.contains("--min 9 --max 9"), "{above:?}");
    assert!(World::autoscaled(2, 5).refusal(1).hint.contains("--min 1 --max 1"));
    let mut other = World::autoscaled(2, 5);
    other.autoscalers[0]["spec"]["scaleTargetRef"]["kind"] = json!("StatefulSet");
    assert!(other.plan(4, None).is_ok(), "it scales another object of this name");
}

#[test]
fn an_autoscaler_that_does_nothing_is_only_told() {
    let none = World::autoscaled(2, 5).notes(0);
    assert!(none[0].contains("does nothing while no replica is wanted"), "{none:?}");
    let mut blind = World::autoscaled(2, 5);
    blind.autoscalers[0]["status"] = json!({"conditions": [{"type": "ScalingActive", "status": "False"}]});
    assert!(blind.notes(4)[0].contains("gets no metrics"));
    assert!(blind.refusal(9).why.contains("allows no such number"), "bounds are kept to without metrics");
}

#[test]
fn keda_is_paused_first() {
    let mut world = World::new();
    world.scaled_objects = vec![json!({"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"name": "web"}}})];
    let refused = world.refusal(4);
    assert!(refused.hint.contains("kubectl sre scale keda web --pause --at 4 -n shop"), "{refused:?}");
    world.scaled_objects[0]["metadata"]["annotations"] =
        json!({"autoscaling.keda.sh/paused": "true", "autoscaling.keda.sh/paused-replicas": "4"});
    assert!(world.notes(4)[0].contains("is paused"));
    assert!(world.plan(3, None).is_err(), "it is paused at four");
}

#[test]
fn what_git_keeps_is_changed_there_unless_git_says_no_number() {
    let mut world = World::new();
    world.object["metadata"]["labels"] = json!({"kustomize.toolkit.fluxcd.io/name": "apps"});
    assert!(world.refusal(4).hint.contains("flux suspend kustomization apps"), "{:?}", world.refusal(4));
    let fields = |spec: Value| json!([{"manager": "kustomize-controller", "fieldsV1": {"f:spec": spec}}]);
    world.object["metadata"]["managedFields"] = fields(json!({"f:template": {}}));
    assert!(world.notes(4)[0].contains("says nothing of replicas"), "{:?}", world.notes(4));
    world.object["metadata"]["managedFields"] = fields(json!({"f:replicas": {}}));
    assert!(world.plan(4, None).is_err());
}

#[test]
fn the_replica_set_of_a_deployment_is_not_scaled_by_itself() {
    let mut world = World::new();
    world.kind = "replicasets";
    world.object["kind"] = json!("ReplicaSet");
    world.object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": true}]);
    assert!(world.refusal(4).hint.starts_with("kubectl sre scale deployment/web --replicas N -n shop"));
}

#[test]
fn a_quota_without_room_refuses_with_what_fits() {
    let quota = |hard: Value, used: Value| json!({"metadata": {"name": "q"}, "status": {"hard": hard, "used": used}});
    let mut world = World::new();
    world.quotas =
        vec![quota(json!({"requests.cpu": "4", "pods": "10"}), json!({"requests.cpu": "2500m", "pods": "2"}))];
    let refused = world.refusal(4);
    let why = "ResourceQuota q has room for 1 of 2 more pods (1500m left of 4 cpu, 1 for each pod)";
    assert_eq!(refused.why, why);
    assert!(refused.hint.starts_with("scale to 3 at most"), "{}", refused.hint);
    assert!(world.notes(3)[0].contains("room for 0 more pods afterwards"), "{:?}", world.notes(3));
    world.quotas = vec![quota(json!({"limits.memory": "4Gi"}), json!({}))];
    assert!(world.refusal(3).why.contains("wants limits.memory of every container, and app does not say it"));
    world.limit_ranges = vec![json!({
        "metadata": {"name": "defaults"}, "spec": {"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]},
    })];
    assert!(world.plan(4, None).is_ok(), "the limit range says it");
    world.quotas[0]["spec"] = json!({"scopes": ["BestEffort"]});
    world.limit_ranges.clear();
    assert!(world.plan(4, None).is_ok(), "the quota counts other pods");
}

#[test]
fn a_limit_range_that_allows_no_such_pod_refuses() {
    let mut world = World::new();
    world.limit_ranges = vec![json!({
        "metadata": {"name": "bounds"}, "spec": {"limits": [{"type": "Container", "min": {"cpu": "2"}}]},
    })];
    let why = "LimitRange bounds allows no such pod: container app: the request of cpu is 1, and 2 is the least";
    assert_eq!(world.refusal(3).why, why);
}

#[test]
fn the_room_on_the_nodes_is_told_also_with_one_less() {
    let world = World::new();
    let one_more = world.notes(3);
    let expected =
        ["the nodes have room for 1 more pod", "they fit with one node less too (a, which would hold 2 of them)"];
    assert_eq!(one_more, expected);
    let two_more = world.notes(4);
    assert!(
        two_more[1].starts_with("warning: without node a, which would hold 2 of them, 1 find no place"),
        "{two_more:?}"
    );
    let many = world.notes(9);
    assert_eq!(
        many,
        ["warning: 3 of 7 more pods find no place on the 2 nodes (2 with too little left), unless nodes are added"]
    );
}

#[test]
fn claims_that_replicas_share_are_told() {
    let mut world = World::new();
    world.object["spec"]["template"]["spec"]["volumes"] =
        json!([{"name": "data", "persistentVolumeClaim": {"claimName": "web-data"}}]);
    let claim = |mode: &str| vec![json!({"metadata": {"name": "web-data"}, "spec": {"accessModes": [mode]}})];
    world.claims = claim("ReadWriteOnce");
    assert!(world.notes(3).iter().any(|it| it.contains("only those on the node of the first")), "{:?}", world.notes(3));
    world.claims = claim("ReadWriteMany");
    assert!(!world.notes(3).iter().any(|it| it.contains("share")));
}

#[test]
fn what_is_lost_with_replicas_is_told() {
    let mut world = World::new();
    let selector = json!({"matchLabels": {"app": "web"}});
    world.budgets = vec![json!({"metadata": {"name": "pdb"}, "spec": {"selector": selector, "minAvailable": 1}})];
    assert!(world.notes(1)[0].contains("lets none of 1 be evicted"), "{:?}", world.notes(1));
    assert!(world.notes(0)[0].contains("wants 1 available, more than there are to be"));
    world.services = vec![
        json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"app": "web"}}}),
        json!({"metadata": {"name": "api", "namespace": "shop"}, "spec": {"selector": {"app": "api"}}}),
    ];
    let path = json!({"backend": {"service": {"name": "web"}}});
    world.ingresses = vec![json!({"metadata": {"name": "front"}, "spec": {"rules": [{"http": {"paths": [path]}}]}})];
    let none = world.notes(0);
    assert_eq!(none[1], "warning: Service web loses all that is behind it, and with it Ingress front");
    assert_eq!((none.len(), world.notes(1).len()), (2, 1));
}

#[test]
fn an_ordered_stateful_set_goes_one_pod_at_a_time() {
    let world = World::stateful("Retain");
    let up = world.plan(4, None).expect("a plan");
    assert_eq!(shape(&up), [(2, 3, 1, Expectation::Ready), (3, 4, 1, Expectation::Ready)]);
    assert_eq!(up.0[0].why, "starts db-2, and waits until it is ready");
    let down = world.plan(0, None).expect("a plan");
    assert_eq!(shape(&down), [(2, 1, 2, Expectation::Ready), (1, 0, 2, Expectation::Ready)]);
    assert_eq!(down.0[0].why, "ends db-1, the last one");
    assert!(world.notes(1).contains(&"these claims and what is on their volumes stay: data-db-1".to_owned()));
    let mut parallel = World::stateful("Retain");
    parallel.object["spec"]["podManagementPolicy"] = json!("Parallel");
    assert_eq!(shape(&parallel.plan(4, None).expect("a plan")).len(), 1);
    assert!(parallel.notes(4).iter().any(|it| it.contains("Parallel")));
}

#[test]
fn claims_that_are_deleted_with_the_replicas_are_the_highest_tier() {
    let world = World::stateful("Delete");
    assert_eq!(shape(&world.plan(1, None).expect("a plan"))[0].2, 3);
    assert!(world.notes(1).iter().any(|it| it.contains("are deleted") && it.contains("data-db-1")));
    assert_eq!(shape(&world.plan(3, None).expect("a plan"))[0].2, 1);
    let mut members = World::stateful("Retain");
    members.object["spec"]["template"]["spec"]["containers"][0]["image"] = json!("registry.example/etcd:3.5");
    assert!(members.notes(1).iter().any(|it| it.contains("it runs etcd")));
}

#[test]
fn what_could_not_be_read_is_said_not_to_be_known() {
    let mut world = World::new();
    world.unread = true;
    let notes = world.notes(3);
    for what in ["HorizontalPodAutoscalers", "KEDA", "LimitRanges", "ResourceQuotas", "pods and nodes"] {
        assert!(notes.iter().any(|it| it.starts_with("warning: ") && it.contains(what)), "{what}: {notes:#?}");
    }
}

const MEMBERS: &str = "{minimum: 2, health: [{command: [count], of: first, equals: '{replicas}'}], \
                       leaving: [{command: [slots], equals: '0', first: 'kubectl exec {pod} -- move'}]}";

fn said(checks: &[MemberCheck]) -> Vec<String> {
    checks.iter().map(MemberCheck::words).collect()
}

#[test]
fn members_are_asked_before_the_next_one_comes() {
    let world = World::stateful("Retain");
    let ((steps, _), asked) = world.guarded(4, MEMBERS).expect("a plan");
    let health: Vec<&Health> = steps.iter().filter_map(|it| it.health.as_deref()).collect();
    let all = |it: fn(&Health) -> &[MemberCheck]| health.iter().flat_map(|health| said(it(health))).collect::<Vec<_>>();
    assert_eq!(all(|it| &it.after), ["in db-0, count must say 3", "in db-0, count must say 4"]);
    assert_eq!(all(|it| &it.back), ["in db-0, count must say 2", "in db-0, count must say 3"]);
    assert_eq!((said(&asked.health), asked.leaving.len()), (vec!["in db-0, count must say 2".to_owned()], 0));
    // What joined is let go before it goes: no undo does that.
    let why = |undo: &Undo| if let Undo::None { why } = undo { why.clone() } else { String::new() };
    assert!(why(&steps[0].undo).ends_with("kubectl sre scale statefulset/db --replicas 2 -n shop"), "{:?}", steps[0]);
    let ((steps, _), _) = world.guarded(3, "{health: [{command: [lag], atMost: 5}]}").expect("a plan");
    assert_eq!(steps[0].undo, Undo::Reverse);
}

#[test]
fn members_are_let_go_before_they_go_and_never_too_many() {
    let mut world = World::stateful("Retain");
    world.now = 4;
    let ((steps, _), asked) = world.guarded(2, MEMBERS).expect("a plan");
    let leaving: Vec<String> = asked.leaving.iter().map(|it| it.check.words()).collect();
    assert_eq!(leaving, ["in db-3, slots must say 0", "in db-2, slots must say 0"]);
    let after: Vec<Vec<String>> = steps.iter().filter_map(|it| Some(said(&it.health.as_ref()?.after))).collect();
    // All that go are out of the cluster before the first of them goes.
    assert_eq!(said(&asked.health), ["in db-0, count must say 2"]);
    assert_eq!(after[0], ["in db-0, count must say 2", "in db-2, slots must say 0"]);
    assert_eq!(after[1], ["in db-0, count must say 2"]);
    let ((steps, _), free) =
        world.guarded(3, "{health: [{command: [count], of: first, equals: '{replicas}'}]}").expect("a plan");
    assert_eq!(said(&free.health), ["in db-0, count must say 4"], "nobody has to let them go");
    assert_eq!(steps[0].health.as_ref().map(|it| said(&it.after)), Some(vec!["in db-0, count must say 3".to_owned()]));
    let few = world.guarded(1, MEMBERS).expect_err("too few");
    assert!(few.why.contains("never have fewer than 2 members, as the profile says of database"), "{few}");
    assert_eq!(few.hint, "the fewest: kubectl sre scale statefulset/db --replicas 2 -n shop --dry-run");

    let unmet: Vec<(String, _)> = asked.leaving.iter().map(|it| ("it says 9".to_owned(), it)).collect();
    let held = members::held(&unmet, &["--context".to_owned(), "a".to_owned()]);
    let typed = "type first: kubectl exec db-3 --context a -- move; kubectl exec db-2 --context a -- move";
    assert_eq!(held.hint, typed);
    let unwell = members::unwell("it says 9", &asked.health[0], &[]);
    assert_eq!(unwell.hint, "look there: kubectl exec db-0 -n shop -- count");
}

#[test]
fn pods_without_an_order_are_asked_at_both_ends() {
    let mut parallel = World::stateful("Retain");
    parallel.object["spec"]["podManagementPolicy"] = json!("Parallel");
    let ((steps, notes), _) = parallel.guarded(4, MEMBERS).expect("a plan");
    assert_eq!((steps.len(), steps[0].health.as_ref().map(|it| said(&it.after).len())), (1, Some(1)));
    assert!(notes.iter().any(|it| it.text.contains("members are asked only before and after all of it")));
    let ((steps, notes), asked) = World::new().guarded(3, MEMBERS).expect("a plan");
    assert_eq!((steps[0].health.as_ref(), asked), (None, Asked::default()));
    assert!(notes.iter().any(|it| it.warns && it.text.contains("those of Deployment web are not")), "{notes:?}");
}
