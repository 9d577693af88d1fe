//! Single changes on a real API server, and what its audit log shows of each.

use super::person::{self, id};
use super::rig::{Rig, TestNamespace, eventually, programs};
use crate::cli::Ran;
use serde_json::Value;
use std::ops::Deref;
use std::process::{Child, Command, Stdio};

/// One person who makes single changes.
struct Person<'a>(person::Person<'a>);

impl<'a> Deref for Person<'a> {
    type Target = person::Person<'a>;

    fn deref(&self) -> &person::Person<'a> {
        &self.0
    }
}

impl<'a> Person<'a> {
    fn new(rig: &'a Rig, namespace: &str) -> Self {
        Self(person::Person::new(rig, namespace))
    }

    /// Runs `change` without a terminal.
    fn run(&self, arguments: &[&str]) -> Ran {
        self.0.run(&[&["change"], arguments].concat())
    }

    fn document(&self, arguments: &[&str]) -> (i32, Value) {
        self.0.document(&[&["change"], arguments].concat())
    }

    /// What is wanted of an object: its labels and its specification.
    fn wanted(&self, object: &str) -> Value {
        let said = self.rig.kubectl(&["get", object, "-n", &self.namespace, "-o", "json"]);
        let object: Value = serde_json::from_str(&said).expect("an object");
        // What a controller writes besides is no part of it.
        serde_json::json!([object["metadata"]["labels"], object["spec"]])
    }

    /// An action as it goes for everybody: looked at, refused without a confirmation, done, and taken back.
    fn goes_to_and_fro(&self, object: &str, resource: &str, arguments: &[&str]) {
        let (tried, patched) = (format!("patch {resource} (tried)"), format!("patch {resource}"));
        let before = self.wanted(object);
        let (code, plan) = self.document(&[arguments, &["--dry-run"]].concat());
        assert_eq!((code, &plan["kind"]), (0, &Value::from("Plan")), "{plan:#}");
        let only_tried: Vec<String> = self.writes(&id(&plan));
        assert!(!only_tried.is_empty() && only_tried.iter().all(|write| *write == tried), "{only_tried:?}");
        let (_, untried) = self.document(&[arguments, &["--dry-run=client"]].concat());
        assert_eq!(self.writes(&id(&untried)), Vec::<String>::new());
        let (code, refused) = self.document(arguments);
        assert_eq!((code, &refused["outcome"]["ended"]["ended"]), (3, &Value::from("refused")), "{refused:#}");
        assert_eq!(self.wanted(object), before);
        let confirmed = ["--yes", "--confirm", plan["confirm"].as_str().expect("a name")];
        let (code, done) = self.document(&[arguments, &confirmed].concat());
        assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
        let mut writes = self.writes(&id(&done));
        writes.dedup();
        assert_eq!(writes, [&tried, "create leases", &patched, "delete leases", "create events"]);
        assert_ne!(self.wanted(object), before);
        let (code, undone) = self.document(&[&["undo", &id(&done)], &confirmed[..]].concat());
        assert_eq!((code, &undone["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{undone:#}");
        assert_eq!(self.wanted(object), before, "undo after do is nothing done");
    }
}

/// A workload of three pods, and what says how many of them may go.
fn workload(kind: &str, more: &str, budget: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n  replicas: 3\n{more}  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      \
         containers:\n      - name: app\n        image: 'registry.example/shop/web:1.0.0'\n        env:\n        \
         - {{name: CACHE_TTL, value: '300'}}\n        \
         - {{name: DB, valueFrom: {{secretKeyRef: {{name: db, key: password, optional: true}}}}}}\n\
         ---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\n\
         spec: {{selector: {{matchLabels: {{app: web}}}}, {budget}}}\n"
    )
}

fn applied<'a>(rig: &'a Rig, name: &str, kind: &str, more: &str, budget: &str) -> TestNamespace<'a> {
    let namespace = rig.namespace(name);
    rig.apply(&namespace.name, &workload(kind, more, budget));
    let count = || (pods(rig, &namespace.name).len() == 3).then_some(());
    eventually(60, count).expect("three pods that are ready");
    namespace
}

/// Names of the pods that are ready, with their nodes.
fn pods(rig: &Rig, namespace: &str) -> Vec<(String, String)> {
    let list: Value =
        serde_json::from_str(&rig.kubectl(&["get", "pods", "-n", namespace, "-o", "json"])).expect("a list");
    let ready = list["items"].as_array().expect("pods").iter().filter(|pod| is_healthy(pod));
    let text = |pod: &Value, path: &str| pod.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    ready.map(|pod| (text(pod, "/metadata/name"), text(pod, "/spec/nodeName"))).collect()
}

/// As budgets count them: ready, and not ending.
fn is_healthy(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let is_ready = conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True");
    is_ready && pod.pointer("/metadata/deletionTimestamp").is_none()
}

#[test]
fn a_deployment_is_changed_and_taken_back_by_each_action() {
    let rig = Rig::shared();
    let namespace = applied(&rig, "actions", "Deployment", "", "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    let rows: [&[&str]; 6] = [
        &["restart", "deploy/web"],
        &["set-env", "deploy/web", "CACHE_TTL=60", "POOL=5"],
        &["set-image", "deploy/web", "app=registry.example/shop/web:1.1.0"],
        &["label", "deploy/web", "team=shop"],
        &["update-strategy", "deploy/web", "--max-unavailable", "1", "--max-surge", "50%"],
        &["update-strategy", "deploy/web", "--type", "Recreate"],
    ];
    for row in rows {
        person.goes_to_and_fro("deployment/web", "deployments", row);
    }
    assert_eq!(person.run(&["verify"]).code, 0);
}

#[test]
fn what_rolls_only_by_hand_is_told_and_nothing_is_waited_for() {
    let rig = Rig::shared();
    let strategy = "  updateStrategy: {type: OnDelete}\n";
    let namespace = applied(&rig, "actions-by-hand", "StatefulSet", strategy, "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    let before = pods(&rig, &namespace.name);
    for row in [&["restart", "sts/web"][..], &["set-env", "sts/web", "CACHE_TTL=60"]] {
        let (_, plan) = person.document(&[row, &["--dry-run"]].concat());
        assert!(plan["notes"].to_string().contains("nothing will roll"), "{plan:#}");
        person.goes_to_and_fro("statefulset/web", "statefulsets", row);
    }
    // What the server fills in, which is another thing in each version, is taken away again too.
    let rolling = ["update-strategy", "sts/web", "--type", "RollingUpdate"];
    person.goes_to_and_fro("statefulset/web", "statefulsets", &rolling);
    assert_eq!(pods(&rig, &namespace.name), before);
    person.run(&["update-strategy", "sts/web", "--partition", "1"]).fails(2, &["the strategy is OnDelete"]);
}

#[test]
fn a_strategy_says_what_will_roll_by_it() {
    let rig = Rig::shared();
    let strategy = "  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 3}}\n";
    let namespace = applied(&rig, "actions-strategy", "StatefulSet", strategy, "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    let (code, done) = person.document(&["set-env", "sts/web", "CACHE_TTL=60", "--yes"]);
    assert!(code == 0 && done["notes"].to_string().contains("ordinal 3 or higher"), "{done:#}");
    let (code, plan) = person.document(&["update-strategy", "sts/web", "--partition", "1", "--dry-run"]);
    assert_eq!((code, &plan["tier"]), (0, &Value::from(2)), "{plan:#}");
    assert!(plan["notes"].to_string().contains("roll at once: 2"), "{plan:#}");
    let (code, done) = person.document(&["update-strategy", "sts/web", "--partition", "1", "--confirm", "web"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let updated = || {
        let path = "jsonpath={.status.updatedReplicas}";
        (rig.kubectl(&["get", "sts", "web", "-n", &namespace.name, "-o", path]) == "2").then_some(())
    };
    eventually(60, updated).expect("two pods rolled, as was said");
}

#[test]
fn what_somebody_else_keeps_what_is_paused_and_what_comes_from_a_secret_is_refused() {
    let rig = Rig::shared();
    let namespace = applied(&rig, "actions-refused", "Deployment", "", "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    person.run(&["set-env", "deploy/web", "DB=x", "--yes"]).fails(3, &["key password of Secret db"]);
    person.run(&["set-env", "deploy/web", "API_TOKEN=hunter2", "--yes"]).fails(3, &["API_TOKEN looks like a secret"]);
    let profile = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n\
                   - {name: web, workloads: [Deployment/*/web], knobs: [{name: TIMEOUT, type: duration, maximum: 5m}]}\n";
    person.sandbox.write("shop.yaml", profile);
    let timeout = |value| ["set-env", "deploy/web", value, "--profile", "./shop.yaml", "--dry-run"];
    person.run(&timeout("TIMEOUT=abc")).fails(3, &["TIMEOUT takes a duration, as 30s, of 5m at most, not \"abc\""]);
    let (code, plan) = person.document(&timeout("TIMEOUTS=30s"));
    assert!(code == 0 && plan["notes"].to_string().contains("is TIMEOUT meant?"), "{plan:#}");
    person.run(&["set-image", "deploy/web", "db=a:1", "--yes"]).fails(2, &["there is no container db; there is app"]);
    person.run(&["restart", "deploy/gone"]).fails(2, &["there is no Deployment", "kubectl get deployments"]);
    let place = namespace.name.as_str();
    rig.kubectl(&["rollout", "pause", "deployment/web", "-n", place]);
    person.run(&["restart", "deploy/web", "--yes"]).fails(3, &["is paused", "kubectl rollout resume deployment/web"]);
    rig.kubectl(&["rollout", "resume", "deployment/web", "-n", place]);
    let flux = "kustomize.toolkit.fluxcd.io/name=apps";
    rig.kubectl(&["label", "deployment/web", "-n", place, flux, "kustomize.toolkit.fluxcd.io/namespace=flux-system"]);
    let image = ["set-image", "deploy/web", "app=registry.example/shop/web:2.0.0", "--yes"];
    person.run(&image).fails(3, &["Kustomization/flux-system/apps", "flux suspend kustomization apps -n flux-system"]);
    let image =
        rig.kubectl(&["get", "deploy", "web", "-n", place, "-o", "jsonpath={.spec.template.spec.containers[0].image}"]);
    assert!(image.ends_with(":1.0.0"), "{image}");
}

#[test]
fn a_pod_is_deleted_and_another_one_comes() {
    let rig = Rig::shared();
    let namespace = applied(&rig, "actions-pod", "Deployment", "", "minAvailable: 3");
    let person = Person::new(&rig, &namespace.name);
    let (pod, _) = pods(&rig, &namespace.name)[0].clone();
    let (code, plan) = person.document(&["delete-pod", &pod, "--dry-run"]);
    assert_eq!((code, &plan["tier"], &plan["confirm"]), (0, &Value::from(2), &Value::from(pod.as_str())), "{plan:#}");
    assert!(plan["notes"].to_string().contains("web allows none now: 3 of 3"), "{plan:#}");
    assert_eq!(person.writes(&id(&plan)), ["delete pods (tried)"]);
    assert!(pods(&rig, &namespace.name).iter().any(|(name, _)| *name == pod), "it was only tried");
    let (code, refused) = person.document(&["delete-pod", &pod, "--yes"]);
    assert_eq!((code, &refused["outcome"]["ended"]["ended"]), (3, &Value::from("refused")), "{refused:#}");
    let (code, done) = person.document(&["delete-pod", &pod, "--confirm", &pod]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let wanted = ["delete pods (tried)", "create leases", "delete pods", "delete leases", "create events"];
    assert_eq!(person.writes(&id(&done)), wanted);
    let others = || Some(pods(&rig, &namespace.name)).filter(|all| all.len() == 3);
    let now = eventually(60, others).expect("another pod");
    assert!(now.iter().all(|(name, _)| *name != pod), "{now:?}");
}

/// Every state of the pods of a namespace, as a watch tells it.
struct Watched {
    kubectl: Child,
    file: std::path::PathBuf,
}

impl Watched {
    fn start(person: &Person<'_>) -> Self {
        let file = person.sandbox.path("pods.json");
        let out = std::fs::File::create(&file).expect("a file");
        let mut command: Command = person.rig.command(programs().join("kubectl"));
        command.args(["--kubeconfig", &person.rig.kubeconfig("admin"), "get", "pods", "-n", &person.namespace]);
        command.args(["--watch", "--output-watch-events", "-o", "json"]).stdout(out).stderr(Stdio::null());
        Self { kubectl: command.spawn().expect("kubectl runs"), file }
    }

    /// The fewest healthy pods that there were at any time once all were there.
    fn fewest(mut self, all: usize) -> usize {
        // What was told last is still on its way.
        std::thread::sleep(std::time::Duration::from_secs(1));
        self.kubectl.kill().expect("it was running");
        self.kubectl.wait().expect("it ends");
        let told = std::fs::read(&self.file).expect("what was told");
        let events = serde_json::Deserializer::from_slice(&told).into_iter::<Value>().map_while(Result::ok);
        let (mut healthy, mut fewest, mut seen) = (std::collections::BTreeSet::new(), all, false);
        for event in events {
            let uid = event["object"]["metadata"]["uid"].as_str().expect("a uid").to_owned();
            let is_there = event["type"] != "DELETED" && is_healthy(&event["object"]);
            if is_there {
                healthy.insert(uid)
            } else {
                healthy.remove(&uid)
            };
            seen |= healthy.len() >= all;
            fewest = if seen { fewest.min(healthy.len()) } else { fewest };
        }
        assert!(seen, "all pods were seen at once");
        fewest
    }
}

#[test]
fn nodes_are_changed_and_taken_back_by_each_action() {
    let rig = Rig::own();
    let person = Person::new(&rig, "default");
    // Controllers write to a node until it is ready.
    let is_settled = || {
        let node = person.wanted("node/node-0000");
        (node[0]["beta.kubernetes.io/os"] == "linux" && node[1]["taints"].is_null()).then_some(())
    };
    eventually(60, is_settled).expect("a node that nobody writes to");
    let rows: [&[&str]; 3] = [
        &["label", "node/node-0000", "disk=ssd", "topology.kubernetes.io/zone-"],
        &["taint", "node-0000", "dedicated=batch:NoSchedule", "maintenance:NoExecute"],
        &["taint", "no/node-0000", "gpu=a:PreferNoSchedule"],
    ];
    for row in rows {
        person.goes_to_and_fro("node/node-0000", "nodes", row);
    }
    let is_cordoned = || rig.kubectl(&["get", "node", "node-0000", "-o", "jsonpath={.spec.unschedulable}"]) == "true";
    let (_, done) = person.document(&["cordon", "node-0000", "--yes"]);
    assert!(is_cordoned(), "{done:#}");
    let wanted = ["patch nodes (tried)", "create leases", "patch nodes", "delete leases", "create events"];
    assert_eq!(person.writes(&id(&done)), wanted);
    let (_, again) = person.document(&["cordon", "node-0000", "--yes"]);
    assert_eq!(again["outcome"]["ended"]["ended"], "nothingToDo", "{again:#}");
    let (_, undone) = person.document(&["undo", &id(&done), "--yes"]);
    assert!(!is_cordoned(), "{undone:#}");
    let (_, redone) = person.document(&["undo", &id(&undone), "--yes"]);
    assert!(is_cordoned(), "{redone:#}");
    let (code, uncordoned) = person.document(&["uncordon", "node-0000", "--yes"]);
    assert_eq!((code, is_cordoned()), (0, false), "{uncordoned:#}");
    assert_eq!(person.writes(&id(&uncordoned)), wanted);
}

#[test]
fn a_drain_never_leaves_fewer_pods_than_a_budget_wants() {
    let rig = Rig::own();
    let budgets = [("maxUnavailable: 1", 5), ("minAvailable: 4", 4), ("maxUnavailable: 34%", 3)];
    let namespace = rig.namespace("drain");
    let person = Person::new(&rig, &namespace.name);
    for (index, (budget, least)) in budgets.into_iter().enumerate() {
        let node = format!("node-000{index}");
        rig.apply(&namespace.name, &workload("Deployment", "", budget).replace("replicas: 3", "replicas: 6"));
        let is_spread = || {
            let pods = pods(&rig, &namespace.name);
            (pods.len() == 6 && pods.iter().any(|(_, on)| *on == node)).then_some(())
        };
        eventually(60, is_spread).expect("six pods, some on the node");
        let watched = Watched::start(&person);
        let (code, plan) = person.document(&["drain", &node, "--dry-run"]);
        assert!(code == 0 && plan["notes"].to_string().contains("covers"), "{plan:#}");
        let tried = person.writes(&id(&plan));
        assert!(tried.len() > 1 && tried.iter().all(|write| write.ends_with(" (tried)")), "{tried:?}");
        let confirm = plan["confirm"].as_str().expect("a name");
        let (code, done) = person.document(&["drain", &node, "--confirm", confirm]);
        assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
        assert!(pods(&rig, &namespace.name).iter().all(|(_, on)| *on != node));
        let fewest = watched.fewest(6);
        assert!(fewest >= least, "{fewest} of 6 were healthy under {budget}");
        let (code, undone) = person.document(&["undo", &id(&done), "--confirm", &node, "--yes"]);
        assert_eq!(code, 0, "the node is uncordoned, the pods stay where they are: {undone:#}");
    }
}

#[test]
fn a_drain_stops_where_a_budget_holds_and_goes_on_later() {
    let rig = Rig::own();
    let namespace = applied(&rig, "drain-held", "Deployment", "", "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    // What goes finds no other place.
    rig.kubectl(&["cordon", "node-0000", "node-0001", "node-0002"]);
    let on = |node: &str| pods(&rig, &namespace.name).iter().filter(|(_, on)| on == node).count();
    rig.kubectl(&["scale", "deployment/web", "-n", &namespace.name, "--replicas=3"]);
    let node = ["node-0000", "node-0001", "node-0002"].into_iter().max_by_key(|node| on(node)).expect("a node");
    rig.kubectl(&["uncordon", node]);
    rig.kubectl(&["rollout", "restart", "deployment/web", "-n", &namespace.name]);
    eventually(60, || (on(node) == 3).then_some(())).expect("all three on one node");
    let confirm = person.document(&["drain", node, "--dry-run"]).1["confirm"].as_str().expect("a name").to_owned();
    let (code, failed) = person.document(&["drain", node, "--confirm", &confirm, "--timeout", "6s"]);
    assert_eq!((code, &failed["outcome"]["ended"]["ended"]), (4, &Value::from("failed")), "{failed:#}");
    assert_eq!(on(node), 2, "one went, the others are held: {failed:#}");
    rig.kubectl(&["uncordon", "node-0000", "node-0001", "node-0002"]);
    rig.kubectl(&["cordon", node]);
    eventually(60, || (pods(&rig, &namespace.name).len() == 3).then_some(())).expect("its follower has a place");
    let (code, resumed) = person.document(&["resume", &id(&failed)]);
    assert_eq!((code, &resumed["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{resumed:#}");
    assert_eq!(on(node), 0);
}

#[test]
fn a_drain_takes_nothing_with_it_that_nobody_allowed() {
    let rig = Rig::own();
    let namespace = rig.namespace("drain-losses");
    let person = Person::new(&rig, &namespace.name);
    let pod = |name: &str, volumes: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  nodeName: node-0001\n{volumes}  \
             containers: [{{name: app, image: 'registry.example/shop/web:1.0.0'}}]\n"
        )
    };
    rig.apply(&namespace.name, &pod("bare", ""));
    eventually(60, || (pods(&rig, &namespace.name).len() == 1).then_some(())).expect("a pod that is ready");
    person.run(&["drain", "node-0001"]).fails(3, &["drain-losses", "bare: nothing makes it anew (--force)"]);
    let (_, plan) = person.document(&["drain", "node-0001", "--force", "--dry-run"]);
    assert_eq!(plan["tier"], 3, "{plan:#}");
    rig.apply(&namespace.name, &pod("cached", "  volumes: [{name: cache, emptyDir: {}}]\n"));
    eventually(60, || (pods(&rig, &namespace.name).len() == 2).then_some(())).expect("a pod that is ready");
    person.run(&["drain", "node-0001", "--force"]).fails(3, &["cached: its emptyDir volumes end with it: cache"]);
    let (code, plan) = person.document(&["drain", "node-0001", "--force", "--delete-emptydir-data", "--dry-run"]);
    assert_eq!((code, plan["steps"].as_array().map(Vec::len)), (0, Some(3)), "{plan:#}");
}

#[test]
fn a_canary_is_taken_out_of_the_traffic_and_put_back() {
    let rig = Rig::own();
    let (istio, gateway) = ("networking.istio.io", "gateway.networking.k8s.io");
    rig.kinds("istio");
    rig.kinds("gateway-api");
    let namespace = applied(&rig, "traffic", "Deployment", "", "maxUnavailable: 1");
    let person = Person::new(&rig, &namespace.name);
    let service = |name: &str, app: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: 80}}], selector: {{app: {app}}}}}\n---\n"
        )
    };
    let objects = format!(
        "{}{}apiVersion: {istio}/v1\nkind: DestinationRule\nmetadata: {{name: web}}\nspec: {{host: web, subsets: \
         [{{name: stable, labels: {{app: web}}}}, {{name: canary, labels: {{track: canary}}}}]}}\n---\n\
         apiVersion: {istio}/v1\nkind: VirtualService\nmetadata: {{name: web}}\nspec: {{hosts: [web], http: [{{route: \
         [{{destination: {{host: web, subset: stable}}, weight: 80}}, {{destination: {{host: web, subset: canary}}, \
         weight: 20}}]}}]}}\n---\n\
         apiVersion: {gateway}/v1\nkind: HTTPRoute\nmetadata: {{name: web}}\nspec: {{rules: [{{backendRefs: \
         [{{name: web, port: 80, weight: 1}}, {{name: web-v2, port: 80, weight: 1}}]}}]}}\n",
        service("web", "web"),
        service("web-v2", "web-v2")
    );
    rig.apply(&namespace.name, &objects);
    let canary = ["shift-traffic", "virtualservice/web", "canary=0"];
    let (code, plan) = person.document(&[&canary[..], &["--dry-run"]].concat());
    assert!(code == 0 && plan["notes"].to_string().contains("canary has no pods"), "{plan:#}");
    assert_eq!(plan["tier"], 1, "{plan:#}");
    person.goes_to_and_fro("virtualservice/web", "virtualservices", &canary);
    person.goes_to_and_fro("httproute/web", "httproutes", &["shift-traffic", "httproute/web", "web-v2=10"]);
    let (_, risky) = person.document(&["shift-traffic", "httproute/web", "web=0", "--dry-run"]);
    assert_eq!(risky["tier"], 2, "the other one has no pods: {risky:#}");
    person.run(&["shift-traffic", "httproute/web", "web-v3=1"]).fails(2, &["no rule shares its traffic with web-v3"]);

    // Without its weights: what is on trial is known by its name, else it is asked for.
    let back = |arguments: &[&str]| person.0.run(&[&["rollback"], arguments].concat());
    back(&["route", "web"]).fails(2, &["both a VirtualService and an HTTPRoute are called web", "virtualservice/web"]);
    back(&["httproute/web"]).fails(2, &["the canary is not clear: web, web-v2", "--canary NAME"]);
    back(&["virtualservice/web", "--to-revision", "1"]).fails(2, &["a route has no revisions"]);
    back(&["route", "gone"]).fails(2, &["there is no VirtualService or HTTPRoute gone"]);
    let before = person.wanted("virtualservice/web");
    // The end of a watch of nothing would look like a good sign.
    let watched = ["virtualservice/web", "--yes", "--watch-for", "10s"];
    back(&watched).fails(3, &["--watch-for has nothing to watch: the error rate is not watched", "--profile"]);
    assert_eq!(person.wanted("virtualservice/web"), before);
    let (code, done) = person.0.document(&["rollback", "virtualservice/web", "--yes"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let notes = done["notes"].to_string();
    assert!(notes.contains("canary has no pods") && notes.contains("to canary fail was not seen"), "{notes}");
    let weights = person.wanted("virtualservice/web")[1]["http"][0]["route"].clone();
    let weights: Vec<i64> =
        weights.as_array().expect("a list").iter().map(|it| it["weight"].as_i64().unwrap_or(0)).collect();
    assert_eq!(weights, [100, 0]);
    let (_, again) = person.0.document(&["rollback", "virtualservice/web", "--yes"]);
    assert_eq!(again["outcome"]["ended"]["ended"], "nothingToDo", "{again:#}");
    let (code, undone) = person.document(&["undo", &id(&done), "--yes"]);
    assert_eq!((code, person.wanted("virtualservice/web")), (0, before), "{undone:#}");
    let (_, named) = person.0.document(&["rollback", "httproute/web", "--canary", "web-v2", "--dry-run"]);
    assert!(named["title"].as_str().is_some_and(|it| it.ends_with("no traffic for web-v2")), "{named:#}");
}
