//! Statements about pods that fit on no node.

use super::specs::{counted, shown};
use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::scheduling::{Filter, Room, Stranded, Verdict, nearest_word, written};
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Node, Object, value_of};
use crate::view::View;
use std::collections::BTreeSet;

/// The owners whose pods one filter keeps from every node, one finding each.
pub(super) fn causes(view: &View<'_>, filter: Filter) -> Vec<Finding> {
    stranded_by(view, filter).map(|one| statement(one, filter, view)).collect()
}

/// The owners whose pods only lack room, by how the room compares with what they ask for.
pub(super) fn causes_of_room(view: &View<'_>, room: Room) -> Vec<Finding> {
    let filter = Filter::Resource;
    stranded_by(view, filter).filter(|one| one.replay.room == room).map(|one| statement(one, filter, view)).collect()
}

fn stranded_by<'v, 'a>(view: &'v View<'a>, filter: Filter) -> impl Iterator<Item = &'v Stranded<'a>> {
    view.stranded().iter().filter(move |one| one.verdict == Verdict::Filtered(filter))
}

fn statement(one: &Stranded<'_>, filter: Filter, view: &View<'_>) -> Finding {
    let pods = counted(&one.group.pods, view);
    let why = if one.is_explained(view) { reasons(one) } else { one.quoted(view) };
    let finding = Finding::new("", one.severity(view), one.owner().clone(), format!("{pods} cannot be placed: {why}"));
    let pod = one.group.first().reference();
    let finding = finding.evidence(&pod, "status.conditions[PodScheduled].message", &*one.message);
    let finding = remedies(particulars(finding, one, filter, view), one, filter);
    shown(finding, &one.group.pods).since(one.since)
}

/// How many nodes each requirement excludes, in words.
fn reasons(one: &Stranded<'_>) -> String {
    let all = one.replay.exclusions.len();
    let counts = one.replay.counts();
    let counted = counts.iter().map(|(filter, count)| {
        let (of_one, of_several) = said(*filter);
        let words = if *count == 1 { of_one } else { of_several };
        format!("{count} of {all} nodes {words}{}", particulars_of(one, *filter))
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// What a filter says of one node, and of several.
fn said(filter: Filter) -> (&'static str, &'static str) {
    match filter {
        Filter::Cordon => ("is cordoned", "are cordoned"),
        Filter::Condition => ("is ", "are "),
        Filter::Taint => ("has a taint that is not tolerated", "have taints that are not tolerated"),
        Filter::NodeSelector => {
            ("does not have the labels that are asked for", "do not have the labels that are asked for")
        }
        Filter::HostPort => ("has the host port taken", "have the host port taken"),
        Filter::MaxPods => ("holds as many pods as it may", "hold as many pods as they may"),
        Filter::Resource | Filter::ExtendedResource => ("lacks ", "lack "),
        Filter::Volume => ("cannot reach the volume", "cannot reach the volume"),
        Filter::Spread => ("would break the spread constraint", "would break the spread constraint"),
        Filter::PodAffinity => ("breaks the rules about other pods", "break the rules about other pods"),
    }
}

/// What stands behind the words of a filter that says what it stumbles over.
fn particulars_of(one: &Stranded<'_>, filter: Filter) -> String {
    match filter {
        Filter::Condition => conditions(one),
        Filter::Resource | Filter::ExtendedResource => lacking(one, filter),
        _ => String::new(),
    }
}

/// The conditions that keep new pods off nodes: `not ready or under disk pressure`.
fn conditions(one: &Stranded<'_>) -> String {
    let stumbled = one.replay.exclusions.iter().flat_map(|exclusion| &exclusion.obstacles);
    let taints = stumbled.filter(|it| it.filter == Filter::Condition).filter_map(|it| it.taint);
    let words: BTreeSet<String> = taints.map(|taint| condition(&taint.key)).collect();
    words.into_iter().collect::<Vec<_>>().join(" or ")
}

/// The condition that the node lifecycle controller has set a taint for, in words.
fn condition(key: &str) -> String {
    let name = key.strip_prefix("node.kubernetes.io/").unwrap_or(key);
    match name.strip_suffix("-pressure") {
        Some("pid") => "short of process ids".to_owned(),
        Some(resource) => format!("under {resource} pressure"),
        None if name == "network-unavailable" => "without network".to_owned(),
        None => name.replace('-', " "),
    }
}

/// The resources that nodes lack, with what is asked for and the most that is free: `cpu (64 asked, 8 free at most)`.
fn lacking(one: &Stranded<'_>, filter: Filter) -> String {
    let stumbled = one.replay.exclusions.iter().flat_map(|exclusion| &exclusion.obstacles);
    let names: BTreeSet<&str> = stumbled.filter(|it| it.filter == filter).map(|it| it.what.as_str()).collect();
    let words = names.into_iter().map(|name| {
        let asked = written(name, one.demand.request.get(name));
        match one.replay.largest.iter().find(|(resource, ..)| resource == name) {
            Some((_, free, node)) => {
                format!("{name} ({asked} asked, {} free at most, on {node})", written(name, *free))
            }
            None => format!("{name} ({asked} asked)"),
        }
    });
    words.collect::<Vec<_>>().join(" and ")
}

/// The fields that decide.
fn particulars(finding: Finding, one: &Stranded<'_>, filter: Filter, view: &View<'_>) -> Finding {
    let pod = one.group.first();
    let name = pod.reference();
    match filter {
        Filter::Resource | Filter::ExtendedResource => {
            one.replay.largest.iter().fold(finding, |finding, (resource, free, node)| {
                let asked = written(resource, one.demand.request.get(resource));
                let finding =
                    finding.evidence(&name, format!("spec.containers[*].resources.requests.{resource}"), asked);
                let free = format!("{} free", written(resource, *free));
                finding.evidence(&ObjectRef::cluster("Node", node), format!("status.allocatable.{resource}"), free)
            })
        }
        Filter::NodeSelector => unmatched(&pod.spec, view.all::<Node>()).into_iter().fold(finding, |finding, it| {
            let finding = finding.evidence(&name, it.field, format!("{}={}", it.key, it.value));
            match it.near {
                Some((node, near)) => finding.evidence(&node, "metadata.labels", format!("{near} (nearest)")),
                None => finding,
            }
        }),
        _ => match one.replay.example(filter) {
            Some((node, obstacle)) => finding.evidence(&node.reference(), field(filter), value(filter, &obstacle.what)),
            None => finding,
        },
    }
}

fn field(filter: Filter) -> &'static str {
    match filter {
        Filter::Cordon => "spec.unschedulable",
        Filter::Condition | Filter::Taint => "spec.taints",
        Filter::MaxPods => "status.allocatable.pods",
        Filter::HostPort => "host port",
        _ => "metadata.labels",
    }
}

fn value(filter: Filter, what: &str) -> String {
    match filter {
        Filter::Cordon => "true".to_owned(),
        Filter::MaxPods => format!("{what} pods are there"),
        Filter::HostPort => format!("{what} is taken"),
        Filter::Volume => format!("not among those of PersistentVolume {what}"),
        _ => what.to_owned(),
    }
}

/// A label that a pod requires and no node has.
struct Unmatched {
    field: &'static str,
    key: String,
    value: String,
    near: Option<(ObjectRef, String)>,
}

fn unmatched(spec: &PodSpec, nodes: &[Node]) -> Vec<Unmatched> {
    let selected =
        spec.node_selector.iter().map(|pair| ("spec.nodeSelector", pair.key.as_str(), vec![pair.value.as_str()]));
    let affinity = spec.affinity.as_ref().and_then(|it| it.node_affinity.as_ref()).and_then(|it| it.required.as_ref());
    let terms =
        affinity.into_iter().flat_map(|selector| &selector.node_selector_terms).flat_map(|it| &it.match_expressions);
    let listed = terms.filter(|it| it.operator == "In").map(|it| {
        ("spec.affinity.nodeAffinity", it.key.as_str(), it.values.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let wanted = selected.chain(listed);
    let unmatched = wanted.filter(|(_, key, values)| {
        !nodes.iter().any(|node| value_of(&node.metadata.labels, key).is_some_and(|it| values.contains(&it)))
    });
    unmatched
        .map(|(field, key, values)| Unmatched {
            field,
            key: key.to_owned(),
            value: values.join(" or "),
            near: near(key, values.first().copied().unwrap_or_default(), nodes),
        })
        .collect()
}

/// The label of a node that comes nearest: the same key with another value, or a key that differs by a typing error.
fn near(key: &str, value: &str, nodes: &[Node]) -> Option<(ObjectRef, String)> {
    let labels = || nodes.iter().flat_map(|node| node.metadata.labels.iter().map(move |pair| (node, pair)));
    let key = match labels().any(|(_, pair)| pair.key == key) {
        true => key,
        false => nearest_word(key, labels().map(|(_, pair)| pair.key.as_str()))?,
    };
    let values: BTreeSet<&str> =
        labels().filter(|(_, pair)| pair.key == key).map(|(_, pair)| pair.value.as_str()).collect();
    let nearest = nearest_word(value, values.iter().copied()).or_else(|| values.first().copied())?;
    let (node, _) = labels().find(|(_, pair)| pair.key == key && pair.value == nearest)?;
    Some((node.reference(), format!("{key}={nearest}")))
}

fn remedies(finding: Finding, one: &Stranded<'_>, filter: Filter) -> Finding {
    let pod = one.group.first();
    let finding = finding.look(format!("kubectl describe pod {} -n {}", pod.metadata.name, pod.metadata.namespace));
    let example = one.replay.example(filter).map(|(node, _)| node.metadata.name.as_str());
    match (filter, example) {
        (Filter::Cordon, Some(node)) => finding
            .look(format!("kubectl describe node {node}"))
            .change(format!("kubectl sre change uncordon {node} --dry-run")),
        (Filter::NodeSelector, _) => finding.look("kubectl get nodes --show-labels"),
        (Filter::Taint | Filter::Condition, Some(node)) => finding.look(format!("kubectl describe node {node}")),
        (Filter::Resource | Filter::ExtendedResource | Filter::MaxPods, _) => finding.look("kubectl describe nodes"),
        _ => finding.look("kubectl get nodes -o wide"),
    }
}
