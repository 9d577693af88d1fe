//! The measurements of the day in short: what nodes and pods use now, by metrics.k8s.io.

use super::capacity::unit;
use super::{Row, Source};
use sre_core::check::Sight;
use sre_core::slim::usage::{NodeMetrics, PodMetrics};
use sre_core::slim::{Kind, Node, Object, amount_of};
use sre_core::snapshot::ReadState;
use sre_core::units::Amount;
use sre_core::view::View;
use std::cmp::Reverse;

/// Pods that are named for each resource.
const NAMED: usize = 3;

pub(super) const SOURCE: Source = Source {
    id: "usage",
    title: "Used now",
    sights: &[Sight::Of(Kind::NodeMetrics), Sight::Of(Kind::PodMetrics), Sight::Of(Kind::Node)],
    queries: &[],
    section: None,
    is_shown: |_| true,
    rows: |view, _| {
        if matches!(view.snapshot.coverage.state(Sight::Of(Kind::NodeMetrics)), ReadState::NotInstalled) {
            return vec![Row::fact("metrics.k8s.io is not installed (metrics-server): nobody measures what is used")];
        }
        let of = |resource| [total(view, resource).into_iter().collect(), largest(view, resource)].concat();
        ["cpu", "memory"].into_iter().flat_map(of).collect()
    },
};

/// What all nodes that were measured use of what they offer.
fn total(view: &View<'_>, resource: &str) -> Option<Row> {
    let (mut used, mut offered, mut nodes) = (Amount::default(), Amount::default(), 0);
    for metrics in view.all::<NodeMetrics>() {
        let node = view.get::<Node>("", &metrics.metadata.name);
        let share = node.and_then(|node| {
            Some((amount_of(&metrics.usage, resource)?, amount_of(&node.status.allocatable, resource)?))
        });
        if let Some((now, most)) = share {
            used += now;
            offered += most;
            nodes += 1;
        }
    }
    let share = used.share_of(offered)? * 100.0;
    let (used, offered) = (written(resource, used), written(resource, offered));
    Some(Row::fact(format!("{resource}: {used} of {offered} ({share:.0} %) on {nodes} nodes")))
}

/// The pods that use most.
fn largest(view: &View<'_>, resource: &str) -> Vec<Row> {
    let amount = |pod: &PodMetrics| {
        let containers = pod.containers.iter().filter_map(|it| amount_of(&it.usage, resource));
        containers.fold(Amount::default(), |mut sum, amount| {
            sum += amount;
            sum
        })
    };
    let mut pods: Vec<(Amount, &PodMetrics)> = view.all::<PodMetrics>().iter().map(|pod| (amount(pod), pod)).collect();
    pods.sort_by_key(|(amount, pod)| (Reverse(*amount), pod.reference()));
    let used = pods.into_iter().filter(|(amount, _)| *amount > Amount::ZERO).take(NAMED);
    let row = |(amount, pod): (Amount, &PodMetrics)| {
        let object = sre_core::object::ObjectRef::namespaced("Pod", &pod.metadata.namespace, &pod.metadata.name);
        Row::of(None, object, format!("uses {} of {resource}", written(resource, amount)))
    };
    used.map(row).collect()
}

fn written(resource: &str, amount: Amount) -> String {
    let (unit, whole) = unit(resource);
    format!("{:.2} {unit}", amount.share_of(whole).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn what_nodes_and_pods_use_is_added_up() {
        let snapshot = Scenario::captured("NOD-09").snapshot();
        let rows = (SOURCE.rows)(&View::new(&snapshot), None);
        assert!(rows.iter().any(|row| row.text.starts_with("memory: ") && row.text.ends_with(" nodes")), "{rows:#?}");
    }

    #[test]
    fn that_nobody_measures_is_said() {
        let scenario = Scenario::captured("POD-02").state(Sight::Of(Kind::NodeMetrics), ReadState::NotInstalled);
        let rows = (SOURCE.rows)(&View::new(&scenario.snapshot()), None);
        assert!(rows.len() == 1 && rows[0].text.starts_with("metrics.k8s.io is not installed"), "{rows:#?}");
    }

    #[test]
    fn where_nothing_was_measured_nothing_is_said() {
        let snapshot = Scenario::captured("POD-02").snapshot();
        assert_eq!((SOURCE.rows)(&View::new(&snapshot), None), []);
    }
}
