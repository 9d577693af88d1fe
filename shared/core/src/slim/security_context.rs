//! Rights and identity of pods and containers.

use serde::Deserialize;

/// Identity and rights of all containers of a pod.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurityContext {
    #[prost(int64, optional, tag = "2")]
    pub run_as_user: Option<i64>,
    #[prost(bool, optional, tag = "3")]
    pub run_as_non_root: Option<bool>,
    #[prost(int64, optional, tag = "5")]
    pub fs_group: Option<i64>,
    #[prost(message, optional, tag = "10")]
    pub seccomp_profile: Option<SeccompProfile>,
}

/// Identity and rights of one container.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContext {
    #[prost(message, optional, tag = "1")]
    pub capabilities: Option<Capabilities>,
    #[prost(bool, optional, tag = "2")]
    pub privileged: Option<bool>,
    #[prost(int64, optional, tag = "4")]
    pub run_as_user: Option<i64>,
    #[prost(bool, optional, tag = "5")]
    pub run_as_non_root: Option<bool>,
    #[prost(bool, optional, tag = "6")]
    pub read_only_root_filesystem: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub allow_privilege_escalation: Option<bool>,
    #[prost(message, optional, tag = "11")]
    pub seccomp_profile: Option<SeccompProfile>,
}

/// Kernel capabilities.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    #[prost(string, repeated, tag = "1")]
    pub add: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub drop: Vec<String>,
}

/// System call filter.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SeccompProfile {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, optional, tag = "2")]
    pub localhost_profile: Option<String>,
}
