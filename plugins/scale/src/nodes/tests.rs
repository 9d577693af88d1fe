use super::discovery::Typed;
use super::*;
use serde_json::json;
use sre_core::plan::{Call, Expectation, Run, Step, Undo};
use sre_core::slim::Node;

fn place() -> Place {
    Place {
        group: "main".to_owned(),
        cluster: "shop".to_owned(),
        region: Some("eu-west-1".to_owned()),
        project: None,
        resource_group: Some("rg".to_owned()),
    }
}

/// As `aws eks describe-nodegroup` documents it.
fn eks(min: i64, max: i64, size: i64) -> Value {
    json!({"nodegroup": {
        "nodegroupName": "main", "clusterName": "shop", "status": "ACTIVE", "tags": {"Environment": "test"},
        "scalingConfig": {"minSize": min, "maxSize": max, "desiredSize": size},
    }})
}

fn around() -> Around {
    Around { going: None, moving: None, autoscalers: Vec::new(), is_of_eksctl: false }
}

fn wanted(size: i64) -> Wanted {
    Wanted { size, ..Wanted::default() }
}

fn planned(
    provider: Provider,
    answers: (&Value, Option<&Value>),
    around: &Around,
    wanted: &Wanted,
) -> Result<Planned, Refused> {
    let state = group::state(provider, answers.0, answers.1).expect("understood");
    let place = place();
    let probe = place.asks(provider);
    let probe = answers.1.and_then(|_| place.asks_zones(answers.0)).unwrap_or(probe);
    let answer = (answers.1.unwrap_or(answers.0), probe.as_slice());
    plan(&Seen { place: &place, provider, answer, state: &state, around }, wanted)
}

/// What is run, and what takes it back.
fn runs(step: &Step) -> (&Run, &Run) {
    let (Call::Run(run), Undo::Run(back)) = (&step.call, &step.undo) else { panic!("{step:#?}") };
    assert_eq!((run.forbidden(), back.forbidden()), (None, None));
    (run, back)
}

#[test]
fn a_managed_group_gets_its_size_with_both_bounds_and_back() {
    let (steps, _) = planned(Provider::Eks, (&eks(1, 5, 2), None), &around(), &wanted(4)).expect("a plan");
    let (run, back) = runs(&steps[0]);
    let head =
        "aws eks update-nodegroup-config --cluster-name shop --nodegroup-name main --region eu-west-1 --scaling-config";
    assert_eq!(run.typed(), format!("{head} minSize=1,maxSize=5,desiredSize=4 --output json"));
    assert_eq!(back.typed(), format!("{head} minSize=1,maxSize=5,desiredSize=2 --output json"));
    let probe = "eks describe-nodegroup --cluster-name shop --nodegroup-name main --region eu-west-1 --output json";
    assert_eq!((run.probe.join(" "), run.nodes.as_ref().map(|it| it.count)), (probe.to_owned(), Some(4)));
    assert_eq!(run.nodes.as_ref().map(|it| it.selector.as_str()), Some("eks.amazonaws.com/nodegroup=main"));
    let standing = |answer: &Value| steps[0].call.standing(&steps[0].object, Some(answer));
    use sre_core::plan::Standing::{After, Before, Otherwise};
    let mut busy = eks(1, 5, 4);
    busy["nodegroup"]["status"] = json!("UPDATING");
    let all = [eks(1, 5, 2), eks(1, 5, 4), eks(1, 6, 2), busy].map(|answer| standing(&answer));
    assert_eq!(all, [Before, After, Otherwise, Otherwise]);
    assert_eq!((u8::from(steps[0].tier), steps[0].expects), (1, Expectation::Fields));
    let (steps, _) = planned(Provider::Eks, (&eks(1, 5, 4), None), &around(), &wanted(4)).expect("a plan");
    assert!(steps.is_empty(), "it has that size");
}

#[test]
fn a_size_beyond_the_bounds_is_refused_unless_they_are_moved_with_it() {
    let refused = planned(Provider::Eks, (&eks(1, 5, 2), None), &around(), &wanted(8)).expect_err("refused");
    assert_eq!(
        (refused.why.as_str(), refused.hint.as_str()),
        ("the group main has at most 5 nodes, not 8", "move the bound in the same call: --max 8",)
    );
    let refused = planned(Provider::Eks, (&eks(2, 5, 2), None), &around(), &wanted(1)).expect_err("refused");
    assert!(refused.why.contains("at least 2 nodes, not 1") && refused.hint.ends_with("--min 1"), "{refused:?}");
    let moved = Wanted { max: Some(8), ..wanted(8) };
    let (steps, _) = planned(Provider::Eks, (&eks(1, 5, 2), None), &around(), &moved).expect("a plan");
    let (run, back) = runs(&steps[0]);
    assert!(run.typed().contains("minSize=1,maxSize=8,desiredSize=8"), "{}", run.typed());
    assert!(back.typed().contains("minSize=1,maxSize=5,desiredSize=2"), "{}", back.typed());
    let mut busy = eks(1, 5, 2);
    busy["nodegroup"]["status"] = json!("UPDATING");
    let refused = planned(Provider::Eks, (&busy, None), &around(), &wanted(3)).expect_err("refused");
    assert!(refused.why.contains("says UPDATING of itself"), "{refused:?}");
}

#[test]
fn a_group_of_eksctl_is_resized_by_eksctl_and_named_as_its_own() {
    let answer = json!([{"Cluster": "shop", "Name": "main", "MinSize": 1, "MaxSize": 3, "DesiredCapacity": 2, "Status": "ACTIVE", "Type": "managed"}]);
    let around = Around { is_of_eksctl: true, ..around() };
    let (steps, notes) = planned(Provider::Eksctl, (&answer, None), &around, &wanted(3)).expect("a plan");
    let typed =
        "eksctl scale nodegroup --cluster shop --name main --region eu-west-1 --nodes 3 --nodes-min 1 --nodes-max 3";
    assert_eq!(runs(&steps[0]).0.typed(), typed);
    assert!(notes.iter().any(|it| it.text.starts_with("eksctl made the group")), "{notes:?}");
}

#[test]
fn a_group_with_tags_of_terraform_is_named_as_such() {
    let mut answer = eks(1, 5, 2);
    answer["nodegroup"]["tags"] = json!({"ManagedBy": "Terraform"});
    let (_, notes) = planned(Provider::Eks, (&answer, None), &around(), &wanted(3)).expect("a plan");
    assert!(notes[0].warns && notes[0].text.contains("by its tag ManagedBy=Terraform"), "{notes:?}");
    let (_, notes) = planned(Provider::Eks, (&eks(1, 5, 2), None), &around(), &wanted(3)).expect("a plan");
    assert!(!notes[0].warns && notes[0].text.contains("need not mean"), "{notes:?}");
}

#[test]
fn a_pool_of_google_has_as_many_nodes_in_each_zone() {
    let urls = ["b", "a"].map(|zone| {
        format!("https://www.googleapis.com/compute/v1/projects/p/zones/{zone}/instanceGroupManagers/gke-main-{zone}")
    });
    let pool = json!({"name": "main", "status": "RUNNING", "initialNodeCount": 1, "instanceGroupUrls": urls});
    let zones = json!([{"name": "gke-main-a", "targetSize": 1}, {"name": "gke-main-b", "targetSize": 1}]);
    let (steps, _) = planned(Provider::Gke, (&pool, Some(&zones)), &around(), &wanted(4)).expect("a plan");
    let (run, back) = runs(&steps[0]);
    let typed = "gcloud container clusters resize shop --node-pool main --num-nodes 2 --location eu-west-1 --quiet";
    assert_eq!(run.typed(), typed);
    assert!(back.typed().contains("--num-nodes 1"));
    assert_eq!(run.probe[..6].join(" "), "compute instance-groups managed list --filter name=(gke-main-a gke-main-b)");
    let grown = json!([{"name": "gke-main-a", "targetSize": 2}, {"name": "gke-main-b", "targetSize": 2}]);
    let standing = |answer: &Value| steps[0].call.standing(&steps[0].object, Some(answer));
    assert_eq!(
        (standing(&zones), standing(&grown)),
        (sre_core::plan::Standing::Before, sre_core::plan::Standing::After)
    );
    let uneven = json!([{"name": "gke-main-a", "targetSize": 1}, {"name": "gke-main-b", "targetSize": 2}]);
    let (steps, _) = planned(Provider::Gke, (&pool, Some(&uneven)), &around(), &wanted(4)).expect("a plan");
    assert!(matches!(&steps[0].undo, Undo::None { why } if why.contains("different numbers")));
    let refused = planned(Provider::Gke, (&pool, Some(&zones)), &around(), &wanted(3)).expect_err("refused");
    assert_eq!(refused.hint, "ask for 2 or 4");
    let mut autoscaled = pool.clone();
    autoscaled["autoscaling"] = json!({"enabled": true, "maxNodeCount": 3});
    let refused = planned(Provider::Gke, (&autoscaled, Some(&zones)), &around(), &wanted(4)).expect_err("refused");
    let typed = "gcloud container clusters update shop --enable-autoscaling --node-pool main --total-min-nodes 4 --total-max-nodes 4 --location eu-west-1";
    assert!(refused.hint.ends_with(typed), "{refused:?}");
}

#[test]
fn a_pool_of_azure_is_scaled_unless_its_autoscaler_sets_the_size() {
    let pool =
        json!({"name": "main", "count": 2, "enableAutoScaling": false, "provisioningState": "Succeeded", "tags": null});
    let (steps, _) = planned(Provider::Aks, (&pool, None), &around(), &wanted(3)).expect("a plan");
    let typed =
        "az aks nodepool scale --resource-group rg --cluster-name shop --name main --node-count 3 --output json";
    assert_eq!(runs(&steps[0]).0.typed(), typed);
    let autoscaled =
        json!({"count": 2, "enableAutoScaling": true, "minCount": 1, "maxCount": 3, "provisioningState": "Succeeded"});
    let refused = planned(Provider::Aks, (&autoscaled, None), &around(), &wanted(5)).expect_err("refused");
    assert!(
        refused.why.contains("between 1 and 3") && refused.hint.contains("--update-cluster-autoscaler --min-count 5"),
        "{refused:?}"
    );
    assert!(group::state(Provider::Aks, &json!({}), None).expect_err("no count").contains("/count"));
}

fn pod(name: &str, controller: Option<&str>, more: Value) -> Value {
    let owners: Vec<Value> =
        controller.map(|kind| json!({"kind": kind, "name": "o", "controller": true})).into_iter().collect();
    let mut pod = json!({
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}, "ownerReferences": owners, "annotations": {}},
        "spec": {}, "status": {"phase": "Running"},
    });
    for (key, value) in more.as_object().expect("fields") {
        pod["metadata"]["annotations"][key] = value.clone();
    }
    pod
}

#[test]
fn what_is_in_the_way_of_nodes_that_go_is_named_first() {
    let mut scratch = pod("cache", Some("ReplicaSet"), json!({}));
    scratch["spec"]["volumes"] = json!([{"name": "tmp", "emptyDir": {}}]);
    let mut safe = scratch.clone();
    safe["metadata"]["name"] = json!("safe");
    safe["metadata"]["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"] = json!("tmp");
    let mut agent = scratch.clone();
    agent["metadata"]["ownerReferences"][0]["kind"] = json!("DaemonSet");
    let kept = pod("kept", Some("ReplicaSet"), json!({"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}));
    let budget = sre_core::disruption::Budget::of(&json!({
        "metadata": {"name": "kept", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "kept"}}},
        "status": {"disruptionsAllowed": 0, "expectedPods": 1, "desiredHealthy": 1},
    }));
    let node = json!({"metadata": {"name": "a", "annotations": {"cluster-autoscaler.kubernetes.io/scale-down-disabled": "true"}}});
    let pods = [pod("bare", None, json!({})), scratch, safe, agent, kept];
    let (notes, tier) = blockers::of_nodes(&[node], &pods, Some(&[budget]));
    let texts: Vec<&str> = notes.iter().map(|it| it.text.rsplit(": ").next().unwrap_or_default()).collect();
    assert_eq!(texts, ["shop/bare", "shop/cache", "shop/kept", "shop/kept", "a"], "{notes:#?}");
    assert_eq!(tier, Tier::Destructive);
    let (notes, tier) = blockers::of_nodes(&[], &[pod("web", Some("ReplicaSet"), json!({}))], None);
    assert!(notes.len() == 1 && notes[0].text.contains("could not be read") && tier == Tier::Disruptive);
    let around = Around {
        going: Some((notes, tier)),
        moving: Some((3, 1)),
        autoscalers: vec!["cluster-autoscaler (a/b)".to_owned()],
        ..around()
    };
    let (steps, notes) = planned(Provider::Eks, (&eks(1, 5, 2), None), &around, &wanted(1)).expect("a plan");
    assert_eq!(steps[0].tier, Tier::Disruptive);
    assert!(notes[0].text.contains("disruption budgets") && notes[1].text.contains("1 find no place"), "{notes:#?}");
    assert!(
        notes.last().is_some_and(|it| it.warns && it.text.starts_with("cluster-autoscaler (a/b) runs here")),
        "{notes:#?}"
    );
}

fn node(labels: Value) -> Node {
    serde_json::from_value(json!({"metadata": {"name": "a", "labels": labels}})).expect("a node")
}

#[test]
fn whose_group_it_is_is_found_where_it_is_clear() {
    let both = node(json!({"eks.amazonaws.com/nodegroup": "main", "alpha.eksctl.io/nodegroup-name": "main"}));
    let azure = node(json!({"kubernetes.azure.com/agentpool": "main"}));
    assert_eq!(discovery::provider(std::slice::from_ref(&both), "main"), Ok(Some(Provider::Eksctl)));
    assert_eq!(discovery::provider(std::slice::from_ref(&azure), "main"), Ok(Some(Provider::Aks)));
    assert_eq!(discovery::provider(&[], "main"), Ok(None));
    let (_, hint) = discovery::provider(&[both.clone(), azure], "main").expect_err("not clear");
    assert_eq!(hint, "say which is meant: --provider eks or --provider eksctl or --provider aks");
    let (why, _) = discovery::unknown(&[both], "other");
    assert!(why.contains("there are: main (eks), main (eksctl)"), "{why}");
}

#[test]
fn where_a_group_is_labels_and_contexts_tell_or_it_is_asked_for() {
    let at = |provider, context: Option<&str>, members: &[&Node], typed: &Typed| {
        discovery::place(provider, "main", members, context, typed)
    };
    let none = Typed::default();
    let arn = at(Provider::Eks, Some("arn:aws:eks:eu-west-1:111122223333:cluster/shop"), &[], &none).expect("a place");
    assert_eq!((arn.cluster.as_str(), arn.region.as_deref()), ("shop", Some("eu-west-1")));
    let eksctl = at(Provider::Eksctl, Some("jane@shop.us-east-2.eksctl.io"), &[], &none).expect("a place");
    assert_eq!((eksctl.cluster.as_str(), eksctl.region.as_deref()), ("shop", Some("us-east-2")));
    let gke = at(Provider::Gke, Some("gke_proj_europe-west4_shop_1"), &[], &none).expect("a place");
    assert_eq!(
        (gke.cluster.as_str(), gke.region.as_deref(), gke.project.as_deref()),
        ("shop_1", Some("europe-west4"), Some("proj"))
    );
    let labelled = node(json!({"alpha.eksctl.io/cluster-name": "shop", "topology.kubernetes.io/region": "eu-west-1"}));
    let labelled = at(Provider::Eksctl, Some("prod"), &[&labelled], &none).expect("a place");
    assert_eq!((labelled.cluster.as_str(), labelled.region.as_deref()), ("shop", Some("eu-west-1")));
    let (why, hint) = at(Provider::Eks, Some("prod"), &[], &none).expect_err("not told");
    assert!(
        why.contains("the name that the provider has for the cluster") && hint.contains("--cluster-name"),
        "{hint}"
    );
    let named = Typed { cluster: Some("shop".to_owned()), ..Typed::default() };
    assert!(at(Provider::Aks, None, &[], &named).expect_err("not told").1.contains("--resource-group"));
    assert!(at(Provider::Gke, None, &[], &named).expect_err("not told").1.contains("--region"));
}

fn machines(labels: Value, annotations: Value) -> Value {
    json!({
        "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment",
        "metadata": {"name": "md-0", "namespace": "clusters", "uid": "u", "labels": labels, "annotations": annotations},
        "spec": {"replicas": 2},
    })
}

fn of_machines(object: &Value, size: i64) -> Result<Planned, Refused> {
    cluster_api::plan(object, "machinedeployments", &[], None, &wanted(size))
}

#[test]
fn machines_are_scaled_through_the_api_unless_a_topology_makes_them() {
    let (steps, _) = of_machines(&machines(json!({}), json!({})), 3).expect("a plan");
    assert_eq!((steps[0].call.subresource(), steps[0].expects), (Some("scale"), Expectation::Ready));
    let (steps, notes) = of_machines(&machines(json!({}), json!({})), 1).expect("a plan");
    assert!(steps[0].tier == Tier::Disruptive && notes[0].text.contains("not seen here"), "{notes:?}");
    let labels = json!({
        "topology.cluster.x-k8s.io/owned": "", "cluster.x-k8s.io/cluster-name": "shop",
        "topology.cluster.x-k8s.io/deployment-name": "workers",
    });
    let refused = of_machines(&machines(labels, json!({})), 3).expect_err("refused");
    let expected = "set spec.topology.workers.machineDeployments[name=workers].replicas to 3 there: \
        kubectl edit clusters.cluster.x-k8s.io shop -n clusters";
    assert_eq!(refused.hint, expected);
    let bounds = json!({
        "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2",
        "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "4",
    });
    assert!(of_machines(&machines(json!({}), bounds.clone()), 5).expect_err("refused").why.contains("4 nodes at most"));
    assert!(
        of_machines(&machines(json!({}), bounds.clone()), 1).expect_err("refused").why.contains("2 nodes at least")
    );
    let (_, notes) = of_machines(&machines(json!({}), bounds), 3).expect("a plan");
    assert!(notes[0].warns && notes[0].text.contains("cluster autoscaler"), "{notes:?}");
}
