//! Services.

use super::{
    Kind, Object,
    condition::Condition,
    int_or_string::IntOrString,
    metadata::ObjectMeta,
    pair::{self, Pair},
};
use serde::Deserialize;

/// A Service.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: ServiceSpec,
    #[prost(message, required, tag = "3")]
    pub status: ServiceStatus,
}

impl Object for Service {
    const KIND: Kind = Kind::Service;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What a Service wants.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    #[prost(message, repeated, tag = "1")]
    pub ports: Vec<ServicePort>,
    #[serde(deserialize_with = "pair::pairs")]
    #[prost(message, repeated, tag = "2")]
    pub selector: Vec<Pair>,
    #[serde(rename = "clusterIP")]
    #[prost(string, tag = "3")]
    pub cluster_ip: String,
    #[prost(string, tag = "4")]
    pub type_: String,
    #[serde(rename = "externalIPs")]
    #[prost(string, repeated, tag = "5")]
    pub external_ips: Vec<String>,
    #[serde(rename = "loadBalancerIP")]
    #[prost(string, tag = "8")]
    pub load_balancer_ip: String,
    #[prost(string, tag = "10")]
    pub external_name: String,
    #[prost(string, tag = "11")]
    pub external_traffic_policy: String,
    #[prost(bool, tag = "13")]
    pub publish_not_ready_addresses: bool,
    #[prost(string, optional, tag = "21")]
    pub load_balancer_class: Option<String>,
    #[prost(string, optional, tag = "22")]
    pub internal_traffic_policy: Option<String>,
}

/// A port of a Service.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub protocol: String,
    #[prost(int32, tag = "3")]
    pub port: i32,
    #[prost(message, required, tag = "4")]
    pub target_port: IntOrString,
    #[prost(int32, tag = "5")]
    pub node_port: i32,
}

/// What the cloud made of a Service.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceStatus {
    #[prost(message, required, tag = "1")]
    pub load_balancer: LoadBalancerStatus,
    #[prost(message, repeated, tag = "2")]
    pub conditions: Vec<Condition>,
}

/// Addresses of a load balancer.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoadBalancerStatus {
    #[prost(message, repeated, tag = "1")]
    pub ingress: Vec<LoadBalancerIngress>,
}

/// One address of a load balancer.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoadBalancerIngress {
    #[prost(string, tag = "1")]
    pub ip: String,
    #[prost(string, tag = "2")]
    pub hostname: String,
}
