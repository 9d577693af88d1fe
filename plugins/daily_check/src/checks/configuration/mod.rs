//! Checks of configuration: ConfigMaps, Secrets, quotas and limits, rights.

pub mod anonymous_callers_have_rights;
pub mod application_is_not_as_declared;
pub mod binding_leads_nowhere;
pub mod config_map_is_almost_full;
pub mod default_account_has_rights;
pub mod limit_range_refuses_template;
pub mod long_lived_token_is_kept;
pub mod pod_security_refuses_running_pods;
pub mod secret_is_not_synchronised;
pub mod service_account_names_missing_secret;
pub mod service_monitor_selects_nothing;
pub mod tls_secret_is_unfit;
pub mod typed_secret_is_malformed;
pub mod workload_may_do_everything;
