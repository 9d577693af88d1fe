//! Checks of the section `services`.

pub mod backend_service_is_missing;
pub mod backend_service_lacks_the_port;
pub mod ingress_certificate_is_unfit;
pub mod selector_matches_no_pod;
pub mod service_has_no_ready_endpoints;
pub mod target_port_is_not_offered;
pub mod tls_secret_is_missing;
