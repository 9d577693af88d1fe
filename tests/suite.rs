//! What people see, through the real binary: one test binary, so that it is linked once.
//!
//! - [`cli`]: arguments, errors, archives, formats; nothing but loopback servers that answer badly on purpose
//! - [`live`]: the same against a real control plane, which `tests/run.sh` starts
//! - [`rules`]: the repository's own rules, as tests

mod cli;
mod live;
mod rules;
