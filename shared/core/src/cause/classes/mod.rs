//! The cause classes, one file each; a class is added by its file and one line in each list here.

mod cni_plugin_failed;
mod config_key_missing;
mod config_kind_mismatch;
mod config_object_missing;
mod controller_manager_unavailable;
mod csi_driver_not_registered;
mod csi_driver_unavailable;
mod extended_resource_unavailable;
mod host_port_conflict;
mod image_auth;
mod image_not_found;
mod image_pull_failed;
mod image_pull_secret_missing;
mod image_pulls;
mod image_registry_unavailable;
mod node_kubelet_silent;
mod node_network_unavailable;
mod node_not_ready;
mod node_runtime_down;
mod node_system_fault;
mod priorityclass_missing;
mod pvc_lost;
mod pvc_missing;
mod pvc_not_bound;
mod pvc_provisioning_failed;
mod pvc_pv_mismatch;
mod pvc_storageclass_missing;
mod runtimeclass_missing;
mod scheduler_unavailable;
mod scheduling_gated;
mod serviceaccount_missing;
mod unready_nodes;
mod unschedulable_cordoned;
mod unschedulable_fragmented;
mod unschedulable_insufficient_resources;
mod unschedulable_max_pods;
mod unschedulable_node_selector;
mod unschedulable_pod_affinity;
mod unschedulable_request_too_large;
mod unschedulable_taint;
mod unschedulable_topology_spread;
mod volume_attach_failed;
mod volume_mount_failed;
mod volume_multi_attach;
mod volume_node_affinity_conflict;

use super::Class;

/// Every class, in the order of the vocabulary.
pub const CLASSES: &[Class] = &[
    image_not_found::CLASS,
    image_auth::CLASS,
    image_pull_secret_missing::CLASS,
    image_registry_unavailable::CLASS,
    image_pull_failed::CLASS,
    config_object_missing::CLASS,
    config_key_missing::CLASS,
    config_kind_mismatch::CLASS,
    unschedulable_insufficient_resources::CLASS,
    unschedulable_request_too_large::CLASS,
    unschedulable_fragmented::CLASS,
    unschedulable_node_selector::CLASS,
    unschedulable_taint::CLASS,
    unschedulable_cordoned::CLASS,
    unschedulable_pod_affinity::CLASS,
    unschedulable_topology_spread::CLASS,
    unschedulable_max_pods::CLASS,
    host_port_conflict::CLASS,
    extended_resource_unavailable::CLASS,
    scheduling_gated::CLASS,
    scheduler_unavailable::CLASS,
    pvc_storageclass_missing::CLASS,
    pvc_provisioning_failed::CLASS,
    pvc_missing::CLASS,
    pvc_not_bound::CLASS,
    pvc_lost::CLASS,
    pvc_pv_mismatch::CLASS,
    volume_node_affinity_conflict::CLASS,
    volume_multi_attach::CLASS,
    volume_attach_failed::CLASS,
    volume_mount_failed::CLASS,
    csi_driver_not_registered::CLASS,
    csi_driver_unavailable::CLASS,
    cni_plugin_failed::CLASS,
    node_kubelet_silent::CLASS,
    node_not_ready::CLASS,
    node_runtime_down::CLASS,
    node_network_unavailable::CLASS,
    node_system_fault::CLASS,
    controller_manager_unavailable::CLASS,
    serviceaccount_missing::CLASS,
    priorityclass_missing::CLASS,
    runtimeclass_missing::CLASS,
];
