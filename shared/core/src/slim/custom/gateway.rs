//! Gateway API: classes, gateways, routes.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::Kind;
use crate::slim::condition::Condition;
use serde::Deserialize;

/// A class of Gateways.
pub type GatewayClass = Custom<GatewayClassSpec, Conditions>;

/// Who serves a class.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewayClassSpec {
    pub controller_name: String,
}

impl CustomSpec for GatewayClassSpec {
    const KIND: Kind = Kind::GatewayClass;
}

/// A way in.
pub type Gateway = Custom<GatewaySpec, GatewayStatus>;

/// What a Gateway wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GatewaySpec {
    pub gateway_class_name: String,
}

impl CustomSpec for GatewaySpec {
    const KIND: Kind = Kind::Gateway;
}

/// What the controller made of a Gateway.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct GatewayStatus {
    pub conditions: Vec<Condition>,
    pub listeners: Vec<ListenerStatus>,
}

/// What the controller made of one listener.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ListenerStatus {
    pub name: String,
    pub conditions: Vec<Condition>,
}

/// Routes of HTTP.
pub type HTTPRoute = Custom<HTTPRouteSpec, HTTPRouteStatus>;

/// Where a route hangs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HTTPRouteSpec {
    pub parent_refs: Vec<ParentReference>,
    pub rules: Vec<HTTPRouteRule>,
}

/// Where requests go that a rule matches.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HTTPRouteRule {
    pub backend_refs: Vec<BackendReference>,
}

/// A Service, unless another kind is named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BackendReference {
    pub kind: Option<String>,
    pub namespace: Option<String>,
    pub name: String,
}

impl CustomSpec for HTTPRouteSpec {
    const KIND: Kind = Kind::HTTPRoute;
}

/// A Gateway, unless another kind is named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ParentReference {
    pub kind: Option<String>,
    pub namespace: Option<String>,
    pub name: String,
}

/// What controllers made of a route.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HTTPRouteStatus {
    pub parents: Vec<RouteParentStatus>,
}

/// What the controller of one parent made of a route.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RouteParentStatus {
    pub parent_ref: ParentReference,
    pub conditions: Vec<Condition>,
}
