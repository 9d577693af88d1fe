//! Checks of pods and their containers.

pub mod claim_does_not_exist;
pub mod config_map_is_missing;
pub mod container_cannot_be_configured;
pub mod container_is_not_created;
pub mod image_cannot_be_pulled;
pub mod pod_cannot_be_placed;
pub mod priority_or_runtime_class_is_missing;
pub mod pull_secret_is_missing;
pub mod secret_is_missing;
pub mod service_account_is_missing;
