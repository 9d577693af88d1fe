//! Checks of resource quotas.

pub mod quota_is_almost_full;
pub mod quota_leaves_no_room_for_rollout;
