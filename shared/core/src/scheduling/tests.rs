//! Clusters in miniature, and what the nodes say.

use super::*;
use crate::check::Sight;
use crate::slim::{KINDS, Kind, Pool};
use crate::snapshot::{Encoded, ReadState, Snapshot, decode_into};
use crate::view::View;

/// A cluster of objects in JSON, each with its kind before it.
fn cluster(objects: &[(Kind, &str)]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for (kind, text) in objects {
        decode_into(*kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default()).unwrap();
    }
    snapshot.objects.sort();
    for row in KINDS {
        snapshot.coverage.record(Sight::Of(row.kind), ReadState::Read { count: 1 });
    }
    snapshot
}

fn node(name: &str, spec: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","labels":{{"zone":"{name}","disk":"ssd"}}}},"spec":{{{spec}}},
            "status":{{"allocatable":{{"cpu":"4","memory":"8Gi","pods":"3"}}}}}}"#
    )
}

fn placed(name: &str, node: &str, spec: &str) -> String {
    let spec = if spec.is_empty() { String::new() } else { format!(",{spec}") };
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","labels":{{"app":"a"}}}},
            "spec":{{"nodeName":"{node}"{spec}}},"status":{{"phase":"Running"}}}}"#
    )
}

fn waiting(spec: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"z","namespace":"n","labels":{{"app":"a"}}}},"spec":{{{spec}}},
            "status":{{"phase":"Pending","conditions":[{{"type":"PodScheduled","status":"False",
                "reason":"Unschedulable","message":"0/2 nodes are available"}}]}}}}"#
    )
}

fn asks(cpu: &str) -> String {
    format!(r#""containers":[{{"name":"c","resources":{{"requests":{{"cpu":"{cpu}"}}}}}}]"#)
}

/// What the nodes of a cluster say to the pod that waits.
fn said(objects: &[(Kind, &str)]) -> (Vec<(Filter, usize)>, Option<Filter>, Room) {
    let snapshot = cluster(objects);
    let view = View::new(&snapshot);
    let stranded = &view.stranded()[0];
    (stranded.replay.counts(), stranded.replay.decisive(), stranded.replay.room)
}

#[test]
fn a_pod_that_fits_has_takers_and_no_verdict() {
    let (counts, decisive, _) = said(&[(Kind::Node, &node("a", "")), (Kind::Pod, &waiting(&asks("4")))]);
    assert_eq!((counts, decisive), (vec![], None));
}

#[test]
fn room_is_too_little_scattered_or_never_enough() {
    let (a, b) = (node("a", ""), node("b", ""));
    let (full, half) = (placed("p", "a", &asks("3")), placed("q", "b", &asks("2")));
    let nodes = [(Kind::Node, a.as_str()), (Kind::Node, &b), (Kind::Pod, &full), (Kind::Pod, &half)];
    let of = |cpu: &str| said(&[&nodes[..], &[(Kind::Pod, &waiting(&asks(cpu)))]].concat());
    assert_eq!(of("2500m"), (vec![(Filter::Resource, 2)], Some(Filter::Resource), Room::Fragmented));
    assert_eq!(of("4").2, Room::TooLittle);
    assert_eq!(of("5").2, Room::NeverEnough);
    assert_eq!(of("2").1, None, "node b has two left");
}

#[test]
fn the_largest_free_node_is_named() {
    let half = placed("q", "b", &asks("2"));
    let other = placed("p", "a", &asks("3"));
    let snapshot = cluster(&[
        (Kind::Node, &node("a", "")),
        (Kind::Node, &node("b", "")),
        (Kind::Pod, &half),
        (Kind::Pod, &other),
        (Kind::Pod, &waiting(&asks("3"))),
    ]);
    let view = View::new(&snapshot);
    let (resource, amount, node) = &view.stranded()[0].replay.largest[0];
    assert_eq!((resource.as_str(), written("cpu", *amount).as_str(), *node), ("cpu", "2", "b"));
}

#[test]
fn cordons_taints_and_labels_exclude() {
    let taint = r#""taints":[{"key":"team","value":"x","effect":"NoSchedule"}]"#;
    let objects = [(Kind::Node, &*node("a", r#""unschedulable":true"#)), (Kind::Node, &*node("b", taint))];
    let of = |spec: &str| said(&[&objects[..], &[(Kind::Pod, &waiting(spec))]].concat());
    assert_eq!(of("").0, [(Filter::Cordon, 1), (Filter::Taint, 1)]);
    assert_eq!(of(r#""tolerations":[{"key":"team","operator":"Exists"}]"#).1, None);
    let (counts, decisive, _) = of(r#""nodeSelector":{"disk":"sdd"}"#);
    assert_eq!(counts, [(Filter::Cordon, 1), (Filter::Taint, 1), (Filter::NodeSelector, 2)]);
    assert_eq!(decisive, Some(Filter::NodeSelector));
}

#[test]
fn the_control_planes_own_taint_decides_only_where_there_is_nothing_else() {
    let control = node("a", r#""taints":[{"key":"node-role.kubernetes.io/control-plane","effect":"NoSchedule"}]"#);
    let pod = waiting(&asks("5"));
    let alone = said(&[(Kind::Node, &control), (Kind::Pod, &waiting(""))]);
    assert_eq!(alone.1, Some(Filter::Taint));
    let with_worker = said(&[(Kind::Node, &control), (Kind::Node, &node("b", "")), (Kind::Pod, &pod)]);
    assert_eq!(with_worker.1, Some(Filter::Resource));
}

#[test]
fn a_condition_is_told_from_a_taint() {
    let unready = node("a", r#""taints":[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]"#);
    assert_eq!(said(&[(Kind::Node, &unready), (Kind::Pod, &waiting(""))]).1, Some(Filter::Condition));
}

#[test]
fn nodes_hold_so_many_pods_and_host_ports_once() {
    let port = r#""containers":[{"name":"c","ports":[{"hostPort":80}]}]"#;
    let (a, taken) = (node("a", ""), placed("p", "a", port));
    assert_eq!(said(&[(Kind::Node, &a), (Kind::Pod, &taken), (Kind::Pod, &waiting(port))]).1, Some(Filter::HostPort));
    let udp = r#""containers":[{"name":"c","ports":[{"hostPort":80,"protocol":"UDP"}]}]"#;
    assert_eq!(said(&[(Kind::Node, &a), (Kind::Pod, &taken), (Kind::Pod, &waiting(udp))]).1, None);
    let three: Vec<String> = ["p", "q", "r"].iter().map(|name| placed(name, "a", "")).collect();
    let mut objects: Vec<(Kind, &str)> = three.iter().map(|pod| (Kind::Pod, pod.as_str())).collect();
    let pod = waiting("");
    objects.extend([(Kind::Node, a.as_str()), (Kind::Pod, &pod)]);
    assert_eq!(said(&objects).1, Some(Filter::MaxPods));
}

#[test]
fn pods_that_have_ended_take_no_room() {
    let ended = placed("p", "a", &asks("4")).replace("Running", "Succeeded");
    assert_eq!(said(&[(Kind::Node, &node("a", "")), (Kind::Pod, &ended), (Kind::Pod, &waiting(&asks("4")))]).1, None);
}

#[test]
fn an_extended_resource_that_no_node_offers_is_told_from_room() {
    let gpu = r#""containers":[{"name":"c","resources":{"requests":{"nvidia.com/gpu":"1"}}}]"#;
    assert_eq!(said(&[(Kind::Node, &node("a", "")), (Kind::Pod, &waiting(gpu))]).1, Some(Filter::ExtendedResource));
}

#[test]
fn anti_affinity_binds_both_sides() {
    let alone = r#""affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
        {"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"a"}}}]}}"#;
    let a = node("a", "");
    let there = |spec| said(&[(Kind::Node, &a), (Kind::Pod, &placed("p", "a", spec)), (Kind::Pod, &waiting(""))]).1;
    assert_eq!(there(alone), Some(Filter::PodAffinity), "the one that is there wants to be alone");
    assert_eq!(there(""), None);
    let mine = said(&[(Kind::Node, &a), (Kind::Pod, &placed("p", "a", "")), (Kind::Pod, &waiting(alone))]).1;
    assert_eq!(mine, Some(Filter::PodAffinity));
}

#[test]
fn the_first_of_a_group_may_go_anywhere() {
    let near = |app: &str| {
        format!(
            r#""affinity":{{"podAffinity":{{"requiredDuringSchedulingIgnoredDuringExecution":[
                {{"topologyKey":"zone","labelSelector":{{"matchLabels":{{"app":"{app}"}}}}}}]}}}}"#
        )
    };
    let of = |app| said(&[(Kind::Node, &node("a", "")), (Kind::Pod, &waiting(&near(app)))]).1;
    assert_eq!(of("a"), None);
    assert_eq!(of("b"), Some(Filter::PodAffinity));
}

#[test]
fn spread_constraints_count_domains() {
    let spread = |key: &str, unsatisfiable: &str| {
        format!(
            r#""topologySpreadConstraints":[{{"maxSkew":1,"topologyKey":"{key}","whenUnsatisfiable":"{unsatisfiable}",
                "labelSelector":{{"matchLabels":{{"app":"a"}}}}}}]"#
        )
    };
    let (a, b) = (node("a", ""), node("b", r#""unschedulable":true"#));
    let taken = placed("p", "a", "");
    let of = |spec: &str| said(&[(Kind::Node, &a), (Kind::Node, &b), (Kind::Pod, &taken), (Kind::Pod, &waiting(spec))]);
    assert_eq!(of(&spread("zone", "DoNotSchedule")).0, [(Filter::Cordon, 1), (Filter::Spread, 1)]);
    assert_eq!(of(&spread("rack", "DoNotSchedule")).0, [(Filter::Cordon, 1), (Filter::Spread, 2)]);
    assert_eq!(of(&spread("zone", "ScheduleAnyway")).1, None);
}

#[test]
fn a_bound_volume_ties_a_pod_to_its_place() {
    let volume = r#"{"metadata":{"name":"v"},"spec":{"nodeAffinity":{"required":{"nodeSelectorTerms":[
        {"matchExpressions":[{"key":"zone","operator":"In","values":["c"]}]}]}}}}"#;
    let claim = r#"{"metadata":{"name":"d","namespace":"n"},"spec":{"volumeName":"v"},"status":{"phase":"Bound"}}"#;
    let pod = waiting(r#""volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"d"}}]"#);
    let objects = [
        (Kind::Node, &*node("a", "")),
        (Kind::PersistentVolume, volume),
        (Kind::PersistentVolumeClaim, claim),
        (Kind::Pod, &*pod),
    ];
    assert_eq!(said(&objects).1, Some(Filter::Volume));
}

#[test]
fn a_claim_that_is_not_bound_comes_before_every_node() {
    let pod = waiting(r#""volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"d"}}]"#);
    let snapshot = cluster(&[(Kind::Node, &node("a", r#""unschedulable":true"#)), (Kind::Pod, &pod)]);
    let view = View::new(&snapshot);
    assert_eq!(view.stranded()[0].verdict, Verdict::Claims(vec!["d".to_owned()]));
}

/// How many more pods like one find a place, on which nodes, and what the nodes say to the next.
fn fitted(objects: &[(Kind, &str)], spec: &str, wanted: usize, without: &str) -> (Vec<String>, Vec<(Filter, usize)>) {
    let snapshot = cluster(objects);
    let view = View::new(&snapshot);
    let pod: crate::slim::Pod = crate::slim::from_json(waiting(spec).as_bytes()).unwrap();
    let fit = Fit::of(&pod, wanted, &view, Floor::new(&view).without(without));
    (fit.nodes.iter().map(|it| it.metadata.name.to_string()).collect(), fit.obstacles())
}

#[test]
fn more_pods_fit_as_far_as_there_is_room_also_with_a_node_less() {
    let (a, b) = (node("a", ""), node("b", ""));
    let full = placed("p", "a", &asks("3"));
    let objects = [(Kind::Node, a.as_str()), (Kind::Node, &b), (Kind::Pod, &full)];
    assert_eq!(fitted(&objects, &asks("1"), 2, ""), (vec!["b".to_owned(), "a".to_owned()], vec![]));
    let (nodes, obstacles) = fitted(&objects, &asks("1"), 9, "");
    assert_eq!((nodes.len(), obstacles), (4, vec![(Filter::MaxPods, 1), (Filter::Resource, 1)]), "{nodes:?}");
    let (nodes, obstacles) = fitted(&objects, &asks("2"), 2, "b");
    assert_eq!((nodes.len(), obstacles), (0, vec![(Filter::Resource, 1)]), "node a has one left");
}

#[test]
fn pods_that_avoid_each_other_or_must_be_spread_are_placed_so() {
    let (a, b) = (node("a", ""), node("b", ""));
    let nodes = [(Kind::Node, a.as_str()), (Kind::Node, &b)];
    let selector = r#""labelSelector":{"matchLabels":{"app":"a"}},"topologyKey":"zone""#;
    let alone = format!(
        r#""affinity":{{"podAntiAffinity":{{"requiredDuringSchedulingIgnoredDuringExecution":[{{{selector}}}]}}}}"#
    );
    assert_eq!(fitted(&nodes, &alone, 3, ""), (vec!["a".to_owned(), "b".to_owned()], vec![(Filter::PodAffinity, 2)]));
    let spread = format!(
        r#""topologySpreadConstraints":[{{"maxSkew":1,"whenUnsatisfiable":"DoNotSchedule",{selector}}}],{}"#,
        asks("1")
    );
    let held = placed("p", "a", &asks("3"));
    let objects = [&nodes[..], &[(Kind::Pod, held.as_str())]].concat();
    assert_eq!(fitted(&objects, &spread, 2, "").0, ["b", "a"], "b first, for a has one already");
}
