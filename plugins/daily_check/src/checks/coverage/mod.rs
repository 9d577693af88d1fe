//! Checks of the section `coverage`.

pub mod events_reach_back_too_little;
pub mod kind_was_not_seen;
