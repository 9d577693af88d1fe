//! Checks of the section `control-plane`.

pub mod admission_policy_is_void;
pub mod aggregated_api_is_down;
pub mod api_has_no_backend;
pub mod api_server_is_slow;
pub mod ca_bundle_is_unfit;
pub mod certificate_request_waits;
pub mod custom_kind_is_not_accepted;
pub mod custom_objects_are_out_of_reach;
pub mod health_check_fails;
pub mod helm_release_is_stuck;
pub mod leader_is_gone;
pub mod namespace_cannot_go;
pub mod target_is_not_measured;
pub mod version_is_out_of_support;
pub mod webhook_can_lock_the_cluster;
pub mod webhook_hangs_on_one_pod;
pub mod webhook_has_no_backend;
