//! Checks of the section `quotas`.
