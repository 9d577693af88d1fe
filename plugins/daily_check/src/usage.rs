//! What all nodes use together, as metrics.k8s.io tells it.

use serde::{Deserialize, Serialize};
use sre_core::slim::usage::NodeMetrics;
use sre_core::slim::{Node, amount_of};
use sre_core::units::Amount;
use sre_core::view::View;
use std::collections::BTreeMap;

/// What is looked at.
pub const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// What the nodes that were measured used at one time, to be kept for later runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// How many nodes were measured.
    pub nodes: usize,
    /// How much they used of each resource: cores, bytes.
    pub used: BTreeMap<String, f64>,
}

/// What all nodes that were measured use of a resource, and what they offer.
pub struct Total {
    /// How much they use.
    pub used: Amount,
    /// How much they offer.
    pub offered: Amount,
    /// How many they are.
    pub nodes: usize,
}

/// Adds up what is used now; none where nothing was measured.
pub fn total(view: &View<'_>, resource: &str) -> Option<Total> {
    let mut total = Total { used: Amount::ZERO, offered: Amount::ZERO, nodes: 0 };
    for metrics in view.all::<NodeMetrics>() {
        let node = view.get::<Node>("", &metrics.metadata.name);
        let offered = node.and_then(|node| amount_of(&node.status.allocatable, resource));
        if let Some((used, offered)) = amount_of(&metrics.usage, resource).zip(offered) {
            total.used += used;
            total.offered += offered;
            total.nodes += 1;
        }
    }
    (total.nodes > 0).then_some(total)
}

/// What is used now, as a later run wants to know it; none where nothing was measured.
pub fn now(view: &View<'_>) -> Option<Usage> {
    let totals = RESOURCES.iter().filter_map(|resource| Some((*resource, total(view, resource)?)));
    let totals: Vec<(&str, Total)> = totals.collect();
    let nodes = totals.iter().map(|(_, total)| total.nodes).max()?;
    let units = |total: &Total| total.used.share_of(Amount::whole(1)).unwrap_or_default();
    Some(Usage { nodes, used: totals.iter().map(|(resource, total)| ((*resource).to_owned(), units(total))).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn what_nodes_use_is_kept_in_cores_and_bytes() {
        let snapshot = Scenario::captured("NOD-09").snapshot();
        let usage = now(&View::new(&snapshot)).expect("measured");
        assert_eq!(usage.nodes, snapshot.all::<NodeMetrics>().len());
        assert!(usage.used["cpu"] > 0.0 && usage.used["memory"] > 1e6, "{usage:?}");
    }

    #[test]
    fn where_nothing_was_measured_nothing_is_kept() {
        assert_eq!(now(&View::new(&Scenario::captured("POD-02").snapshot())), None);
    }
}
