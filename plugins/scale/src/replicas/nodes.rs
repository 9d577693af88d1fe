//! Whether the pods find a place on the nodes, and would with one node less.

use super::{Seen, Span, more_pods, unread};
use sre_core::plan::Note;
use sre_core::scheduling::{Filter, Fit, Floor};
use sre_core::slim::{Kind, Node, Pod};
use std::collections::BTreeMap;

/// What is to be known of it.
pub(crate) fn notes(seen: &Seen<'_>, pod: Option<&Pod>, span: Span) -> Vec<Note> {
    let Some(pod) = pod else {
        return vec![Note::warning("nothing shows what its pods are like: whether they fit on the nodes is not known")];
    };
    let view = seen.view;
    if !view.knows(Kind::Node, "") || !view.knows(Kind::Pod, "") {
        return vec![unread("all pods and nodes", "whether the pods fit on the nodes")];
    }
    let own = seen.pods();
    let waiting = own.iter().filter(|it| it.node_name.is_empty()).count();
    let more = usize::try_from(span.more()).unwrap_or(0) + waiting;
    let fit = Fit::of(pod, more, view, Floor::new(view));
    if fit.nodes.len() < more {
        return vec![Note::warning(format!(
            "{} of {more} more pods find no place on the {} nodes{}, unless nodes are added",
            more - fit.nodes.len(),
            view.all::<Node>().len(),
            said(&fit.obstacles()),
        ))];
    }
    let mut notes = vec![Note::remark(format!("the nodes have room for {}", more_pods(span.more() + waiting as i64)))];
    notes.extend(with_one_less(seen, pod, &own, &fit));
    notes
}

/// What happens when the node is gone that holds the most of them.
fn with_one_less(seen: &Seen<'_>, pod: &Pod, own: &[&Pod], fit: &Fit<'_>) -> Option<Note> {
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    let placed = own.iter().map(|it| it.node_name.as_str()).filter(|it| !it.is_empty());
    for node in placed.chain(fit.nodes.iter().map(|it| it.metadata.name.as_str())) {
        *held.entry(node).or_default() += 1;
    }
    let (node, lost) = held.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name)))?;
    let there = own.iter().filter(|it| it.node_name == **node).count();
    // Those that go elsewhere, and the new ones, look for places on the other nodes.
    let wanted = fit.nodes.len() + there;
    let without = Fit::of(pod, wanted, seen.view, Floor::new(seen.view).without(node));
    let homeless = wanted - without.nodes.len();
    Some(if homeless == 0 {
        Note::remark(format!("they fit with one node less too ({node}, which would hold {lost} of them)"))
    } else {
        Note::warning(format!(
            "without node {node}, which would hold {lost} of them, {homeless} find no place{}",
            said(&without.obstacles())
        ))
    })
}

fn said(obstacles: &[(Filter, usize)]) -> String {
    let words = obstacles.iter().map(|(filter, nodes)| format!("{nodes} {}", word(*filter)));
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() { String::new() } else { format!(" ({words})") }
}

fn word(filter: Filter) -> &'static str {
    match filter {
        Filter::Cordon => "cordoned",
        Filter::Condition => "in trouble",
        Filter::Taint => "tainted",
        Filter::NodeSelector => "not selected",
        Filter::HostPort => "with the host port taken",
        Filter::MaxPods => "with as many pods as they may hold",
        Filter::Resource | Filter::ExtendedResource => "with too little left",
        Filter::Volume => "beyond reach of the volume",
        Filter::Spread => "against the spread",
        Filter::PodAffinity => "against the affinity to other pods",
    }
}
