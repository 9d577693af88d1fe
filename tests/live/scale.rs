//! Scaling on a real API server with real controllers, and what its audit log shows of that.

use super::person::{Person, id};
use super::rig::{Rig, TestNamespace, eventually};
use serde_json::Value;
use std::ops::Deref;

/// A namespace, and one person who looks after it.
pub struct Place<'a> {
    person: Person<'a>,
    pub namespace: TestNamespace<'a>,
}

impl<'a> Deref for Place<'a> {
    type Target = Person<'a>;

    fn deref(&self) -> &Person<'a> {
        &self.person
    }
}

/// A workload of pods that get ready, or the state that a mode names.
fn workload(kind: &str, name: &str, replicas: u8, mode: Option<&str>) -> String {
    let mode = mode.map_or_else(String::new, |mode| format!(", rig.test/mode: {mode}"));
    let service = if kind == "StatefulSet" { "  serviceName: none\n" } else { "" };
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n{service}  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    \
         metadata: {{labels: {{app: {name}{mode}}}}}\n    \
         spec: {{containers: [{{name: app, image: 'registry.example/shop/{name}:1', \
         resources: {{requests: {{cpu: 100m}}}}}}]}}\n"
    )
}

impl<'a> Place<'a> {
    pub fn new(rig: &'a Rig, name: &str) -> Self {
        let namespace = rig.namespace(name);
        Self { person: Person::new(rig, &namespace.name), namespace }
    }

    /// Has a workload made, and waits until it is ready.
    pub fn ready(&self, kind: &str, name: &str, replicas: u8) {
        self.rig.apply(&self.namespace.name, &workload(kind, name, replicas, None));
        let object = format!("{}/{name}", kind.to_lowercase());
        self.rig.kubectl(&["rollout", "status", &object, "-n", &self.namespace.name, "--timeout=120s"]);
    }

    pub fn field(&self, object: &str, path: &str) -> String {
        self.rig.kubectl(&["get", object, "-n", &self.namespace.name, "-o", &format!("jsonpath={{{path}}}")])
    }
}

#[test]
fn a_deployment_is_scaled_and_taken_back_and_a_dry_run_changes_nothing() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale");
    place.ready("Deployment", "web", 1);
    let (code, plan) = place.document(&["scale", "deploy/web", "--replicas", "3", "--dry-run"]);
    assert_eq!((code, &plan["kind"], &plan["tier"]), (0, &Value::from("Plan"), &Value::from(1)), "{plan:#}");
    assert_eq!(plan["steps"][0]["checked"]["answer"], "accepted", "{plan:#}");
    assert!(plan["notes"].to_string().contains("the nodes have room for 2 more pods"), "{plan:#}");
    assert_eq!(place.writes(&id(&plan)), ["patch deployments/scale (tried)"]);
    let (code, refused) = place.document(&["scale", "deploy/web", "--replicas", "3"]);
    assert_eq!((code, &refused["outcome"]["ended"]["ended"]), (3, &Value::from("refused")), "{refused:#}");
    assert_eq!(place.writes(&id(&refused)), ["patch deployments/scale (tried)"]);
    assert_eq!(place.field("deploy/web", ".spec.replicas"), "1");
    let (code, done) = place.document(&["scale", "deploy/web", "--replicas", "3", "--current-replicas", "1", "--yes"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    assert_eq!(place.field("deploy/web", ".status.readyReplicas"), "3");
    let wanted = [
        "patch deployments/scale (tried)",
        "create leases",
        "patch deployments/scale",
        "delete leases",
        "create events",
    ];
    assert_eq!(place.writes(&id(&done)), wanted);
    let (_, again) = place.document(&["scale", "deploy/web", "--replicas", "3", "--yes"]);
    assert_eq!(again["outcome"]["ended"]["ended"], "nothingToDo", "{again:#}");
    place.run(&["scale", "deploy/web", "--replicas", "5", "--current-replicas", "1", "--yes"]).fails(3, &["wants 3"]);
    let (code, fewer) = place.document(&["scale", "deploy/web", "--replicas", "1", "--yes"]);
    assert_eq!((code, &fewer["tier"], &fewer["confirm"]), (3, &Value::from(2), &Value::from("web")), "{fewer:#}");
    let (code, undone) = place.document(&["change", "undo", &id(&done), "--confirm", "web"]);
    assert_eq!((code, place.field("deploy/web", ".spec.replicas").as_str()), (0, "1"), "{undone:#}");
}

#[test]
fn a_deployment_goes_to_none_and_comes_back_from_there() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-zero");
    place.ready("Deployment", "web", 2);
    let (code, done) = place.document(&["scale", "deploy/web", "--replicas", "0", "--confirm", "web"]);
    assert_eq!((code, place.field("deploy/web", ".spec.replicas").as_str()), (0, "0"), "{done:#}");
    let (code, undone) = place.document(&["change", "undo", &id(&done), "--confirm", "web"]);
    assert_eq!((code, place.field("deploy/web", ".status.readyReplicas").as_str()), (0, "2"), "{undone:#}");
    let (code, again) = place.document(&["change", "undo", &id(&undone), "--confirm", "web"]);
    assert_eq!((code, place.field("deploy/web", ".spec.replicas").as_str()), (0, "0"), "{again:#}");
    let (code, plan) = place.document(&["scale", "deploy/web", "--replicas", "1", "--dry-run"]);
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    let (code, done) = place.document(&["scale", "deploy/web", "--replicas", "1", "--yes"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
}

#[test]
fn what_would_be_set_back_or_never_come_is_refused_with_the_way_out() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-refused");
    place.ready("Deployment", "web", 1);
    let namespace = place.namespace.name.as_str();
    rig.apply(namespace, "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: small}\nspec: {hard: {pods: '2'}}\n");
    let used = || (place.field("resourcequota/small", ".status.used.pods") == "1").then_some(());
    eventually(60, used).expect("the quota is counted");
    place
        .run(&["scale", "deploy/web", "--replicas", "4", "--yes"])
        .fails(3, &["small has room for 1 of 3", "scale to 2"]);
    rig.kubectl(&["autoscale", "deployment", "web", "--min", "1", "--max", "2", "-n", namespace]);
    let fresh = place.run(&["scale", "deploy/web", "--replicas", "3", "--yes"]);
    fresh.fails(3, &["HorizontalPodAutoscaler web (1 to 2) allows no such number", "scale hpa web --min 3 --max 3"]);
    assert_eq!(place.field("deploy/web", ".spec.replicas"), "1");
    place.run(&["scale", "cm/web", "--replicas", "3"]).fails(2, &["ConfigMap cannot be scaled"]);
    place.run(&["scale", "deploy/nobody", "--replicas", "3"]).fails(2, &["there is no Deployment nobody"]);
    place.run(&["scale", "gadgets/web", "--replicas", "3"]).fails(2, &["no resource \"gadgets\""]);
}

#[test]
fn a_stateful_set_goes_one_pod_at_a_time_and_back() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-stateful");
    place.ready("StatefulSet", "db", 1);
    let (code, done) = place.document(&["scale", "sts/db", "--replicas", "3", "--yes"]);
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let patch = "patch statefulsets/scale";
    let tried = "patch statefulsets/scale (tried)";
    let wanted = [tried, "create leases", patch, patch, "delete leases", "create events"];
    assert_eq!(place.writes(&id(&done)), wanted);
    assert_eq!(place.field("sts/db", ".status.readyReplicas"), "3");
    let (code, undone) = place.document(&["change", "undo", &id(&done), "--confirm", "db"]);
    assert_eq!((code, place.field("sts/db", ".spec.replicas").as_str()), (0, "1"), "{undone:#}");
}

#[test]
fn what_does_not_get_ready_is_told_with_its_cause() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-cause");
    rig.apply(&place.namespace.name, &workload("Deployment", "web", 1, Some("imagepull")));
    let waiting = ".items[*].status.containerStatuses[0].state.waiting.reason";
    eventually(60, || place.field("pods", waiting).contains("ImagePull").then_some(())).expect("a pod without image");
    let (code, failed) = place.document(&["scale", "deploy/web", "--replicas", "2", "--yes", "--timeout", "5s"]);
    assert_eq!((code, &failed["outcome"]["ended"]["ended"]), (4, &Value::from("failed")), "{failed:#}");
    assert!(failed["outcome"]["ended"]["why"].to_string().contains("0 of 2 replicas are ready"), "{failed:#}");
    let class = failed["causes"][0]["class"].as_str().unwrap_or_default();
    assert!(class.starts_with("image-"), "{failed:#}");
}

/// A kind of which nobody makes pods: what counts its replicas says none.
const QUEUES: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: queues.scale.rig.test}
spec:
  group: scale.rig.test
  scope: Namespaced
  names: {plural: queues, singular: queue, kind: Queue, shortNames: [rq]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
";

#[test]
fn a_custom_resource_is_scaled_by_any_of_its_names() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-custom");
    rig.apply(&place.namespace.name, QUEUES);
    rig.kubectl(&["wait", "--for=condition=Established", "crd/queues.scale.rig.test", "--timeout=60s"]);
    let queue = "apiVersion: scale.rig.test/v1\nkind: Queue\nmetadata: {name: mail}\nspec: {replicas: 2}\n";
    rig.apply(&place.namespace.name, queue);
    for word in ["rq", "queue", "queues.scale.rig.test", "Queue.v1.scale.rig.test"] {
        let (code, plan) = place.document(&["scale", word, "mail", "--replicas", "3", "--dry-run"]);
        assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{word}: {plan:#}");
    }
    let (code, done) = place.document(&["scale", "rq/mail", "--replicas", "0", "--confirm", "mail"]);
    assert_eq!((code, place.field("queues/mail", ".spec.replicas").as_str()), (0, "0"), "{done:#}");
    rig.delete(&place.namespace.name, QUEUES);
}

const PROFILE: &str = "\
apiVersion: kubectl-sre/v1alpha1
kind: Profile
name: shop
components:
- {name: web, workloads: [Deployment/*/web], scaler: manual, targets: {cpu: 65}}
";

#[test]
fn an_autoscaler_is_made_changed_and_taken_back() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-hpa");
    place.ready("Deployment", "web", 1);
    place.run(&["scale", "hpa", "web", "--max", "3"]).fails(2, &["no HorizontalPodAutoscaler web", "--target"]);
    place.sandbox.write("shop.yaml", PROFILE);
    let by_profile = ["--target", "deploy/web", "--max", "3", "--profile", "./shop.yaml", "--dry-run"];
    let (code, plan) = place.document(&[&["scale", "hpa", "web"][..], &by_profile].concat());
    let metrics = plan["steps"][0]["call"].to_string();
    assert!(code == 0 && metrics.contains(r#""averageUtilization":65"#), "{plan:#}");
    assert!(plan["notes"].to_string().contains("the profile names manual as the scaler of web"), "{plan:#}");
    let make = ["scale", "hpa", "web", "--target", "deploy/web", "--min", "1", "--max", "3", "--cpu", "70"];
    let (code, plan) = place.document(&[&make[..], &["--dry-run"]].concat());
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    assert!(plan["notes"].to_string().contains("at the maximum of 3: the nodes have room for 2 more"), "{plan:#}");
    assert_eq!(place.writes(&id(&plan)), ["create horizontalpodautoscalers (tried)"]);
    let (code, made) = place.document(&[&make[..], &["--yes"]].concat());
    assert_eq!((code, &made["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{made:#}");
    let wanted = [
        "create horizontalpodautoscalers (tried)",
        "create leases",
        "create horizontalpodautoscalers",
        "delete leases",
        "create events",
    ];
    assert_eq!(place.writes(&id(&made)), wanted);
    place
        .run(&["scale", "hpa", "other", "--target", "deploy/web", "--max", "3", "--cpu", "70"])
        .fails(3, &["two fight"]);
    let change = ["scale", "hpa", "web", "--max", "5", "--memory", "80", "--until", "8h", "--yes"];
    let (code, changed) = place.document(&change);
    assert_eq!((code, &changed["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{changed:#}");
    assert!(changed["notes"].to_string().contains("due back at"), "{changed:#}");
    let targets = || place.field("hpa/web", ".spec.metrics[*].resource.target.averageUtilization");
    assert_eq!((place.field("hpa/web", ".spec.maxReplicas").as_str(), targets().as_str()), ("5", "70 80"));
    let listed = || {
        let (_, list) = place.document(&["change", "list", "--local"]);
        let own = list["changes"].as_array().and_then(|all| all.iter().find(|it| it["id"] == changed["id"]).cloned());
        own.expect("the change")
    };
    assert_eq!((&listed()["overdue"], &listed()["dueBack"]), (&Value::Bool(false), &changed["dueBack"]), "{changed:#}");
    let (code, bound) = place.document(&["change", "undo", &id(&changed), "--yes"]);
    assert_eq!((code, &bound["tier"]), (3, &Value::from(2)), "a lower maximum may end pods: {bound:#}");
    let (code, undone) = place.document(&["change", "undo", &id(&changed), "--confirm", "web"]);
    assert_eq!((code, targets().as_str()), (0, "70"), "{undone:#}");
    assert!(listed().get("dueBack").is_none(), "it is back: {:#}", listed());
    place.run(&["scale", "hpa", "web", "--max", "6", "--until", "2020-01-01T00:00:00Z"]).fails(2, &["is past"]);
    let (code, soon) = place.document(&["scale", "hpa", "web", "--max", "6", "--until", "1s", "--yes"]);
    let overdue = || place.run(&["change", "list", "--local"]).stdout.contains("overdue since").then_some(());
    eventually(60, overdue).expect("it was to be back by now");
    let (again, back) = place.document(&["change", "undo", &id(&soon), "--confirm", "web"]);
    assert_eq!((code, again), (0, 0), "{back:#}");
    let (code, gone) = place.document(&["change", "undo", &id(&made), "--confirm", "web"]);
    let left = rig.kubectl(&["get", "hpa", "-n", &place.namespace.name, "-o", "name"]);
    assert_eq!((code, left.as_str()), (0, ""), "{gone:#}");
}

#[test]
fn resources_of_a_container_are_set_and_rolled_out() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-resources");
    place.ready("Deployment", "web", 1);
    let wanted = ["scale", "resources", "deploy/web", "-c", "app", "--requests", "cpu=0.2,memory=64Mi"];
    let (code, plan) = place.document(&[&wanted[..], &["--dry-run"]].concat());
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    assert_eq!(place.writes(&id(&plan)), ["patch deployments (tried)"]);
    let beside = plan["notes"].to_string();
    let (is_now, is_unseen) = (beside.contains("app uses up to cpu="), beside.contains("what app uses cannot be seen"));
    assert!(is_now != is_unseen, "metrics of new pods come late: {plan:#}");
    let (code, done) = place.document(&[&wanted[..], &["--yes"]].concat());
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let requests = || place.field("deploy/web", ".spec.template.spec.containers[0].resources.requests.cpu");
    assert_eq!(requests(), "200m");
    let wanted = ["patch deployments (tried)", "create leases", "patch deployments", "delete leases", "create events"];
    assert_eq!(place.writes(&id(&done)), wanted);
    let (code, undone) = place.document(&["change", "undo", &id(&done), "--yes"]);
    assert_eq!((code, requests().as_str()), (0, "100m"), "{undone:#}");
    let nobody = ["scale", "resources", "deploy/web", "-c", "db", "--requests", "cpu=1"];
    place.run(&nobody).fails(3, &["web has no container db", "--container app"]);
}

/// A class whose volumes grow or not, and a claim with a volume of it.
fn storage(name: &str, grows: bool) -> String {
    let spec = "accessModes: [ReadWriteOnce]";
    format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\nprovisioner: rig.test/none\n\
         allowVolumeExpansion: {grows}\n---\n\
         apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\n\
         spec: {{{spec}, storageClassName: {name}, capacity: {{storage: 1Gi}}, hostPath: {{path: /none}}}}\n---\n\
         apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\n\
         spec: {{{spec}, storageClassName: {name}, resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

#[test]
fn a_volume_grows_where_its_class_lets_it() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-volume");
    for (name, grows) in [("scale-grows", true), ("scale-stays", false)] {
        rig.apply(&place.namespace.name, &storage(name, grows));
        let bound = || (place.field(&format!("pvc/{name}"), ".status.phase") == "Bound").then_some(());
        eventually(60, bound).expect("a volume");
    }
    let refused = place.run(&["scale", "volume", "scale-stays", "--size", "2Gi", "--confirm", "scale-stays"]);
    refused.fails(3, &["scale-stays does not let volumes grow"]);
    let grow = ["scale", "volume", "scale-grows", "--size", "2Gi"];
    let (code, asked) = place.document(&[&grow[..], &["--yes"]].concat());
    assert_eq!(
        (code, &asked["tier"], &asked["confirm"]),
        (3, &Value::from(2), &Value::from("scale-grows")),
        "{asked:#}"
    );
    assert_eq!(place.writes(&id(&asked)), ["patch persistentvolumeclaims (tried)"]);
    let (code, done) = place.document(&[&grow[..], &["--confirm", "scale-grows"]].concat());
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    assert_eq!(place.field("pvc/scale-grows", ".spec.resources.requests.storage"), "2Gi");
    for name in ["scale-grows", "scale-stays"] {
        rig.kubectl(&["delete", "pvc", name, "-n", &place.namespace.name, "--wait=false"]);
        rig.kubectl(&["delete", "pv", name, "--wait=false"]);
        rig.kubectl(&["delete", "storageclass", name]);
    }
}

#[test]
fn who_may_see_one_namespace_only_scales_there_and_is_told_what_is_not_known() {
    let rig = Rig::shared();
    let place = Place::new(&rig, "scale-narrow");
    place.ready("Deployment", "web", 1);
    let namespace = place.namespace.name.as_str();
    rig.kubectl(&["create", "rolebinding", "eve", "--clusterrole=edit", "--user=eve", "-n", namespace]);
    let (code, plan) = place.document(&["scale", "deploy/web", "--replicas", "2", "--dry-run", "--as", "eve"]);
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    let notes = plan["notes"].to_string();
    assert!(notes.contains("whether the pods fit on the nodes is not known"), "{notes}");
    // Other tests install KEDA's kinds; where they are not, nothing is unknown about them.
    let lacks_keda = !rig.kubectl(&["get", "crd", "-o", "name"]).contains("scaledobjects.keda.sh");
    assert!(!(lacks_keda && notes.contains("KEDA")), "the cluster has no such group: {notes}");
}
