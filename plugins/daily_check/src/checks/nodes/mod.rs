//! Checks of the section `nodes`.

pub mod heartbeat_has_stopped;
pub mod kernel_or_hardware_is_faulty;
pub mod kubelet_cannot_clear_away;
pub mod kubelet_is_out_of_step;
pub mod kubelet_is_silent;
pub mod kubelet_versions_differ;
pub mod no_room_for_the_largest_node;
pub mod node_filesystem_is_damaged;
pub mod node_has_no_pod_range;
pub mod node_is_busy;
pub mod node_is_cordoned;
pub mod node_is_full_of_pods;
pub mod node_is_not_ready;
pub mod node_is_under_pressure;
pub mod node_network_is_unavailable;
pub mod node_reports_another_problem;
pub mod nodes_of_a_pool_differ;
pub mod runtime_or_kubelet_is_unhealthy;
pub mod system_runs_out_of_memory;

use sre_core::slim::{Event, Kind, Node};
use sre_core::view::View;
use std::collections::BTreeMap;

/// Where events about objects without a namespace are kept.
pub const EVENTS: &str = "default";

/// Older events say nothing of today; some servers keep them for many hours.
const RECENT_MINUTES: i64 = 2 * 60;

/// The recent events about nodes that are still there, by node.
fn events_about_nodes<'a>(view: &View<'a>, is_meant: fn(&Event) -> bool) -> BTreeMap<&'a str, Vec<&'a Event>> {
    let mut found: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in view.all::<Event>().iter().filter(|event| event.involved_object.kind == "Node" && is_meant(event)) {
        let node = event.involved_object.name.as_str();
        let is_recent = !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES);
        if is_recent && (view.get::<Node>("", node).is_some() || !view.knows(Kind::Node, "")) {
            found.entry(node).or_default().push(event);
        }
    }
    found
}
