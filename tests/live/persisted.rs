//! Changes that a source of Helm does not say yet.

use super::person::{Person, id};
use super::rig::Rig;
use serde_json::Value;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app.kubernetes.io/managed-by: Helm}
  annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: NAMESPACE}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: 'registry.example/shop/web:1'}]}
";

/// A Secret as Helm keeps a revision in.
fn revision(number: u8) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata:\n  name: sh.helm.release.v1.shop.v{number}\n  \
         labels: {{owner: helm, name: shop, version: '{number}', status: deployed}}\n"
    )
}

#[test]
fn a_change_that_helm_does_not_know_stays_listed() {
    let rig = Rig::shared();
    let namespace = rig.namespace("persisted");
    let person = Person::new(&rig, &namespace.name);
    rig.apply(&namespace.name, &revision(1));
    rig.apply(&namespace.name, &WEB.replace("NAMESPACE", &namespace.name));
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", &namespace.name, "--timeout=60s"]);
    let listed = || {
        let (code, list) = person.document(&["change", "list", "--unpersisted"]);
        assert_eq!(code, 0, "{list:#}");
        list["changes"].as_array().expect("changes").clone()
    };
    assert_eq!(listed(), Vec::<Value>::new());
    // A creation counts in whole seconds: the change has to be a later one.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let set = ["change", "set-image", "deployment/web", "app=registry.example/shop/web:2", "--yes"];
    let (code, done) = person.document(&set);
    assert_eq!(code, 0, "{done:#}");
    let stands = || {
        let rows = listed();
        assert_eq!(rows.len(), 1, "{rows:#?}");
        assert_eq!(rows[0]["id"], id(&done));
        rows[0]["unpersisted"][0].clone()
    };
    let differs = stands();
    assert_eq!(differs["state"], "differs", "{differs:#}");
    assert!(differs["source"].as_str().is_some_and(|it| it.contains("values of the Helm release shop in")));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    rig.apply(&namespace.name, &revision(2));
    let upgraded = stands();
    assert_eq!(upgraded["state"], "unknown", "what the chart says is not seen: {upgraded:#}");
    rig.kubectl(&["set", "image", "deployment/web", "app=registry.example/shop/web:1", "-n", &namespace.name]);
    assert_eq!(stands()["state"], "setBack");
    rig.kubectl(&["set", "image", "deployment/web", "app=registry.example/shop/web:2", "-n", &namespace.name]);
    let ran = person.run(&["change", "list", "--unpersisted"]);
    assert!(ran.stdout.contains("Deployment/") && ran.stdout.contains("helm get manifest shop"), "{}", ran.stdout);
    assert_eq!(person.run(&["change", "undo", &id(&done), "--yes"]).code, 0);
    assert_eq!(listed(), Vec::<Value>::new());
}
