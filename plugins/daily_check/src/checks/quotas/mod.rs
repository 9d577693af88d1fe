//! Checks of resource quotas.

pub mod quota_is_almost_full;
