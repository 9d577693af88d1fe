//! Checks of the section `control-plane`.

pub mod aggregated_api_is_down;
pub mod api_has_no_backend;
pub mod ca_bundle_is_unfit;
pub mod health_check_fails;
pub mod helm_release_is_stuck;
pub mod leader_is_gone;
pub mod namespace_cannot_go;
pub mod webhook_has_no_backend;
