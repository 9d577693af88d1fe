//! What people see, through the real binary: one test binary, so that it is linked once.
//!
//! - [`cli`]: arguments, errors, archives, formats; nothing but loopback servers that answer badly on purpose
//! - [`live`]: the same against a real control plane, which `tests/run.sh` starts
//! - [`findings`]: what must hold of everything that all checks say of every fixture
//! - [`guides`]: every row of the guides leads to an answer
//! - [`tails`]: which line of a log is to blame, and that programs that work say nothing
//! - [`rules`]: the repository's own rules, as tests

mod cli;
mod findings;
mod guides;
mod live;
mod rules;
mod tails;
