//! Checks of the section `workloads`.
