//! Checks of what makes pods: Deployments, StatefulSets, DaemonSets, Jobs, CronJobs.

pub mod available_pods_are_missing;
pub mod governing_service_is_missing;
pub mod no_revision_to_return_to;
pub mod ordinal_blocks_the_next;
pub mod pods_cannot_be_created;
pub mod replicas_share_one_place;
pub mod rollout_can_take_all_pods_or_stall;
pub mod rollout_has_stopped;
pub mod schedule_cannot_be_read;
pub mod scheduled_runs_were_missed;
pub mod selector_does_not_match_own_pods;
pub mod service_account_of_template_is_missing;
pub mod stateful_set_lacks_ready_pods;
pub mod storage_class_of_template_is_missing;
pub mod template_names_missing_configuration;
