//! What has become of a container.

use super::time::Time;
use serde::Deserialize;

/// Status of one container, of whatever role.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStatus {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub state: ContainerState,
    #[prost(message, required, tag = "3")]
    pub last_state: ContainerState,
    #[prost(bool, tag = "4")]
    pub ready: bool,
    #[prost(int32, tag = "5")]
    pub restart_count: i32,
    /// The digest that runs, for example `sha256:5c1d...`; what stands before it goes after decoding.
    #[serde(rename = "imageID")]
    #[prost(string, tag = "7")]
    pub image_id: String,
    #[prost(bool, optional, tag = "9")]
    pub started: Option<bool>,
}

/// At most one of the three is set; none means waiting.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerState {
    #[prost(message, optional, boxed, tag = "1")]
    pub waiting: Option<Box<ContainerStateWaiting>>,
    #[prost(message, optional, tag = "2")]
    pub running: Option<ContainerStateRunning>,
    #[prost(message, optional, boxed, tag = "3")]
    pub terminated: Option<Box<ContainerStateTerminated>>,
}

/// Why a container has not started.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStateWaiting {
    #[prost(string, tag = "1")]
    pub reason: String,
    #[prost(string, tag = "2")]
    pub message: String,
}

/// Since when a container runs.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStateRunning {
    #[prost(message, required, tag = "1")]
    pub started_at: Time,
}

/// How a container ended.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStateTerminated {
    #[prost(int32, tag = "1")]
    pub exit_code: i32,
    #[prost(int32, tag = "2")]
    pub signal: i32,
    #[prost(string, tag = "3")]
    pub reason: String,
    #[prost(string, tag = "4")]
    pub message: String,
    #[prost(message, required, tag = "5")]
    pub started_at: Time,
    #[prost(message, required, tag = "6")]
    pub finished_at: Time,
}

impl ContainerStatus {
    pub(super) fn trim(&mut self) {
        if let Some((_, digest)) = self.image_id.rsplit_once('@') {
            self.image_id = digest.to_owned();
        }
    }
}
