//! Ingresses and their classes.

use super::{Kind, Object, metadata::ObjectMeta, reference::TypedLocalObjectReference};
use serde::Deserialize;

/// An Ingress.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: IngressSpec,
    #[prost(message, required, tag = "3")]
    pub status: IngressStatus,
}

/// Which hosts and paths lead where.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    #[prost(string, optional, tag = "4")]
    pub ingress_class_name: Option<String>,
    #[prost(message, optional, tag = "1")]
    pub default_backend: Option<IngressBackend>,
    #[prost(message, repeated, tag = "2")]
    pub tls: Vec<IngressTLS>,
    #[prost(message, repeated, tag = "3")]
    pub rules: Vec<IngressRule>,
}

/// Where requests go.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressBackend {
    #[prost(message, optional, tag = "4")]
    pub service: Option<IngressServiceBackend>,
    #[prost(message, optional, tag = "3")]
    pub resource: Option<TypedLocalObjectReference>,
}

/// A Service and its port.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressServiceBackend {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub port: ServiceBackendPort,
}

/// A port by name or number.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceBackendPort {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "2")]
    pub number: i32,
}

/// Hosts and the Secret with their certificate.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTLS {
    #[prost(string, repeated, tag = "1")]
    pub hosts: Vec<String>,
    #[prost(string, tag = "2")]
    pub secret_name: String,
}

/// Paths of one host.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(from = "FlatIngressRule")]
pub struct IngressRule {
    #[prost(string, tag = "1")]
    pub host: String,
    #[prost(message, required, tag = "2")]
    pub value: IngressRuleValue,
}

/// The same as JSON has it, where the embedded message is not a level of its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatIngressRule {
    host: String,
    http: Option<HTTPIngressRuleValue>,
}

impl From<FlatIngressRule> for IngressRule {
    fn from(flat: FlatIngressRule) -> Self {
        Self { host: flat.host, value: IngressRuleValue { http: flat.http } }
    }
}

/// What a rule is about.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressRuleValue {
    #[prost(message, optional, tag = "1")]
    pub http: Option<HTTPIngressRuleValue>,
}

/// Paths of one host.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HTTPIngressRuleValue {
    #[prost(message, repeated, tag = "1")]
    pub paths: Vec<HTTPIngressPath>,
}

/// One path and its backend.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HTTPIngressPath {
    #[prost(string, tag = "1")]
    pub path: String,
    #[prost(string, optional, tag = "3")]
    pub path_type: Option<String>,
    #[prost(message, required, tag = "2")]
    pub backend: IngressBackend,
}

/// What the controller made of an Ingress.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressStatus {
    #[prost(message, required, tag = "1")]
    pub load_balancer: IngressLoadBalancerStatus,
}

/// Addresses of the ingress controller.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressLoadBalancerStatus {
    #[prost(message, repeated, tag = "1")]
    pub ingress: Vec<IngressLoadBalancerIngress>,
}

/// One address of the ingress controller.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressLoadBalancerIngress {
    #[prost(string, tag = "1")]
    pub ip: String,
    #[prost(string, tag = "2")]
    pub hostname: String,
    #[prost(message, repeated, tag = "4")]
    pub ports: Vec<IngressPortStatus>,
}

/// One port of the ingress controller, and what is wrong with it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressPortStatus {
    #[prost(int32, tag = "1")]
    pub port: i32,
    #[prost(string, tag = "2")]
    pub protocol: String,
    #[prost(string, optional, tag = "3")]
    pub error: Option<String>,
}

/// A class of Ingresses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressClass {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: IngressClassSpec,
}

/// Who serves a class.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressClassSpec {
    #[prost(string, tag = "1")]
    pub controller: String,
}

impl Object for Ingress {
    const KIND: Kind = Kind::Ingress;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Object for IngressClass {
    const KIND: Kind = Kind::IngressClass;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
