//! A container as it is asked for.

use super::{
    environment::{EnvFromSource, EnvVar},
    probe::{ExecAction, HTTPGetAction, Probe, TCPSocketAction},
    quantity::{self, ResourceAmount},
    security_context::SecurityContext,
    volume::forget_random_part,
};
use serde::Deserialize;

/// A container, of whatever role.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub image: String,
    #[prost(string, repeated, tag = "3")]
    pub command: Vec<String>,
    #[prost(string, repeated, tag = "4")]
    pub args: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    pub ports: Vec<ContainerPort>,
    #[prost(message, repeated, tag = "19")]
    pub env_from: Vec<EnvFromSource>,
    #[prost(message, repeated, tag = "7")]
    pub env: Vec<EnvVar>,
    #[prost(message, required, tag = "8")]
    pub resources: ResourceRequirements,
    /// `Always` makes an init container a sidecar.
    #[prost(string, optional, tag = "24")]
    pub restart_policy: Option<String>,
    #[prost(message, repeated, tag = "9")]
    pub volume_mounts: Vec<VolumeMount>,
    #[prost(message, optional, boxed, tag = "10")]
    pub liveness_probe: Option<Box<Probe>>,
    #[prost(message, optional, boxed, tag = "11")]
    pub readiness_probe: Option<Box<Probe>>,
    #[prost(message, optional, boxed, tag = "22")]
    pub startup_probe: Option<Box<Probe>>,
    #[prost(message, optional, boxed, tag = "12")]
    pub lifecycle: Option<Box<Lifecycle>>,
    #[prost(string, tag = "14")]
    pub image_pull_policy: String,
    #[prost(message, optional, boxed, tag = "15")]
    pub security_context: Option<Box<SecurityContext>>,
}

/// A port that a container names.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int32, tag = "2")]
    pub host_port: i32,
    #[prost(int32, tag = "3")]
    pub container_port: i32,
    #[prost(string, tag = "4")]
    pub protocol: String,
    #[serde(rename = "hostIP")]
    #[prost(string, tag = "5")]
    pub host_ip: String,
}

/// Where a container sees a volume.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bool, tag = "2")]
    pub read_only: bool,
    #[prost(string, tag = "3")]
    pub mount_path: String,
    #[prost(string, tag = "4")]
    pub sub_path: String,
}

/// What a container asks for and may use at most.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRequirements {
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "1")]
    pub limits: Vec<ResourceAmount>,
    #[serde(deserialize_with = "quantity::amounts")]
    #[prost(message, repeated, tag = "2")]
    pub requests: Vec<ResourceAmount>,
}

/// What runs after the start and before the stop.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    #[prost(message, optional, boxed, tag = "1")]
    pub post_start: Option<Box<LifecycleHandler>>,
    #[prost(message, optional, boxed, tag = "2")]
    pub pre_stop: Option<Box<LifecycleHandler>>,
}

/// One hook.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LifecycleHandler {
    #[prost(message, optional, tag = "1")]
    pub exec: Option<ExecAction>,
    #[prost(message, optional, tag = "2")]
    pub http_get: Option<HTTPGetAction>,
    #[prost(message, optional, tag = "3")]
    pub tcp_socket: Option<TCPSocketAction>,
}

impl Container {
    /// Whether this is a sidecar, when it stands among the init containers.
    pub fn is_restartable(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }

    pub(super) fn trim(&mut self) {
        self.env.iter_mut().for_each(EnvVar::trim);
        self.env.shrink_to_fit();
        self.env_from.shrink_to_fit();
        self.command.shrink_to_fit();
        self.args.shrink_to_fit();
        self.ports.shrink_to_fit();
        self.volume_mounts.iter_mut().for_each(|mount| forget_random_part(&mut mount.name));
        self.volume_mounts.shrink_to_fit();
        self.resources.limits.shrink_to_fit();
        self.resources.requests.shrink_to_fit();
    }
}
