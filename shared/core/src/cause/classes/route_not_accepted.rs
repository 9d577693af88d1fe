//! A route is not accepted, or refers to something absent or not granted.

use crate::cause::{Class, Heard, Stage, routes};

/// See the module.
pub const CLASS: Class = Class {
    id: "route-not-accepted",
    page: PAGE,
    recognise: |view| [routes::in_trouble(view), routes::lost_destinations(view), routes::analysed(view)].concat(),
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is_about(&["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "VirtualService"])
                && (it.is_state()
                    || it.says(&[
                        "not accepted",
                        "not permitted",
                        "not found",
                        "unresolved",
                        "invalid",
                        "refnotpermitted",
                    ]))
        },
        |_| "the route is not accepted, or refers to what is absent".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A route names Gateways that do not exist, is not accepted by one, or sends to what is not there: a
Service, a port, a subset, or an object of another namespace that grants it nothing. What matches it is
answered with an error.

Looked at: HTTPRoutes with the conditions of their parents, VirtualServices with the Services that they
send to.

What to do: read the conditions, and correct the reference at its source:
  kubectl describe httproute NAME -n NAMESPACE";
