//! Vertical autoscalers and ScaledObjects by their real definitions; nobody acts on them here.

use super::person::id;
use super::rig::Rig;
use super::scale::Place;
use serde_json::Value;

/// A recommendation, as the recommender writes it.
const RECOMMENDED: &str = r#"{"status": {"recommendation": {"containerRecommendations": [
    {"containerName": "app", "target": {"cpu": "3", "memory": "300Mi"}}]}}}"#;

const TRIGGERED: &str = "\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  minReplicaCount: 1
  maxReplicaCount: 6
  triggers: [{type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: '4'}}]
";

#[test]
fn vertical_autoscalers_and_keda_are_set_and_taken_back() {
    let rig = Rig::own();
    rig.kinds("vpa");
    rig.kinds("keda");
    let place = Place::new(&rig, "scalers");
    place.ready("Deployment", "web", 1);
    vertical(&rig, &place);
    triggered(&rig, &place);
}

fn vertical(rig: &Rig, place: &Place<'_>) {
    let namespace = place.namespace.name.as_str();
    place.run(&["scale", "vpa", "web", "--mode", "off"]).fails(2, &["no VerticalPodAutoscaler web", "--target"]);
    let make = ["scale", "vpa", "web", "--target", "deploy/web", "--max", "cpu=2,memory=1Gi", "--min", "memory=64Mi"];
    let (code, made) = place.document(&[&make[..], &["--yes"]].concat());
    assert_eq!((code, &made["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{made:#}");
    assert!(made["notes"].to_string().contains("no recommender has looked at it"), "{made:#}");
    assert_eq!(place.field("vpa/web", ".spec.updatePolicy.updateMode"), "Off");
    rig.kubectl(&["patch", "vpa", "web", "-n", namespace, "--subresource=status", "--type=merge", "-p", RECOMMENDED]);
    rig.kubectl(&["autoscale", "deployment", "web", "-n", namespace, "--cpu=70%", "--max=1"]);
    let other = ["scale", "vpa", "other", "--target", "deploy/web", "--mode", "off"];
    place.run(&other).fails(3, &["only one is heeded"]);
    let nobody = ["scale", "vpa", "web", "--exclude-container", "proxy"];
    place.run(&nobody).fails(3, &["web has no container proxy"]);
    let act = ["scale", "vpa", "web", "--mode", "in-place-or-recreate", "--values", "requests-only"];
    let (code, plan) = place.document(&[&act[..], &["--dry-run"]].concat());
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    let notes = plan["notes"].to_string();
    for said in ["recommends cpu=3,memory=300Mi for app now; with these bounds cpu=2", "keep one of them off cpu"] {
        assert!(notes.contains(said), "{said}: {plan:#}");
    }
    assert_eq!((&plan["tier"], place.writes(&id(&plan))), (&Value::from(2), tried("verticalpodautoscalers")));
    let (code, done) = place.document(&[&act[..], &["--confirm", "web"]].concat());
    let values = || place.field("vpa/web", ".spec.resourcePolicy.containerPolicies[0].controlledValues");
    assert_eq!((code, values().as_str()), (0, "RequestsOnly"), "{done:#}");
    let (code, undone) = place.document(&["change", "undo", &id(&done), "--confirm", "web"]);
    assert_eq!((code, values().as_str()), (0, ""), "{undone:#}");
    rig.kubectl(&["delete", "hpa", "web", "-n", namespace]);
}

fn triggered(rig: &Rig, place: &Place<'_>) {
    rig.apply(&place.namespace.name, TRIGGERED);
    let fresh = place.run(&["scale", "deploy/web", "--replicas", "3", "--yes"]);
    fresh.fails(3, &["KEDA's ScaledObject web sets the number back", "kubectl sre scale keda web --pause --at 3"]);
    place.run(&["scale", "keda", "nobody", "--pause"]).fails(2, &["there is no ScaledObject nobody"]);
    let pause = ["scale", "keda", "web", "--pause", "--at", "3"];
    let (code, plan) = place.document(&[&pause[..], &["--dry-run"]].concat());
    assert_eq!((code, &plan["steps"][0]["checked"]["answer"]), (0, &Value::from("accepted")), "{plan:#}");
    assert!(plan["notes"].to_string().contains("KEDA deletes HorizontalPodAutoscaler keda-hpa-web"), "{plan:#}");
    assert_eq!(place.writes(&id(&plan)), tried("scaledobjects"));
    let (code, done) = place.document(&[&pause[..], &["--yes"]].concat());
    let at = || place.field("scaledobject/web", r".metadata.annotations.autoscaling\.keda\.sh/paused-replicas");
    assert_eq!((code, at().as_str()), (0, "3"), "{done:#}");
    let (code, plan) = place.document(&["scale", "deploy/web", "--replicas", "3", "--dry-run"]);
    assert!(code == 0 && plan["notes"].to_string().contains("is paused, and leaves the number alone"), "{plan:#}");
    let (code, resumed) = place.document(&["scale", "keda", "web", "--resume", "--confirm", "web"]);
    assert_eq!((code, at().as_str()), (0, ""), "{resumed:#}");
    assert!(resumed["notes"].to_string().contains("between 1 and 6"), "{resumed:#}");
    let (code, undone) = place.document(&["change", "undo", &id(&resumed), "--confirm", "web"]);
    assert_eq!((code, at().as_str()), (0, "3"), "{undone:#}");
}

fn tried(resource: &str) -> Vec<String> {
    vec![format!("patch {resource} (tried)")]
}
