//! Checks of autoscalers and disruption budgets.

pub mod autoscaled_pods_lack_requests;
pub mod autoscaler_target_is_missing;
pub mod budget_forbids_every_eviction;
