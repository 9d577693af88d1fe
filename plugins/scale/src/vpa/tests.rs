use super::*;

fn autoscaler(spec: Value, status: Value) -> Value {
    let mut object = json!({
        "apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u"}, "spec": spec, "status": status,
    });
    object["spec"]["targetRef"] = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    object
}

fn pairs(words: &[(&str, &str)]) -> Vec<(String, String)> {
    words.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect()
}

#[test]
fn what_was_not_named_stays_and_each_container_has_one_policy() {
    let policies = json!([{"containerName": "app", "minAllowed": {"cpu": "50m"}, "controlledResources": ["cpu"]}]);
    let before = autoscaler(json!({"resourcePolicy": {"containerPolicies": policies}}), json!({}));
    let wanted = Wanted {
        mode: Some("Initial".to_owned()),
        container: Some("app".to_owned()),
        most: pairs(&[("cpu", "2")]),
        values: Some("RequestsOnly".to_owned()),
        excluded: vec!["proxy".to_owned()],
        without_injected: true,
        ..Wanted::default()
    };
    let after = changed(&before, &wanted, &["mesh".to_owned()]);
    assert_eq!(after["spec"]["updatePolicy"], json!({"updateMode": "Initial"}));
    assert_eq!(
        after["spec"]["resourcePolicy"]["containerPolicies"],
        json!([
            {"containerName": "app", "minAllowed": {"cpu": "50m"}, "controlledResources": ["cpu"],
             "maxAllowed": {"cpu": "2"}, "controlledValues": "RequestsOnly"},
            {"containerName": "proxy", "mode": "Off"},
            {"containerName": "mesh", "mode": "Off"},
        ])
    );
    assert_eq!(changed(&before, &Wanted::default(), &["mesh".to_owned()]), before);
    let for_all =
        changed(&autoscaler(json!({}), json!({})), &Wanted { least: pairs(&[("cpu", "1")]), ..Wanted::default() }, &[]);
    assert_eq!(for_all["spec"]["resourcePolicy"]["containerPolicies"][0]["containerName"], "*");
}

#[test]
fn a_minimum_over_the_maximum_is_refused_in_any_unit() {
    let bounded = |least: Value| {
        let policies = json!([{"containerName": "*", "minAllowed": {"cpu": least}, "maxAllowed": {"cpu": "1"}}]);
        in_order(&autoscaler(json!({"resourcePolicy": {"containerPolicies": policies}}), json!({})))
    };
    assert!(bounded(json!("1000m")).is_ok() && bounded(json!(1)).is_ok());
    assert!(bounded(json!("1100m")).expect_err("a refusal").why.contains("the minimum of cpu of container *"));
}

#[test]
fn the_recommendation_is_told_with_what_the_bounds_make_of_it() {
    let recommended = json!({"recommendation": {"containerRecommendations": [
        {"containerName": "app", "target": {"cpu": "3", "memory": "1Gi"}, "lowerBound": {"cpu": "2"}, "upperBound": {"cpu": "5"}},
        {"containerName": "proxy", "target": {"cpu": "10m"}},
    ]}});
    let policies = json!([
        {"containerName": "*", "maxAllowed": {"cpu": "2"}, "minAllowed": {"memory": "512Mi"}},
        {"containerName": "proxy", "mode": "Off"},
    ]);
    let spec = json!({"resourcePolicy": {"containerPolicies": policies}});
    let said: Vec<String> = advice::notes(&autoscaler(spec, recommended)).into_iter().map(|it| it.text).collect();
    assert_eq!(
        said,
        [
            "it recommends cpu=3,memory=1Gi for app now (from cpu=2 to cpu=5); with these bounds cpu=2",
            "it recommends cpu=10m for proxy now, and leaves proxy alone",
        ]
    );
    let blind = advice::notes(&autoscaler(json!({}), json!({})));
    assert!(blind[0].text.contains("nothing yet: no recommender has looked at it"), "{blind:?}");
}

#[test]
fn only_what_it_controls_can_be_fought_over() {
    let with = |policies: Value| autoscaler(json!({"resourcePolicy": {"containerPolicies": policies}}), json!({}));
    assert!(controls(&autoscaler(json!({}), json!({})), "cpu"));
    assert!(!controls(&with(json!([{"containerName": "*", "controlledResources": ["memory"]}])), "cpu"));
    assert!(!controls(&with(json!([{"containerName": "*", "mode": "Off"}])), "cpu"));
    assert!(controls(&with(json!([{"containerName": "*", "mode": "Off"}, {"containerName": "app"}])), "cpu"));
    let cpu = json!({"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}});
    let value = json!({"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}});
    let metrics = json!([{"type": "Resource", "resource": cpu}, {"type": "Resource", "resource": value}]);
    let horizontal = json!({"spec": {"metrics": metrics}});
    assert_eq!(measured(&horizontal).collect::<Vec<_>>(), ["cpu"]);
}
