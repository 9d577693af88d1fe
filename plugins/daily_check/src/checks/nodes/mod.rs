//! Checks of the section `nodes`.

pub mod heartbeat_has_stopped;
pub mod kernel_or_hardware_is_faulty;
pub mod kubelet_is_silent;
pub mod node_filesystem_is_damaged;
pub mod node_is_not_ready;
pub mod node_network_is_unavailable;
pub mod runtime_or_kubelet_is_unhealthy;
