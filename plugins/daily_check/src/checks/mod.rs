//! The checks, one file each. To add one: its file in the folder of its section, and one line in the table.

mod certificates;
mod control_plane;
mod coverage;
mod nodes;
mod pods;
mod quotas;
mod scaling;
mod services;
mod storage;
mod warnings;
mod workloads;

use sre_core::cause::CLASSES;
use sre_core::check::Check;

/// Every check, in the order of the report.
pub const CHECKS: &[Check] = &[
    control_plane::leader_is_gone::CHECK,
    nodes::node_is_not_ready::CHECK,
    nodes::kubelet_is_silent::CHECK,
    nodes::node_network_is_unavailable::CHECK,
    nodes::kernel_or_hardware_is_faulty::CHECK,
    nodes::node_filesystem_is_damaged::CHECK,
    nodes::runtime_or_kubelet_is_unhealthy::CHECK,
    nodes::heartbeat_has_stopped::CHECK,
    pods::image_cannot_be_pulled::CHECK,
    pods::container_cannot_be_configured::CHECK,
    pods::container_is_not_created::CHECK,
    pods::pod_cannot_be_placed::CHECK,
    pods::config_map_is_missing::CHECK,
    pods::secret_is_missing::CHECK,
    pods::claim_does_not_exist::CHECK,
    pods::service_account_is_missing::CHECK,
    pods::pull_secret_is_missing::CHECK,
    pods::priority_or_runtime_class_is_missing::CHECK,
    workloads::template_names_missing_configuration::CHECK,
    storage::claim_is_not_bound::CHECK,
    storage::claim_has_lost_its_volume::CHECK,
    storage::volume_cannot_be_provisioned::CHECK,
    storage::storage_class_is_missing::CHECK,
    storage::volume_is_on_another_node::CHECK,
    storage::volume_is_out_of_reach::CHECK,
    storage::driver_is_not_on_the_node::CHECK,
];

/// Every id that has a page: checks, and the cause classes that they draw from.
pub fn ids() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.id).chain(CLASSES.iter().map(|class| class.id)).collect()
}

/// The page of a check or a cause class.
pub fn page(id: &str) -> Option<String> {
    let check = CHECKS.iter().find(|check| check.id.eq_ignore_ascii_case(id));
    let of_check = |check: &Check| format!("{}  {}\n\n{}\n", check.id, check.title, check.page.trim());
    let class = CLASSES.iter().find(|class| class.id.eq_ignore_ascii_case(id));
    check.map(of_check).or_else(|| class.map(|class| format!("{}\n\n{}\n", class.id, class.page.trim())))
}
