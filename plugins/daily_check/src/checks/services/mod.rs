//! Checks of the section `services`.

pub mod backend_service_is_missing;
pub mod backend_service_lacks_the_port;
pub mod cluster_dns_does_not_answer;
pub mod cluster_dns_has_one_pod;
pub mod environment_names_missing_service;
pub mod external_name_leads_nowhere;
pub mod gateway_class_is_not_accepted;
pub mod gateway_is_not_programmed;
pub mod host_network_bypasses_cluster_dns;
pub mod ingress_certificate_is_unfit;
pub mod ingress_class_is_missing;
pub mod ingress_controller_is_down;
pub mod ingress_routes_collide;
pub mod load_balancer_address_is_pending;
pub mod local_traffic_is_dropped;
pub mod network_policy_cuts_off_dns;
pub mod network_policy_selects_no_pod;
pub mod pods_get_no_network;
pub mod route_leads_nowhere;
pub mod selector_is_too_broad;
pub mod selector_matches_no_pod;
pub mod service_has_no_ready_endpoints;
pub mod target_port_is_not_offered;
pub mod tls_secret_is_missing;
pub mod virtual_service_destination_is_missing;
