use super::*;
use serde_json::json;

/// An autoscaler at 4 replicas whose CPU is over its target and whose queue is near it.
fn autoscaler() -> Value {
    let queue = json!({"metric": {"name": "queue_depth"}, "target": {"type": "AverageValue", "averageValue": "30"}});
    let hits = json!({"metric": {"name": "hits"}, "target": {"type": "Value", "value": "1k"}});
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
        "spec": {
            "minReplicas": 2, "maxReplicas": 10, "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
            "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
                {"type": "Pods", "pods": queue},
                {"type": "Object", "object": hits},
            ],
        },
        "status": {"currentReplicas": 4, "currentMetrics": [
            {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 140, "averageValue": "1400m"}}},
            {"type": "Pods", "pods": {"metric": {"name": "queue_depth"}, "current": {"averageValue": "32"}}},
            {"type": "Object", "object": {"metric": {"name": "hits"}, "current": {"value": "500"}}},
        ]},
    })
}

#[test]
fn what_was_not_named_stays() {
    let wanted = Wanted { most: Some(20), utilisation: vec![("cpu", 60)], ..Wanted::default() };
    let after = changed(&autoscaler(), &wanted);
    let mut expected = autoscaler();
    expected["spec"]["maxReplicas"] = json!(20);
    expected["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] = json!(60);
    assert_eq!(after, expected);
    assert_eq!(changed(&autoscaler(), &Wanted::default()), autoscaler());
}

#[test]
fn a_metric_keeps_its_kind_of_target_and_an_unknown_one_is_added() {
    let metrics = vec![("hits".to_owned(), "2k".to_owned()), ("tenants".to_owned(), "5".to_owned())];
    let after = changed(&autoscaler(), &Wanted { utilisation: vec![("memory", 80)], metrics, ..Wanted::default() });
    let metrics = &after["spec"]["metrics"];
    assert_eq!(metrics[2]["object"]["target"], json!({"type": "Value", "value": "2k"}));
    assert_eq!(metrics[3]["resource"]["name"], "memory");
    assert_eq!(metrics[4]["pods"]["target"], json!({"type": "AverageValue", "averageValue": "5"}));
}

#[test]
fn the_metric_that_asks_for_the_most_decides_within_the_bounds() {
    let decision = decided(&autoscaler());
    let wanted: Vec<i64> = decision.by_metric.iter().map(|it| it.1).collect();
    assert_eq!((wanted, decision.replicas), (vec![8, 4, 2], Some(8)), "near a target, the number stays");
    let said = decision.note().expect("a note").text;
    assert!(
        said.starts_with("by the metrics of now it would want 8 replicas, between 2 and 10: cpu 140% of 70%"),
        "{said}"
    );
    let bounded = decided(&changed(&autoscaler(), &Wanted { most: Some(5), ..Wanted::default() }));
    assert_eq!(bounded.replicas, Some(5));
}

#[test]
fn without_metrics_it_says_why() {
    let mut blind = autoscaler();
    blind["status"] = json!({"currentReplicas": 4, "conditions": [
        {"type": "ScalingActive", "status": "False", "message": "no metrics returned"},
    ]});
    let note = decided(&blind).note().expect("a note");
    assert!(note.warns && note.text.contains("no metrics returned"), "{note:?}");
    assert_eq!(decided(&json!({})).note(), None, "a new one has no status");
}
