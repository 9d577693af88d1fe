//! Checks of the section `endpoints`: what a profile says where the system tells of its health.

pub mod endpoint_is_not_healthy;
