//! The checks, one file each. To add one: its file in the folder of its section, and one line in the table.

pub mod alerts;
pub mod asked;
mod certificates;
mod configuration;
mod control_plane;
mod coverage;
mod elsewhere;
mod endpoints;
mod nodes;
mod opinions;
mod pods;
mod quotas;
mod scaling;
mod services;
pub mod slo;
pub mod storage;
mod versions;
mod warnings;
mod workloads;

pub use configuration::workload_may_do_everything::allowing;
pub use elsewhere::set_apart;

use sre_core::cause::CLASSES;
use sre_core::check::Check;

/// Every check, in the order of the report.
pub const CHECKS: &[Check] = &[
    coverage::kind_was_not_seen::CHECK,
    coverage::events_reach_back_too_little::CHECK,
    control_plane::health_check_fails::CHECK,
    control_plane::aggregated_api_is_down::CHECK,
    control_plane::api_has_no_backend::CHECK,
    control_plane::ca_bundle_is_unfit::CHECK,
    control_plane::webhook_has_no_backend::CHECK,
    control_plane::leader_is_gone::CHECK,
    control_plane::namespace_cannot_go::CHECK,
    nodes::node_is_not_ready::CHECK,
    nodes::kubelet_is_silent::CHECK,
    nodes::node_network_is_unavailable::CHECK,
    nodes::kernel_or_hardware_is_faulty::CHECK,
    nodes::node_filesystem_is_damaged::CHECK,
    nodes::runtime_or_kubelet_is_unhealthy::CHECK,
    nodes::heartbeat_has_stopped::CHECK,
    nodes::node_is_under_pressure::CHECK,
    nodes::node_is_cordoned::CHECK,
    nodes::node_reports_another_problem::CHECK,
    nodes::node_is_full_of_pods::CHECK,
    nodes::node_is_busy::CHECK,
    nodes::no_room_for_the_largest_node::CHECK,
    nodes::kubelet_is_out_of_step::CHECK,
    nodes::kubelet_versions_differ::CHECK,
    nodes::nodes_of_a_pool_differ::CHECK,
    nodes::node_has_no_pod_range::CHECK,
    nodes::system_runs_out_of_memory::CHECK,
    nodes::kubelet_cannot_clear_away::CHECK,
    control_plane::helm_release_is_stuck::CHECK,
    control_plane::webhook_can_lock_the_cluster::CHECK,
    control_plane::webhook_hangs_on_one_pod::CHECK,
    control_plane::custom_objects_are_out_of_reach::CHECK,
    control_plane::custom_kind_is_not_accepted::CHECK,
    control_plane::certificate_request_waits::CHECK,
    control_plane::admission_policy_is_void::CHECK,
    control_plane::version_is_out_of_support::CHECK,
    control_plane::api_server_is_slow::CHECK,
    control_plane::target_is_not_measured::CHECK,
    pods::container_crashes::CHECK,
    pods::image_cannot_be_pulled::CHECK,
    pods::image_cannot_be_used::CHECK,
    pods::image_is_not_let_through::CHECK,
    pods::container_cannot_start::CHECK,
    pods::init_container_blocks::CHECK,
    pods::container_is_killed_for_memory::CHECK,
    pods::memory_kill_is_hidden::CHECK,
    pods::memory_is_near_its_limit::CHECK,
    pods::container_is_throttled::CHECK,
    pods::heap_is_large::CHECK,
    pods::container_is_killed_by_probe::CHECK,
    pods::image_is_for_another_platform::CHECK,
    warnings::warnings_pile_up::CHECK,
    alerts::alert_fires::CHECK,
    alerts::watchdog_is_silent::CHECK,
    alerts::alert_comes_and_goes::CHECK,
    slo::budget_is_used_up::CHECK,
    slo::budget_burns_fast::CHECK,
    endpoints::endpoint_is_not_healthy::CHECK,
    workloads::available_pods_are_missing::CHECK,
    workloads::rollout_has_stopped::CHECK,
    workloads::pods_cannot_be_created::CHECK,
    workloads::selector_does_not_match_own_pods::CHECK,
    workloads::service_account_of_template_is_missing::CHECK,
    workloads::ordinal_blocks_the_next::CHECK,
    workloads::governing_service_is_missing::CHECK,
    workloads::storage_class_of_template_is_missing::CHECK,
    workloads::stateful_set_lacks_ready_pods::CHECK,
    workloads::schedule_cannot_be_read::CHECK,
    workloads::rollout_can_take_all_pods_or_stall::CHECK,
    workloads::no_revision_to_return_to::CHECK,
    workloads::replicas_share_one_place::CHECK,
    workloads::scheduled_runs_were_missed::CHECK,
    scaling::autoscaler_target_is_missing::CHECK,
    scaling::autoscaled_pods_lack_requests::CHECK,
    scaling::budget_forbids_every_eviction::CHECK,
    scaling::autoscaler_cannot_read_its_metrics::CHECK,
    scaling::autoscaler_cannot_scale::CHECK,
    scaling::autoscaler_is_at_its_maximum::CHECK,
    scaling::budget_covers_no_pod::CHECK,
    scaling::budget_is_violated::CHECK,
    scaling::two_autoscalers_share_a_target::CHECK,
    scaling::scaled_object_is_not_ready::CHECK,
    scaling::vertical_autoscaler_recommends_nothing::CHECK,
    scaling::autoscalers_contradict_each_other::CHECK,
    quotas::quota_is_almost_full::CHECK,
    quotas::quota_leaves_no_room_for_rollout::CHECK,
    pods::container_cannot_be_configured::CHECK,
    pods::container_is_not_created::CHECK,
    pods::pod_cannot_be_placed::CHECK,
    pods::config_map_is_missing::CHECK,
    pods::secret_is_missing::CHECK,
    pods::claim_does_not_exist::CHECK,
    pods::service_account_is_missing::CHECK,
    pods::pull_secret_is_missing::CHECK,
    pods::priority_or_runtime_class_is_missing::CHECK,
    pods::deletion_does_not_end::CHECK,
    pods::finalizer_holds_a_pod::CHECK,
    pods::kubelet_refuses_a_pod::CHECK,
    pods::pod_is_not_ready::CHECK,
    pods::pod_is_not_started::CHECK,
    pods::pods_were_evicted::CHECK,
    pods::readiness_gate_is_not_met::CHECK,
    pods::readiness_probe_fails::CHECK,
    pods::configuration_is_newer_than_the_process::CHECK,
    pods::container_restarts_often::CHECK,
    pods::one_tag_runs_several_images::CHECK,
    pods::sidecar_holds_back_its_pod::CHECK,
    pods::pull_secret_is_of_no_use::CHECK,
    workloads::template_names_missing_configuration::CHECK,
    workloads::daemon_set_lacks_ready_pods::CHECK,
    workloads::daemon_set_rollout_has_stopped::CHECK,
    workloads::partition_keeps_old_pods::CHECK,
    workloads::rollout_is_paused::CHECK,
    workloads::scaled_to_zero_behind_a_service::CHECK,
    workloads::template_waits_for_deletions::CHECK,
    workloads::deadline_is_shorter_than_the_start::CHECK,
    workloads::finished_work_piles_up::CHECK,
    workloads::job_has_failed::CHECK,
    workloads::job_runs_too_long::CHECK,
    workloads::last_runs_have_failed::CHECK,
    workloads::sidecar_keeps_a_job_running::CHECK,
    workloads::controller_has_not_looked::CHECK,
    storage::volume_fills_up::CHECK,
    storage::claim_is_not_bound::CHECK,
    storage::claim_has_lost_its_volume::CHECK,
    storage::volume_cannot_be_provisioned::CHECK,
    storage::storage_class_is_missing::CHECK,
    storage::volume_is_on_another_node::CHECK,
    storage::volume_is_out_of_reach::CHECK,
    storage::driver_is_not_on_the_node::CHECK,
    storage::volume_has_failed_or_is_released::CHECK,
    storage::several_default_classes::CHECK,
    storage::template_needs_a_default_class::CHECK,
    storage::volume_cannot_be_attached::CHECK,
    storage::volume_stays_attached::CHECK,
    storage::resize_does_not_end::CHECK,
    storage::claim_does_not_fit_its_volume::CHECK,
    storage::volume_is_unused::CHECK,
    storage::claim_is_unused::CHECK,
    storage::claims_are_left_behind::CHECK,
    storage::attach_limit_is_near::CHECK,
    storage::volume_snapshot_is_not_ready::CHECK,
    storage::backup_is_overdue::CHECK,
    storage::backup_job_has_not_succeeded::CHECK,
    services::service_has_no_ready_endpoints::CHECK,
    services::selector_matches_no_pod::CHECK,
    services::target_port_is_not_offered::CHECK,
    services::backend_service_is_missing::CHECK,
    services::backend_service_lacks_the_port::CHECK,
    services::tls_secret_is_missing::CHECK,
    services::ingress_certificate_is_unfit::CHECK,
    services::ingress_controller_is_down::CHECK,
    services::cluster_dns_does_not_answer::CHECK,
    services::pods_get_no_network::CHECK,
    services::selector_is_too_broad::CHECK,
    services::local_traffic_is_dropped::CHECK,
    services::load_balancer_address_is_pending::CHECK,
    services::ingress_class_is_missing::CHECK,
    services::ingress_routes_collide::CHECK,
    services::network_policy_cuts_off_dns::CHECK,
    services::network_policy_selects_no_pod::CHECK,
    services::external_name_leads_nowhere::CHECK,
    services::environment_names_missing_service::CHECK,
    services::host_network_bypasses_cluster_dns::CHECK,
    services::cluster_dns_has_one_pod::CHECK,
    services::gateway_class_is_not_accepted::CHECK,
    services::gateway_is_not_programmed::CHECK,
    services::route_leads_nowhere::CHECK,
    services::virtual_service_destination_is_missing::CHECK,
    certificates::certificate_expires_soon::CHECK,
    opinions::volumes_go_with_their_claims::CHECK,
    opinions::image_tag_moves::CHECK,
    opinions::memory_limit_is_missing::CHECK,
    opinions::memory_volume_has_no_limit::CHECK,
    opinions::pod_has_no_controller::CHECK,
    opinions::probes_are_the_same::CHECK,
    opinions::readiness_probe_is_missing::CHECK,
    opinions::requests_are_missing::CHECK,
    certificates::certificate_is_not_issued::CHECK,
    certificates::certificate_renewal_is_overdue::CHECK,
    configuration::tls_secret_is_unfit::CHECK,
    configuration::typed_secret_is_malformed::CHECK,
    configuration::service_account_names_missing_secret::CHECK,
    configuration::config_map_is_almost_full::CHECK,
    configuration::limit_range_refuses_template::CHECK,
    configuration::pod_security_refuses_running_pods::CHECK,
    configuration::binding_leads_nowhere::CHECK,
    configuration::anonymous_callers_have_rights::CHECK,
    configuration::default_account_has_rights::CHECK,
    configuration::workload_may_do_everything::CHECK,
    configuration::long_lived_token_is_kept::CHECK,
    configuration::secret_is_not_synchronised::CHECK,
    configuration::application_is_not_as_declared::CHECK,
    configuration::service_monitor_selects_nothing::CHECK,
    opinions::literal_looks_secret::CHECK,
];

/// The checks that a profile may exclude: what could not be looked at is nobody's to accept.
pub fn excludable() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.id).filter(|id| *id != coverage::kind_was_not_seen::CHECK.id).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sre_testkit::Scenario;

    /// The checks that conclude from what an object needs and does not have.
    const OF_WHAT_LACKS: [&Check; 9] = [
        &pods::claim_does_not_exist::CHECK,
        &pods::config_map_is_missing::CHECK,
        &pods::secret_is_missing::CHECK,
        &pods::service_account_is_missing::CHECK,
        &scaling::autoscaler_target_is_missing::CHECK,
        &services::backend_service_is_missing::CHECK,
        &workloads::governing_service_is_missing::CHECK,
        &workloads::service_account_of_template_is_missing::CHECK,
        &workloads::template_names_missing_configuration::CHECK,
    ];

    fn settled(check: &Check) -> Scenario {
        Scenario::captured(check.id).later(2)
    }

    #[test]
    fn what_an_object_lacks_is_not_held_against_it_in_its_first_minute() {
        for check in OF_WHAT_LACKS {
            assert_eq!(Scenario::captured(check.id).judge(check), [], "{} at the time of capture", check.id);
            assert_ne!(settled(check).judge(check), [], "{} two minutes later", check.id);
        }
    }

    #[test]
    fn what_a_namespace_that_is_being_deleted_lacks_is_not_told() {
        for check in OF_WHAT_LACKS {
            let namespace = format!("fault-{}", check.id.to_lowercase());
            let going = settled(check).without("Namespace", &namespace).with(json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": namespace, "deletionTimestamp": "2026-01-01T00:00:00Z"},
                "status": {"phase": "Terminating"}
            }));
            assert_eq!(going.judge(check), [], "{}", check.id);
        }
    }

    #[test]
    fn what_an_object_that_is_being_deleted_lacks_is_not_told() {
        let deleted = |scenario: Scenario, kind, start| {
            let names = scenario.names_of(kind, start);
            let then = Value::from("2026-01-01T00:00:00Z");
            names
                .iter()
                .fold(scenario, |scenario, name| scenario.set(kind, name, "/metadata/deletionTimestamp", then.clone()))
        };
        let pods = deleted(settled(&pods::config_map_is_missing::CHECK), "Pod", "");
        assert_eq!(pods.judge(&pods::config_map_is_missing::CHECK), []);
        let workload = deleted(settled(&workloads::template_names_missing_configuration::CHECK), "CronJob", "report");
        assert_eq!(workload.judge(&workloads::template_names_missing_configuration::CHECK), []);
        let set = deleted(settled(&workloads::governing_service_is_missing::CHECK), "StatefulSet", "store");
        assert_eq!(set.judge(&workloads::governing_service_is_missing::CHECK), []);
        let claims = deleted(settled(&storage::storage_class_is_missing::CHECK), "PersistentVolumeClaim", "");
        assert_eq!(claims.judge(&storage::storage_class_is_missing::CHECK), []);
    }
}
