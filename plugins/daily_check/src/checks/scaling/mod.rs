//! Checks of autoscalers and disruption budgets.

pub mod autoscaled_pods_lack_requests;
pub mod autoscaler_cannot_read_its_metrics;
pub mod autoscaler_cannot_scale;
pub mod autoscaler_is_at_its_maximum;
pub mod autoscaler_target_is_missing;
pub mod autoscalers_contradict_each_other;
pub mod budget_covers_no_pod;
pub mod budget_forbids_every_eviction;
pub mod budget_is_violated;
pub mod scaled_object_is_not_ready;
pub mod two_autoscalers_share_a_target;
pub mod vertical_autoscaler_recommends_nothing;
