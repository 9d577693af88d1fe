//! Checks of the section `control-plane`.

pub mod aggregated_api_is_down;
pub mod api_has_no_backend;
pub mod leader_is_gone;
pub mod webhook_has_no_backend;
