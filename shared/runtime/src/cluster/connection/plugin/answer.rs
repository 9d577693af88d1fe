//! The two sides of the `ExecCredential` protocol: what a plugin is told, and what it answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::certificates::{self, ClientIdentity, Source};
use super::super::error::ConnectError;
use super::super::kubeconfig::{Cluster, ExecPlugin, Hidden};
use super::Credential;

/// The extension in which a cluster keeps settings for the plugin.
const CLUSTER_SETTINGS: &str = "client.authentication.k8s.io/exec";

/// Tells whether a version of the protocol is spoken here; `v1alpha1` is gone from Kubernetes.
pub(super) fn is_known_version(version: &str) -> bool {
    matches!(version, "client.authentication.k8s.io/v1" | "client.authentication.k8s.io/v1beta1")
}

/// Writes what the plugin finds in `KUBERNETES_EXEC_INFO`.
pub(super) fn request(settings: &ExecPlugin, cluster: &Cluster, interactive: bool) -> Result<String, ConnectError> {
    let mut spec = json!({ "interactive": interactive });
    if settings.provide_cluster_info == Some(true) {
        spec["cluster"] = cluster_information(cluster)?;
    }
    Ok(json!({ "apiVersion": settings.api_version, "kind": "ExecCredential", "spec": spec }).to_string())
}

fn cluster_information(cluster: &Cluster) -> Result<Value, ConnectError> {
    let authority = certificates::authority_pem(cluster)?.map(|pem| STANDARD.encode(pem));
    let settings = cluster.extensions.iter().flatten().find(|extension| extension.name == CLUSTER_SETTINGS);
    let entries = [
        ("server", cluster.server.clone().map(Value::from)),
        ("tls-server-name", cluster.tls_server_name.clone().map(Value::from)),
        ("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify.filter(|skip| *skip).map(Value::from)),
        ("certificate-authority-data", authority.map(Value::from)),
        ("proxy-url", cluster.proxy_url.clone().map(Value::from)),
        ("config", settings.map(|extension| extension.extension.clone())),
    ];
    Ok(entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    api_version: String,
    kind: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<Hidden>,
    client_certificate_data: Option<String>,
    client_key_data: Option<Hidden>,
    expiration_timestamp: Option<String>,
}

/// Reads what the plugin printed; no error quotes it, because it may be a credential.
pub(super) fn credential(settings: &ExecPlugin, output: &[u8], now: Timestamp) -> Result<Credential, ConnectError> {
    let garbage = |why: String| ConnectError::PluginGarbage { command: settings.command.clone(), why };
    let answer: Answer = serde_json::from_slice(output).map_err(|error| garbage(place(output, &error)))?;
    if answer.kind != "ExecCredential" || answer.api_version != settings.api_version {
        return Err(garbage(format!("it is not an ExecCredential of {}", settings.api_version)));
    }
    let status = answer.status.ok_or_else(|| garbage("it has no status".into()))?;
    let expires = status.expiration_timestamp.as_deref().map(str::parse).transpose();
    let credential = Credential {
        expires: expires.map_err(|_| garbage("its expirationTimestamp is not a time".into()))?,
        identity: identity(&settings.command, status.client_certificate_data, status.client_key_data, now)?,
        token: status.token.map(|Hidden(token)| token.trim().to_owned()).filter(|token| !token.is_empty()),
    };
    match (&credential.token, &credential.identity) {
        (None, None) => Err(garbage("it has neither a token nor a client certificate".into())),
        _ => Ok(credential),
    }
}

fn identity(
    command: &str,
    certificate: Option<String>,
    key: Option<Hidden>,
    now: Timestamp,
) -> Result<Option<ClientIdentity>, ConnectError> {
    let source = |text: String| Source { place: format!("the answer of {command:?}"), bytes: text.into_bytes() };
    match (certificate.filter(|text| !text.is_empty()), key.map(|Hidden(key)| key).filter(|text| !text.is_empty())) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            certificates::checked_identity(&source(certificate), &source(key), now).map(Some)
        }
        _ => Err(ConnectError::PluginGarbage {
            command: command.to_owned(),
            why: "it has a client certificate without a key, or the reverse".into(),
        }),
    }
}

fn place(output: &[u8], error: &serde_json::Error) -> String {
    if output.iter().all(u8::is_ascii_whitespace) {
        return "it printed nothing".to_owned();
    }
    format!("{} bytes that are no ExecCredential (line {}, column {})", output.len(), error.line(), error.column())
}
