//! Checks of pods and their containers.

pub mod claim_does_not_exist;
pub mod config_map_is_missing;
pub mod configuration_is_newer_than_the_process;
pub mod container_cannot_be_configured;
pub mod container_cannot_start;
pub mod container_crashes;
pub mod container_is_killed_by_probe;
pub mod container_is_killed_for_memory;
pub mod container_is_not_created;
pub mod container_is_throttled;
pub mod container_restarts_often;
pub mod deletion_does_not_end;
pub mod finalizer_holds_a_pod;
pub mod heap_is_large;
pub mod image_cannot_be_pulled;
pub mod image_cannot_be_used;
pub mod image_is_for_another_platform;
pub mod image_is_not_let_through;
pub mod init_container_blocks;
pub mod kubelet_refuses_a_pod;
pub mod memory_is_near_its_limit;
pub mod memory_kill_is_hidden;
pub mod one_tag_runs_several_images;
pub mod pod_cannot_be_placed;
pub mod pod_is_not_ready;
pub mod pod_is_not_started;
pub mod pods_were_evicted;
pub mod priority_or_runtime_class_is_missing;
pub mod pull_secret_is_missing;
pub mod pull_secret_is_of_no_use;
pub mod readiness_gate_is_not_met;
pub mod readiness_probe_fails;
pub mod secret_is_missing;
pub mod service_account_is_missing;
pub mod sidecar_holds_back_its_pod;

use sre_core::finding::Finding;

/// Whether a container waits with a reason, as the evidence of a finding has it.
fn waits_with(finding: &Finding, reason: &str) -> bool {
    finding.evidence.iter().any(|fact| fact.field.ends_with("state.waiting") && fact.value.starts_with(reason))
}
