//! The binary against a real API server, real controllers and simulated nodes, and against a real node beside a control
//! plane of its own; `tests/run.sh` starts them.

mod access;
mod commands;
mod faults;
mod node;
mod reading;
mod rig;
