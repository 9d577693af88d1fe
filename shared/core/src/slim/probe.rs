//! Probes of a container.

use super::int_or_string::IntOrString;
use serde::Deserialize;

/// A liveness, readiness or startup probe.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(from = "FlatProbe")]
pub struct Probe {
    #[prost(message, required, tag = "1")]
    pub handler: ProbeHandler,
    #[prost(int32, tag = "2")]
    pub initial_delay_seconds: i32,
    #[prost(int32, tag = "3")]
    pub timeout_seconds: i32,
    #[prost(int32, tag = "4")]
    pub period_seconds: i32,
    #[prost(int32, tag = "5")]
    pub success_threshold: i32,
    #[prost(int32, tag = "6")]
    pub failure_threshold: i32,
    #[prost(int64, optional, tag = "7")]
    pub termination_grace_period_seconds: Option<i64>,
}

/// The same as JSON has it, where the embedded message is not a level of its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatProbe {
    exec: Option<ExecAction>,
    http_get: Option<HTTPGetAction>,
    tcp_socket: Option<TCPSocketAction>,
    grpc: Option<GRPCAction>,
    initial_delay_seconds: i32,
    timeout_seconds: i32,
    period_seconds: i32,
    success_threshold: i32,
    failure_threshold: i32,
    termination_grace_period_seconds: Option<i64>,
}

impl From<FlatProbe> for Probe {
    fn from(flat: FlatProbe) -> Self {
        Self {
            handler: ProbeHandler {
                exec: flat.exec,
                http_get: flat.http_get,
                tcp_socket: flat.tcp_socket,
                grpc: flat.grpc,
            },
            initial_delay_seconds: flat.initial_delay_seconds,
            timeout_seconds: flat.timeout_seconds,
            period_seconds: flat.period_seconds,
            success_threshold: flat.success_threshold,
            failure_threshold: flat.failure_threshold,
            termination_grace_period_seconds: flat.termination_grace_period_seconds,
        }
    }
}

/// What a probe does; one of the four.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProbeHandler {
    #[prost(message, optional, tag = "1")]
    pub exec: Option<ExecAction>,
    #[prost(message, optional, tag = "2")]
    pub http_get: Option<HTTPGetAction>,
    #[prost(message, optional, tag = "3")]
    pub tcp_socket: Option<TCPSocketAction>,
    #[prost(message, optional, tag = "4")]
    pub grpc: Option<GRPCAction>,
}

/// Runs a command in the container.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExecAction {
    #[prost(string, repeated, tag = "1")]
    pub command: Vec<String>,
}

/// Asks over HTTP.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HTTPGetAction {
    #[prost(string, tag = "1")]
    pub path: String,
    #[prost(message, required, tag = "2")]
    pub port: IntOrString,
    #[prost(string, tag = "3")]
    pub host: String,
    #[prost(string, tag = "4")]
    pub scheme: String,
}

/// Opens a connection.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TCPSocketAction {
    #[prost(message, required, tag = "1")]
    pub port: IntOrString,
    #[prost(string, tag = "2")]
    pub host: String,
}

/// Asks the gRPC health service.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GRPCAction {
    #[prost(int32, tag = "1")]
    pub port: i32,
    #[prost(string, optional, tag = "2")]
    pub service: Option<String>,
}
