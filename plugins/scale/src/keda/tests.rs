use super::*;
use sre_core::plan::{Call, FieldChange, with_changes};

fn scaler(annotations: &Value) -> Value {
    json!({
        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "annotations": annotations},
        "spec": {"scaleTargetRef": {"name": "web"}, "minReplicaCount": 2, "maxReplicaCount": 9},
    })
}

/// The annotations afterwards; that each change can be turned round is looked at besides.
fn annotations(before: &Value, wanted: Wanted) -> Value {
    let after = changed(before, wanted);
    if let Some(Step { call: Call::Edit { fields, .. }, .. }) =
        edited(Action::SetAutoscaler, before, &after, String::new())
    {
        let back: Vec<_> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(&with_changes(&with_changes(before, &fields), &back), before);
    }
    after["metadata"]["annotations"].clone()
}

#[test]
fn a_pause_and_its_end_leave_other_annotations_alone() {
    let running = scaler(&json!({"team": "shop"}));
    assert_eq!(annotations(&running, Wanted::Paused { at: None }), json!({"team": "shop", PAUSED: "true"}));
    let paused = json!({"team": "shop", PAUSED: "true", PAUSED_AT: "5"});
    assert_eq!(annotations(&running, Wanted::Paused { at: Some(5) }), paused);
    assert_eq!(annotations(&scaler(&paused), Wanted::Resumed), json!({"team": "shop"}));
    assert_eq!(annotations(&scaler(&paused), Wanted::Paused { at: None }), json!({"team": "shop", PAUSED: "true"}));
    assert_eq!(annotations(&scaler(&Value::Null), Wanted::Paused { at: None }), json!({PAUSED: "true"}));
}

#[test]
fn the_horizontal_autoscaler_is_named_as_keda_names_it() {
    assert_eq!(horizontal(&scaler(&json!({}))), "HorizontalPodAutoscaler keda-hpa-web");
    let mut named = scaler(&json!({}));
    named["status"] = json!({"hpaName": "web-by-queue"});
    assert_eq!(horizontal(&named), "HorizontalPodAutoscaler web-by-queue");
}
