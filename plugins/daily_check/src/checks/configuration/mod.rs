//! Checks of configuration: ConfigMaps, Secrets, quotas and limits, rights.
