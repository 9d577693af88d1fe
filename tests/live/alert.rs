//! `kubectl sre incident triage --alert` with a real Alertmanager and a real API server.

use super::monitoring::Monitoring;
use super::rig::{Rig, eventually};
use serde_json::Value;

/// The pods that the alert `CheckoutIsDown` names, and one that it does not.
const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: checkout-1, labels: {rig.test/mode: imagepull}}
spec: {containers: [{name: app, image: registry.example/checkout}]}
---
apiVersion: v1
kind: Pod
metadata: {name: checkout-2, labels: {rig.test/mode: imagepull}}
spec: {containers: [{name: app, image: registry.example/checkout}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, labels: {rig.test/mode: imagepull}}
spec: {containers: [{name: app, image: registry.example/other}]}
"#;

#[test]
fn a_triage_starts_from_what_an_alert_is_about() {
    let rig = Rig::shared();
    let monitoring = Monitoring::start(&rig, "127.0.0.1");
    let profile = monitoring.profile();
    let triage = |alert: &str| {
        rig.run_as("viewer", &["incident", "triage", "--alert", alert, "--profile", &profile, "-o", "json"])
    };
    triage("NoSuchAlert").fails(2, &["no alert NoSuchAlert fires", "CartIsSlow, CheckoutIsDown"]);
    triage("CheckoutIsDown{pod=none}").fails(2, &["of that name these fire", "pod=checkout-1"]);
    rig.kubectl(&["create", "namespace", "shop"]);
    rig.apply("shop", PODS);
    let objects = |alert: &str| {
        let ran = triage(alert);
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let names = |list: &str| -> Vec<String> {
            let all = document[list].as_array().into_iter().flatten();
            all.filter_map(|it| it["object"]["name"].as_str().map(str::to_owned)).collect()
        };
        (names("alerts"), names("causes"))
    };
    let both = ["checkout-1".to_owned(), "checkout-2".to_owned()];
    let mut last = Default::default();
    let found = eventually(60, || {
        last = objects("CheckoutIsDown");
        last.1.sort();
        (last.0 == both && last.1 == both).then_some(())
    });
    let one = objects("CheckoutIsDown{pod=checkout-2}");
    rig.kubectl(&["delete", "namespace", "shop", "--wait=false"]);
    assert!(found.is_some(), "{last:?}");
    assert_eq!(one, (vec![both[1].clone()], vec![both[1].clone()]));
}
