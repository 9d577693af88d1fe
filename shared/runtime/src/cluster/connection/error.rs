//! Why no connection could be set up, before any request was sent.

use std::path::PathBuf;
use std::time::Duration;

/// Says what was attempted, on what, and why it failed; [`ConnectError::hint`] says what to type next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no kubeconfig, no `--server`, and this is no pod.
    #[error("no cluster is configured (looked in {})", joined(searched))]
    NoCluster { searched: Vec<PathBuf> },
    /// The kubeconfig has contexts, but none is the current one.
    #[error("the kubeconfig has no current context")]
    NoContext { known: Vec<String> },
    /// The kubeconfig has clusters or users, and no context at all.
    #[error("the kubeconfig has no context")]
    NoContexts,
    /// The chosen context or cluster names no server.
    #[error("{place} has no server")]
    NoServer { place: String },
    /// The server's address is no URL.
    #[error("the server address {server:?} is not valid: {why}")]
    ServerInvalid { server: String, why: String },
    /// A kubeconfig file exists, or was named by a flag, and cannot be read.
    #[error("cannot read the kubeconfig {}", path.display())]
    KubeconfigUnreadable { path: PathBuf, source: std::io::Error },
    /// A kubeconfig file is not valid YAML, or has a value of a wrong type; line and column count from 1.
    #[error("the kubeconfig {} is broken at line {line}, column {column}: {why}", path.display())]
    KubeconfigBroken { path: PathBuf, line: u64, column: u64, why: String },
    /// A context, cluster or user that the kubeconfig does not have.
    #[error("the kubeconfig has no {kind} {name:?}")]
    UnknownName { kind: NameKind, name: String, known: Vec<String> },
    /// Two settings that exclude each other.
    #[error("{first} and {second} exclude each other")]
    Conflict { first: String, second: String },
    /// A setting that is useless without another one.
    #[error("{given} needs {missing}")]
    Incomplete { given: String, missing: String },
    /// A value that cannot be sent as a header; the value is not shown.
    #[error("{what} has characters that a request header cannot carry")]
    HeaderInvalid { what: String },
    /// A certificate, key or token file that cannot be read.
    #[error("cannot read the {what} {}", path.display())]
    FileUnreadable { what: &'static str, path: PathBuf, source: std::io::Error },
    /// A certificate or key that is there and means nothing.
    #[error("the {what} in {place} is not valid: {why}")]
    CertificateInvalid { what: &'static str, place: String, why: String },
    /// A client certificate whose time is over, noticed before dialling.
    #[error("the client certificate in {place} expired at {expired}")]
    CertificateExpired { place: String, expired: jiff::Timestamp },
    /// A proxy address that cannot be used; credentials in it are not shown.
    #[error("the proxy in {place} is not valid: {why}")]
    ProxyInvalid { place: String, why: String },
    /// An in-tree authentication provider, which kubectl dropped as well.
    #[error("the user {user:?} authenticates with the legacy provider {name:?}, which is not supported")]
    AuthProviderUnsupported { user: String, name: String },
    /// A credential plugin that is not installed or cannot be started.
    #[error("cannot start the credential plugin {command:?}")]
    PluginMissing { command: String, install_hint: Option<String>, source: std::io::Error },
    /// A credential plugin that ended without success.
    #[error("the credential plugin {command:?} failed with {status}{}", said(stderr))]
    PluginFailed { command: String, status: String, stderr: String },
    /// A credential plugin that did not end in time.
    #[error("the credential plugin {command:?} gave no answer within {} s{}", limit.as_secs_f64(), said(stderr))]
    PluginHung { command: String, limit: Duration, stderr: String },
    /// A credential plugin whose output is no credential; the output is not shown.
    #[error("the credential plugin {command:?} printed no usable credential: {why}")]
    PluginGarbage { command: String, why: String },
    /// A credential plugin that only works with a person at a terminal.
    #[error("the credential plugin {command:?} wants to ask at a terminal, and there is none")]
    PluginNeedsTerminal { command: String },
    /// The TLS or proxy layer refused the settings.
    #[error("cannot set up the connection")]
    Setup { source: Box<kube::Error> },
}

/// Names what a kubeconfig keeps lists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    Context,
    Cluster,
    User,
}

impl std::fmt::Display for NameKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Context => "context",
            Self::Cluster => "cluster",
            Self::User => "user",
        })
    }
}

fn joined(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return "KUBECONFIG, and there is no home directory".to_owned();
    }
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!(": {stderr}") }
}
