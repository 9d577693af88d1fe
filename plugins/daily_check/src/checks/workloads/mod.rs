//! Checks of the section `workloads`.

pub mod template_names_missing_configuration;
