//! What a pod asks for.

use super::{
    affinity::{Affinity, Toleration, TopologySpreadConstraint},
    container::{Container, ResourceRequirements},
    metadata::ObjectMeta,
    pair::{self, Pair},
    quantity::{self, ResourceAmount},
    reference::LocalObjectReference,
    security_context::PodSecurityContext,
    shared::{Pool, Shared},
    volume::Volume,
};
use serde::Deserialize;
use std::ops::Deref;

/// The pod that a controller creates.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTemplateSpec {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: Shared<PodSpec>,
}

/// What a pod asks for.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    #[prost(message, repeated, tag = "1")]
    pub volumes: Vec<Volume>,
    #[prost(message, repeated, tag = "20")]
    pub init_containers: Vec<Shared<Container>>,
    #[prost(message, repeated, tag = "2")]
    pub containers: Vec<Shared<Container>>,
    #[prost(string, tag = "3")]
    pub restart_policy: String,
    #[prost(int64, optional, tag = "4")]
    pub termination_grace_period_seconds: Option<i64>,
    #[prost(int64, optional, tag = "5")]
    pub active_deadline_seconds: Option<i64>,
    #[prost(string, tag = "6")]
    pub dns_policy: String,
    #[serde(deserialize_with = "pair::pairs")]
    #[prost(message, repeated, tag = "7")]
    pub node_selector: Vec<Pair>,
    #[prost(string, tag = "8")]
    pub service_account_name: String,
    #[prost(bool, optional, tag = "21")]
    pub automount_service_account_token: Option<bool>,
    #[prost(string, tag = "10")]
    pub node_name: String,
    #[prost(bool, tag = "11")]
    pub host_network: bool,
    #[serde(rename = "hostPID")]
    #[prost(bool, tag = "12")]
    pub host_pid: bool,
    #[serde(rename = "hostIPC")]
    #[prost(bool, tag = "13")]
    pub host_ipc: bool,
    #[prost(message, optional, boxed, tag = "14")]
    pub security_context: Option<Box<PodSecurityContext>>,
    #[prost(message, repeated, tag = "15")]
    pub image_pull_secrets: Vec<LocalObjectReference>,
    #[prost(string, tag = "17")]
    pub subdomain: String,
    #[prost(message, optional, boxed, tag = "18")]
    pub affinity: Option<Box<Affinity>>,
    #[prost(string, tag = "19")]
    pub scheduler_name: String,
    #[prost(message, repeated, tag = "22")]
    pub tolerations: Vec<Toleration>,
    #[prost(string, tag = "24")]
    pub priority_class_name: String,
    #[prost(int32, optional, tag = "25")]
    pub priority: Option<i32>,
    #[prost(message, optional, boxed, tag = "26")]
    pub dns_config: Option<Box<PodDNSConfig>>,
    #[prost(message, repeated, tag = "28")]
    pub readiness_gates: Vec<PodReadinessGate>,
    #[prost(string, optional, tag = "29")]
    pub runtime_class_name: Option<String>,
    #[prost(string, optional, tag = "31")]
    pub preemption_policy: Option<String>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "32")]
    pub overhead: Vec<ResourceAmount>,
    #[prost(message, repeated, tag = "33")]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    #[prost(message, optional, tag = "36")]
    pub os: Option<PodOS>,
    /// False gives the pod users of its own, apart from those of its node.
    #[prost(bool, optional, tag = "37")]
    pub host_users: Option<bool>,
    #[prost(message, repeated, tag = "38")]
    pub scheduling_gates: Vec<PodSchedulingGate>,
    #[prost(message, repeated, tag = "39")]
    pub resource_claims: Vec<PodResourceClaim>,
    /// Of all its containers together.
    #[prost(message, optional, boxed, tag = "40")]
    pub resources: Option<Box<ResourceRequirements>>,
}

/// A condition that must hold before the pod counts as ready.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodReadinessGate {
    #[prost(string, tag = "1")]
    pub condition_type: String,
}

/// Holds the pod back from the scheduler.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSchedulingGate {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// The operating system that the pod is for.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodOS {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// The resolver that the pod wants.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDNSConfig {
    #[prost(string, repeated, tag = "1")]
    pub nameservers: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub searches: Vec<String>,
}

/// A device claim that the pod needs.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodResourceClaim {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, optional, tag = "3")]
    pub resource_claim_name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub resource_claim_template_name: Option<String>,
}

impl PodTemplateSpec {
    pub(super) fn trim(&mut self) {
        self.metadata.trim();
        self.spec.make_mut().trim();
    }

    pub(super) fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        pool.share_spec(&mut self.spec);
    }
}

impl PodSpec {
    /// Every container of the spec, init containers first.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers).map(Deref::deref)
    }

    /// Drops what is not kept, and gives spare memory back: lists grow by doubling, containers are large.
    pub(super) fn trim(&mut self) {
        self.init_containers.iter_mut().chain(&mut self.containers).for_each(|one| one.make_mut().trim());
        self.volumes.iter_mut().for_each(Volume::trim);
        self.init_containers.shrink_to_fit();
        self.containers.shrink_to_fit();
        self.volumes.shrink_to_fit();
        self.tolerations.shrink_to_fit();
        self.image_pull_secrets.shrink_to_fit();
        self.node_selector.shrink_to_fit();
        self.topology_spread_constraints.shrink_to_fit();
    }
}
