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
    let title = match reasons(one) {
        words if words.is_empty() => format!("{pods} cannot be placed: {}", said(filter)),
        words => format!("{pods} cannot be placed: {words}"),
    };
    let finding = Finding::new("", one.severity(view), one.owner().clone(), title);
    let pod = one.group.first().reference();
    let finding = finding.evidence(&pod, "status.conditions[PodScheduled].message", &*one.message);
    let finding = remedies(particulars(finding, one, filter, view), one, filter);
    shown(finding, &one.group.pods).since(one.since)
}

/// How many nodes each requirement excludes, in words.
fn reasons(one: &Stranded<'_>) -> String {
    let all = one.replay.exclusions.len() + one.replay.takers.len();
    let counts = one.replay.counts();
    let counted = counts.iter().map(|(filter, count)| {
        let words = if matches!(filter, Filter::Resource | Filter::ExtendedResource) {
            lacking(one, *filter)
        } else {
            said(*filter).to_owned()
        };
        format!("{count} of {all} nodes {words}")
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// What a filter says of a node.
fn said(filter: Filter) -> &'static str {
    match filter {
        Filter::Cordon => "are cordoned",
        Filter::Condition => "are closed by their condition",
        Filter::Taint => "have a taint that is not tolerated",
        Filter::NodeSelector => "do not have the labels that are asked for",
        Filter::HostPort => "have the host port taken",
        Filter::MaxPods => "hold as many pods as they may",
        Filter::Resource => "have too little room",
        Filter::ExtendedResource => "do not have the device",
        Filter::Volume => "cannot reach the volume",
        Filter::Spread => "would break the spread constraint",
        Filter::PodAffinity => "break the rules about other pods",
    }
}

/// The resources that nodes lack, with what is asked for and the most that is free: `lack cpu (64 asked, 8 free at most)`.
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
    format!("lack {}", words.collect::<Vec<_>>().join(" and "))
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
            .change(format!("kubectl uncordon {node} --dry-run=server")),
        (Filter::NodeSelector, _) => finding.look("kubectl get nodes --show-labels"),
        (Filter::Taint | Filter::Condition, Some(node)) => finding.look(format!("kubectl describe node {node}")),
        (Filter::Resource | Filter::ExtendedResource | Filter::MaxPods, _) => finding.look("kubectl describe nodes"),
        _ => finding.look("kubectl get nodes -o wide"),
    }
}
