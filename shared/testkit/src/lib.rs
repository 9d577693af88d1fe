//! Fixtures and faults for tests; never a normal dependency.
