//! The cause classes, one file each; a class is added by its file and one line in each list here.

mod admission_policy_denied;
mod apiserver_unavailable;
mod apiservice_unavailable;
mod certificate_expired;
mod cni_ip_exhausted;
mod cni_plugin_failed;
mod config_key_missing;
mod config_kind_mismatch;
mod config_object_missing;
mod container_command_invalid;
mod container_exit_error;
mod container_exit_zero;
mod container_oom_killed;
mod container_runtime_error;
mod containers;
mod controller_manager_unavailable;
mod coredns_unavailable;
mod crash_unexplained;
mod cronjob_missed_runs;
mod csi_driver_not_registered;
mod csi_driver_unavailable;
mod etcd_unavailable;
mod extended_resource_unavailable;
mod failed_health;
mod host_port_conflict;
mod hpa_target_missing;
mod image_architecture_mismatch;
mod image_auth;
mod image_never_pull;
mod image_not_found;
mod image_pull_failed;
mod image_pull_secret_missing;
mod image_pulls;
mod image_reference_invalid;
mod image_registry_unavailable;
mod ingress_controller_unavailable;
mod init_container_failed;
mod init_container_waiting;
mod lifecycle_hook_failed;
mod limitrange_violation;
mod liveness_probe_kill;
mod namespace_stuck_terminating;
mod node_kubelet_silent;
mod node_network_unavailable;
mod node_not_ready;
mod node_runtime_down;
mod node_system_fault;
mod pdb_blocks_eviction;
mod pdb_overlap;
mod pod_creation_failed;
mod pod_creations;
mod pod_sandboxes;
mod pod_security_violation;
mod quota_exceeded;
mod rollout_not_progressing;
mod scheduler_unavailable;
mod service_local_traffic_policy;
mod service_missing;
mod service_no_ready_endpoints;
mod service_port_mismatch;
mod service_selector_mismatch;
mod service_selector_too_broad;
mod startup_probe_failed;
mod statefulset_ordinal_blocked;
mod tls_secret_invalid;
mod unready_nodes;
mod webhook_call_failed;
mod webhook_certificate_invalid;
mod webhook_unavailable;
mod workload_selector_mismatch;

pub use containers::is_made_good;
pub use pod_creations::refused_by_webhooks;
mod priorityclass_missing;
mod pvc_lost;
mod pvc_missing;
mod pvc_not_bound;
mod pvc_provisioning_failed;
mod pvc_pv_mismatch;
mod pvc_storageclass_missing;
mod runtimeclass_missing;
mod scheduling_gated;
mod serviceaccount_missing;
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

mod api_request_rejected;
mod autoscaler_cannot_add_node;
mod config_change_not_rolled_out;
mod container_permission_denied;
mod control_plane_unstable;
mod controller_ownership_conflict;
mod cpu_throttled;
mod crash_after_config_change;
mod custom_resource_not_ready;
mod daemonset_partial;
mod dependency_unavailable;
mod dns_policy_wrong;
mod dns_resolution_failed;
mod evicted_ephemeral_storage;
mod evidence_insufficient;
mod failed_jobs;
mod gateway_not_programmed;
mod hpa_at_max;
mod hpa_flapping;
mod hpa_manual_scaling_conflict;
mod hpa_metrics_unavailable;
mod image_tag_drift;
mod ingress_class_missing;
mod job_backoff_limit_exceeded;
mod job_deadline_exceeded;
mod kubelet_certificate_expired;
mod loadbalancer_provisioning_failed;
mod memory_limit_lowered;
mod mesh_control_plane_unavailable;
mod mesh_injection_missing;
mod mesh_policy_denied;
mod network_policy_blocks;
mod network_policy_blocks_dns;
mod network_unstable;
mod node_clock_skew;
mod node_disk_pressure;
mod node_drain;
mod node_flapping;
mod node_memory_pressure;
mod node_out_of_memory;
mod node_pid_pressure;
mod node_version_mismatch;
mod pod_preempted;
mod preemption_blocked;
mod pressure;
mod rollback_loop;
mod route_not_accepted;
mod shared_failure_domain;

pub use failed_jobs::why as why_job_failed;
mod pv_released;
mod pvc_wait_for_first_consumer;
mod rbac_forbidden;
mod readiness_gate_not_met;
mod readiness_probe_failed;
mod rollout_paused;
mod scaled_to_zero;
mod serviceaccount_token_invalid;
mod shm_full;
mod sidecar_keeps_job_running;
mod sidecar_start_blocked;
mod statefulset_update_held;
mod terminating_stuck;
mod volume_attach_limit;
mod volume_full;
mod volume_resize_incomplete;
mod volume_snapshot_failed;

mod own;

use super::Class;

/// Every class, in the order of the vocabulary; our own behind it.
pub const CLASSES: &[Class] = &[
    image_not_found::CLASS,
    image_auth::CLASS,
    image_pull_secret_missing::CLASS,
    image_registry_unavailable::CLASS,
    image_architecture_mismatch::CLASS,
    image_never_pull::CLASS,
    image_reference_invalid::CLASS,
    image_pull_failed::CLASS,
    container_command_invalid::CLASS,
    container_runtime_error::CLASS,
    lifecycle_hook_failed::CLASS,
    init_container_failed::CLASS,
    init_container_waiting::CLASS,
    container_oom_killed::CLASS,
    container_exit_error::CLASS,
    container_exit_zero::CLASS,
    liveness_probe_kill::CLASS,
    startup_probe_failed::CLASS,
    scheduler_unavailable::CLASS,
    namespace_stuck_terminating::CLASS,
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
    crash_unexplained::CLASS,
    rollout_not_progressing::CLASS,
    workload_selector_mismatch::CLASS,
    statefulset_ordinal_blocked::CLASS,
    hpa_target_missing::CLASS,
    cronjob_missed_runs::CLASS,
    pdb_blocks_eviction::CLASS,
    pdb_overlap::CLASS,
    admission_policy_denied::CLASS,
    webhook_call_failed::CLASS,
    pod_security_violation::CLASS,
    limitrange_violation::CLASS,
    quota_exceeded::CLASS,
    pod_creation_failed::CLASS,
    serviceaccount_missing::CLASS,
    priorityclass_missing::CLASS,
    runtimeclass_missing::CLASS,
    api_request_rejected::CLASS,
    autoscaler_cannot_add_node::CLASS,
    config_change_not_rolled_out::CLASS,
    container_permission_denied::CLASS,
    control_plane_unstable::CLASS,
    controller_ownership_conflict::CLASS,
    cpu_throttled::CLASS,
    custom_resource_not_ready::CLASS,
    daemonset_partial::CLASS,
    dependency_unavailable::CLASS,
    dns_policy_wrong::CLASS,
    dns_resolution_failed::CLASS,
    evicted_ephemeral_storage::CLASS,
    hpa_at_max::CLASS,
    hpa_manual_scaling_conflict::CLASS,
    hpa_metrics_unavailable::CLASS,
    image_tag_drift::CLASS,
    ingress_class_missing::CLASS,
    kubelet_certificate_expired::CLASS,
    loadbalancer_provisioning_failed::CLASS,
    mesh_control_plane_unavailable::CLASS,
    mesh_injection_missing::CLASS,
    mesh_policy_denied::CLASS,
    network_policy_blocks::CLASS,
    network_policy_blocks_dns::CLASS,
    network_unstable::CLASS,
    node_clock_skew::CLASS,
    node_memory_pressure::CLASS,
    node_disk_pressure::CLASS,
    node_pid_pressure::CLASS,
    node_drain::CLASS,
    node_version_mismatch::CLASS,
    pod_preempted::CLASS,
    preemption_blocked::CLASS,
    pv_released::CLASS,
    pvc_wait_for_first_consumer::CLASS,
    rbac_forbidden::CLASS,
    readiness_gate_not_met::CLASS,
    readiness_probe_failed::CLASS,
    rollout_paused::CLASS,
    scaled_to_zero::CLASS,
    serviceaccount_token_invalid::CLASS,
    shm_full::CLASS,
    sidecar_keeps_job_running::CLASS,
    sidecar_start_blocked::CLASS,
    statefulset_update_held::CLASS,
    terminating_stuck::CLASS,
    volume_attach_limit::CLASS,
    volume_full::CLASS,
    volume_resize_incomplete::CLASS,
    volume_snapshot_failed::CLASS,
    crash_after_config_change::CLASS,
    gateway_not_programmed::CLASS,
    hpa_flapping::CLASS,
    job_backoff_limit_exceeded::CLASS,
    job_deadline_exceeded::CLASS,
    memory_limit_lowered::CLASS,
    node_flapping::CLASS,
    node_out_of_memory::CLASS,
    rollback_loop::CLASS,
    route_not_accepted::CLASS,
    shared_failure_domain::CLASS,
    evidence_insufficient::CLASS,
    own::credentials_refused::CLASS,
    own::data_corrupted::CLASS,
    own::database_connections_exhausted::CLASS,
    own::database_locked::CLASS,
    own::desktop_application_crash::CLASS,
    own::error_rate_high::CLASS,
    own::event_loop_blocked::CLASS,
    own::kubeconfig_missing::CLASS,
    own::memory_growing::CLASS,
    own::memory_near_limit::CLASS,
    own::open_files_exhausted::CLASS,
    own::port_in_use::CLASS,
    own::process_memory_exhausted::CLASS,
    own::provider_key_refused::CLASS,
    own::provider_limit_reached::CLASS,
    own::queries_slow::CLASS,
    own::response_slow::CLASS,
    own::storage_slow::CLASS,
    own::websocket_refused::CLASS,
];
