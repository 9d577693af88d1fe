//! Fixtures and faults for tests; never a normal dependency.

pub mod proxy;
pub mod scenario;

pub use scenario::Scenario;
