//! Checks of autoscalers and disruption budgets.

pub mod autoscaled_pods_lack_requests;
pub mod autoscaler_target_is_missing;
pub mod autoscalers_contradict_each_other;
pub mod budget_forbids_every_eviction;
pub mod scaled_object_is_not_ready;
pub mod vertical_autoscaler_recommends_nothing;
