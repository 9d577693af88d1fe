//! The cause classes, one file each; a class is added by its file and one line in each list here.

mod apiserver_unavailable;
mod apiservice_unavailable;
mod certificate_expired;
mod cni_ip_exhausted;
mod cni_plugin_failed;
mod controller_manager_unavailable;
mod coredns_unavailable;
mod etcd_unavailable;
mod failed_health;
mod image_auth;
mod image_not_found;
mod image_pull_failed;
mod image_pulls;
mod image_registry_unavailable;
mod ingress_controller_unavailable;
mod namespace_stuck_terminating;
mod node_kubelet_silent;
mod node_network_unavailable;
mod node_not_ready;
mod node_runtime_down;
mod node_system_fault;
mod pod_sandboxes;
mod scheduler_unavailable;
mod service_local_traffic_policy;
mod service_missing;
mod service_no_ready_endpoints;
mod service_port_mismatch;
mod service_selector_mismatch;
mod service_selector_too_broad;
mod tls_secret_invalid;
mod unready_nodes;
mod webhook_certificate_invalid;
mod webhook_unavailable;

use super::Class;

/// Every class, in the order of the vocabulary.
pub const CLASSES: &[Class] = &[
    image_not_found::CLASS,
    image_auth::CLASS,
    image_registry_unavailable::CLASS,
    image_pull_failed::CLASS,
    scheduler_unavailable::CLASS,
    namespace_stuck_terminating::CLASS,
    service_missing::CLASS,
    service_selector_mismatch::CLASS,
    service_selector_too_broad::CLASS,
    service_port_mismatch::CLASS,
    service_no_ready_endpoints::CLASS,
    service_local_traffic_policy::CLASS,
    ingress_controller_unavailable::CLASS,
    tls_secret_invalid::CLASS,
    certificate_expired::CLASS,
    coredns_unavailable::CLASS,
    cni_ip_exhausted::CLASS,
    cni_plugin_failed::CLASS,
    node_kubelet_silent::CLASS,
    node_not_ready::CLASS,
    node_runtime_down::CLASS,
    node_network_unavailable::CLASS,
    node_system_fault::CLASS,
    apiserver_unavailable::CLASS,
    etcd_unavailable::CLASS,
    controller_manager_unavailable::CLASS,
    apiservice_unavailable::CLASS,
    webhook_unavailable::CLASS,
    webhook_certificate_invalid::CLASS,
];
