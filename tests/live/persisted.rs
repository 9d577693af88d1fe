//! Changes that a source of Helm does not say yet.

use super::helm::Shop;
use super::person::{Person, id};
use super::rig::{Rig, next_second};
use serde_json::{Value, json};
use std::fs;

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
    next_second();
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
    next_second();
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

/// How a change stands to each of its sources, as `source: state: why`; nothing where it is not listed.
fn listed(person: &Person<'_>, change: &str) -> Vec<String> {
    let (code, list) = person.document(&["change", "list", "--unpersisted"]);
    assert_eq!(code, 0, "{list:#}");
    let row = list["changes"].as_array().expect("changes").iter().find(|it| it["id"] == change);
    let text = |it: &Value, field: &str| it[field].as_str().unwrap_or_default().to_owned();
    let all = row.and_then(|it| it["unpersisted"].as_array()).into_iter().flatten();
    all.map(|it| format!("{}: {}: {}", text(it, "source"), text(it, "state"), text(it, "why"))).collect()
}

fn changed(person: &Person<'_>, arguments: &[&str]) -> String {
    let (code, done) = person.document(&[&["change"], arguments, &["--yes"]].concat());
    assert_eq!(code, 0, "{done:#}");
    id(&done)
}

#[test]
fn what_a_release_was_upgraded_to_is_listed_no_longer() {
    let rig = Rig::shared();
    let shop = Shop::new(&rig, "persisted-helm");
    let (person, place) = (&shop.person, shop.namespace.name.as_str());
    shop.upgraded("1.0.0", "none", &["--wait"]);
    // A creation counts in whole seconds: the change has to be a later one.
    next_second();
    let image = changed(person, &["set-image", "deployment/web", "app=registry.example/shop/web:1.1.0"]);
    let set = changed(person, &["set-env", "deployment/web", "LIMIT=5"]);
    for change in [&image, &set] {
        let states = listed(person, change);
        assert!(states.len() == 1 && states[0].contains("differs: the release was not upgraded since"), "{states:?}");
    }
    next_second();
    shop.upgraded("1.1.0", "none", &[]);
    assert_eq!(listed(person, &image), Vec::<String>::new(), "the release says it now");
    let states = listed(person, &set);
    assert!(
        states.len() == 1 && states[0].contains("differs: revision 2 "),
        "helm left it and does not say it: {states:?}"
    );
    // Who may not see the records does not know.
    let viewer = ["change", "list", "--unpersisted", "--as", "somebody", "--as-group", "may-see-deployments"];
    let role = format!("may-see-deployments-{}", std::process::id());
    rig.kubectl(&["create", "clusterrole", &role, "--verb=get,list", "--resource=deployments.apps,namespaces"]);
    rig.kubectl(&["create", "clusterrolebinding", &role, "--clusterrole", &role, "--group=may-see-deployments"]);
    let ran = person.run(&viewer);
    rig.kubectl(&["delete", "clusterrole,clusterrolebinding", &role]);
    assert!(ran.stdout.contains(&format!("the releases in {place} cannot be read")), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_flux_applied_is_listed_no_longer() {
    let rig = Rig::own();
    rig.kinds("flux");
    let shop = Shop::new(&rig, "persisted-flux");
    let (person, place) = (&shop.person, shop.namespace.name.as_str());
    let status = |kind: &str, status: Value| {
        let patch = json!({"status": status}).to_string();
        rig.kubectl(&["patch", kind, "shop", "-n", place, "--subresource=status", "--type=merge", "-p", &patch]);
    };
    // A Kustomization applies on the server, and owns what it applied.
    let mut api = WEB.replace("NAMESPACE", place).replace("web", "api");
    for helms in ["  labels: {app.kubernetes.io/managed-by: Helm}\n", "annotations: {meta"] {
        let line = api.lines().find(|it| format!("{it}\n").contains(helms)).expect("a line").to_owned() + "\n";
        api = api.replace(&line, "");
    }
    let file = shop.person.sandbox.path("api.yaml");
    let applied = |image: &str| {
        fs::write(&file, api.replace("api:1", image)).expect("written");
        let file = file.to_string_lossy();
        let apply =
            ["apply", "--server-side", "--force-conflicts", "--field-manager=kustomize-controller", "-f", &file];
        rig.kubectl(&[&apply[..], &["-n", place]].concat());
    };
    applied("api:1");
    rig.kubectl(&["rollout", "status", "deployment/api", "-n", place, "--timeout=60s"]);
    rig.apply(
        place,
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\n\
        spec: {path: ./shop, interval: 10m, prune: true, sourceRef: {kind: GitRepository, name: shop}}\n",
    );
    let of_api = changed(person, &["set-image", "deployment/api", "app=registry.example/shop/api:2"]);
    let label = |name: &str, group: &str| {
        let of =
            [format!("{group}.toolkit.fluxcd.io/name=shop"), format!("{group}.toolkit.fluxcd.io/namespace={place}")];
        rig.kubectl(&["label", "deployment", name, "-n", place, &of[0], &of[1]]);
    };
    label("api", "kustomize");
    let unknown = "unknown: what Kustomization";
    let went = |revision: &str| {
        json!({"lastAttemptedRevision": "main@sha1:2", "lastAppliedRevision": revision,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Done", "message": "", "lastTransitionTime": "2026-01-15T08:00:00Z"}]})
    };
    status("kustomizations.kustomize.toolkit.fluxcd.io", went("main@sha1:2"));
    assert!(listed(person, &of_api).concat().contains(unknown), "{:?}", listed(person, &of_api));
    applied("api:2");
    assert_eq!(listed(person, &of_api), Vec::<String>::new(), "Flux applied the same");
    status("kustomizations.kustomize.toolkit.fluxcd.io", went("main@sha1:1"));
    assert!(listed(person, &of_api).concat().contains(unknown), "what it tried last was not applied");

    // A HelmRelease makes revisions of a release.
    shop.upgraded("1.0.0", "none", &["--wait"]);
    let of_web = changed(person, &["set-image", "deployment/web", "app=registry.example/shop/web:1.1.0"]);
    label("web", "helm");
    shop.upgraded("1.1.0", "none", &[]);
    rig.apply(
        place,
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\n\
        spec: {interval: 10m, releaseName: web, chartRef: {kind: OCIRepository, name: web}}\n",
    );
    let history = |version: u8| {
        json!({"history": [{
            "name": "web", "namespace": place, "version": version, "status": "deployed", "chartName": "web",
            "chartVersion": "1.0.0", "configDigest": "sha256:1", "digest": "sha256:1",
            "firstDeployed": "2026-01-15T08:00:00Z", "lastDeployed": "2026-01-15T08:00:00Z",
        }]})
    };
    status("helmreleases.helm.toolkit.fluxcd.io", history(1));
    let states = listed(person, &of_web);
    assert!(states.len() == 1 && states[0].contains("unknown: what HelmRelease"), "not by the HelmRelease: {states:?}");
    status("helmreleases.helm.toolkit.fluxcd.io", history(2));
    assert_eq!(listed(person, &of_web), Vec::<String>::new());
}
