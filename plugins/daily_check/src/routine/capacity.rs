//! How full the cluster is, by what pods request of what nodes offer.

use super::{Row, Source};
use sre_core::cause::specs::has_ended;
use sre_core::check::Sight;
use sre_core::object::ObjectRef;
use sre_core::scheduling::{Floor, Place, Resources, closed_by_condition, pod_request};
use sre_core::slim::{Kind, Pod};
use sre_core::units::Amount;
use sre_core::view::View;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Namespaces and nodes that are named.
const NAMED: usize = 5;

pub(super) const SOURCE: Source = Source {
    id: "capacity",
    title: "Capacity",
    sights: &[Sight::Of(Kind::Node), Sight::Of(Kind::Pod)],
    queries: &[],
    section: None,
    rows: |view, _| Some(rows(view)),
};

fn rows(view: &View<'_>) -> Vec<Row> {
    let floor = Floor::new(view);
    let requests = requests(view);
    let mut rows = Vec::new();
    for resource in ["cpu", "memory"] {
        let is_open = |place: &&Place<'_>| !place.node.spec.unschedulable && !closed_by_condition(place.node);
        let open = floor.places.iter().filter(is_open);
        let (mut offered, mut used) = (Amount::default(), Amount::default());
        for place in open {
            offered += place.offered(resource);
            used += place.used.get(resource);
        }
        if let Some(share) = used.share_of(offered) {
            let (used, offered) = (in_unit(resource, used), in_unit(resource, offered));
            let unit = unit(resource).0;
            rows.push(Row::fact(format!("{resource}: {used} of {offered} {unit} requested ({:.0} %)", share * 100.0)));
        }
        rows.extend(fullest(&floor, resource));
        rows.extend(hungriest(&requests, resource));
    }
    rows
}

/// What people count a resource in, and how much of it that is.
pub(super) fn unit(resource: &str) -> (&'static str, Amount) {
    if resource == "memory" { ("GiB", Amount::whole(1 << 30)) } else { ("cores", Amount::whole(1)) }
}

fn in_unit(resource: &str, amount: Amount) -> String {
    format!("{:.1}", amount.share_of(unit(resource).1).unwrap_or_default())
}

fn fullest(floor: &Floor<'_>, resource: &str) -> Option<Row> {
    let share = |place: &&Place<'_>| place.used.get(resource).share_of(place.offered(resource));
    let fullest = floor.places.iter().filter_map(|place| Some((share(&place)?, place)));
    let (share, place) = fullest.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let node = ObjectRef::cluster("Node", &place.node.metadata.name);
    Some(Row::of(None, node, format!("is the fullest by {resource}: {:.0} %", share * 100.0)))
}

/// What the pods of each namespace request together.
fn requests<'a>(view: &View<'a>) -> BTreeMap<&'a str, Resources> {
    let mut namespaces: BTreeMap<&str, Resources> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| !has_ended(pod)) {
        namespaces.entry(&pod.metadata.namespace).or_default().add(&pod_request(&pod.spec));
    }
    namespaces
}

/// The namespaces that request most.
fn hungriest(namespaces: &BTreeMap<&str, Resources>, resource: &str) -> Vec<Row> {
    let mut sorted: Vec<(&str, Amount)> =
        namespaces.iter().map(|(name, resources)| (*name, resources.get(resource))).collect();
    sorted.retain(|(_, amount)| *amount > Amount::ZERO);
    sorted.sort_by_key(|(name, amount)| (Reverse(*amount), *name));
    let row = |(name, amount): (&str, Amount)| {
        Row::of(
            None,
            ObjectRef::cluster("Namespace", name),
            format!("requests {} {} of {resource}", in_unit(resource, amount), unit(resource).0),
        )
    };
    sorted.into_iter().take(NAMED).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn requests_are_told_against_what_nodes_offer() {
        let snapshot = Scenario::captured("GAP-110").snapshot();
        let told: Vec<String> = rows(&View::new(&snapshot)).into_iter().map(|row| row.text).collect();
        assert!(told[0].starts_with("cpu: ") && told[0].ends_with(" %)"), "{told:?}");
        assert!(told.iter().any(|text| text.starts_with("is the fullest by memory")), "{told:?}");
        assert!(told.iter().any(|text| text.starts_with("requests ")), "{told:?}");
    }

    #[test]
    fn without_nodes_nothing_is_said_of_them() {
        let snapshot = Scenario::captured("CFG-14").snapshot();
        let told: Vec<String> = rows(&View::new(&snapshot)).into_iter().map(|row| row.text).collect();
        assert!(told.iter().all(|text| !text.contains('%')), "{told:?}");
    }
}
