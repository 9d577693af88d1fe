//! Istio: where requests to a host go.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::Kind;
use serde::Deserialize;

/// Where requests to some hosts go.
pub type VirtualService = Custom<VirtualServiceSpec, Conditions>;

/// Routes of each protocol.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VirtualServiceSpec {
    pub http: Vec<ProtocolRoutes>,
    pub tcp: Vec<ProtocolRoutes>,
    pub tls: Vec<ProtocolRoutes>,
}

impl CustomSpec for VirtualServiceSpec {
    const KIND: Kind = Kind::VirtualService;
}

/// Destinations of what matches.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ProtocolRoutes {
    pub route: Vec<RouteDestination>,
}

/// One destination.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RouteDestination {
    pub destination: Destination,
}

/// A host of the mesh's registry.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Destination {
    pub host: String,
}
