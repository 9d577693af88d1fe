//! Classes of our own beside the vocabulary: what the guides of systems ask about, and only logs and measurements show.
//!
//! None is recognised by objects alone, and none stands before a class of the vocabulary that says why.

pub mod credentials_refused;
pub mod data_corrupted;
pub mod database_connections_exhausted;
pub mod database_locked;
pub mod desktop_application_crash;
pub mod error_rate_high;
pub mod event_loop_blocked;
pub mod kubeconfig_missing;
pub mod memory_growing;
pub mod memory_near_limit;
pub mod open_files_exhausted;
pub mod port_in_use;
pub mod process_memory_exhausted;
pub mod provider_key_refused;
pub mod provider_limit_reached;
pub mod queries_slow;
pub mod response_slow;
pub mod storage_slow;
pub mod websocket_refused;
