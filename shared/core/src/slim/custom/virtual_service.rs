//! Istio: where requests to a host go.

use super::{Custom, CustomSpec};
use crate::slim::Kind;
use serde::Deserialize;

/// Where requests to some hosts go.
pub type VirtualService = Custom<VirtualServiceSpec, VirtualServiceStatus>;

/// What Istio's analysis says of it (<https://istio.io/latest/docs/reference/config/analysis/>).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VirtualServiceStatus {
    pub validation_messages: Vec<ValidationMessage>,
}

/// One statement of the analysis.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidationMessage {
    pub level: String,
    #[serde(rename = "type")]
    pub type_: ValidationType,
}

/// What sort of statement it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ValidationType {
    pub code: String,
    pub name: String,
}

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
