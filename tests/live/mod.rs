//! The binary against a real API server, real controllers and simulated nodes; `tests/run.sh` starts them.

mod access;
mod actions;
mod commands;
mod faults;
mod history;
mod incident;
mod install;
mod killed;
mod load;
mod many_clusters;
mod monitoring;
mod node;
mod node_groups;
mod persisted;
mod person;
mod policy;
mod proxy;
mod reading;
mod rig;
mod rollback;
mod scale;
mod scalers;
mod seeds;
mod terminal;
mod versions;
mod watch;
