//! Network policies.

use super::{Kind, Object, int_or_string::IntOrString, metadata::ObjectMeta, selector::LabelSelector};
use serde::Deserialize;

/// A network policy.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicy {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: NetworkPolicySpec,
}

impl Object for NetworkPolicy {
    const KIND: Kind = Kind::NetworkPolicy;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Which pods, and what they may receive and send.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    #[prost(message, required, tag = "1")]
    pub pod_selector: LabelSelector,
    #[prost(message, repeated, tag = "2")]
    pub ingress: Vec<NetworkPolicyIngressRule>,
    #[prost(message, repeated, tag = "3")]
    pub egress: Vec<NetworkPolicyEgressRule>,
    #[prost(string, repeated, tag = "4")]
    pub policy_types: Vec<String>,
}

/// What may be received.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyIngressRule {
    #[prost(message, repeated, tag = "1")]
    pub ports: Vec<NetworkPolicyPort>,
    #[prost(message, repeated, tag = "2")]
    pub from: Vec<NetworkPolicyPeer>,
}

/// What may be sent.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyEgressRule {
    #[prost(message, repeated, tag = "1")]
    pub ports: Vec<NetworkPolicyPort>,
    #[prost(message, repeated, tag = "2")]
    pub to: Vec<NetworkPolicyPeer>,
}

/// A port or a range of ports.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyPort {
    #[prost(string, optional, tag = "1")]
    pub protocol: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub port: Option<IntOrString>,
    #[prost(int32, optional, tag = "3")]
    pub end_port: Option<i32>,
}

/// Who may be at the other end.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicyPeer {
    #[prost(message, optional, tag = "1")]
    pub pod_selector: Option<LabelSelector>,
    #[prost(message, optional, tag = "2")]
    pub namespace_selector: Option<LabelSelector>,
    #[prost(message, optional, tag = "3")]
    pub ip_block: Option<IPBlock>,
}

/// A range of addresses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IPBlock {
    #[prost(string, tag = "1")]
    pub cidr: String,
    #[prost(string, repeated, tag = "2")]
    pub except: Vec<String>,
}
