//! A home of its own for a test: files, variables, flags, and what was told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Parser;
use http::{Request, Response};
use kube::client::Body;
use tempfile::TempDir;

use super::super::{ConnectError, Connection, Environment, Identity, Notice, RequestFault, classify, connect_from};
use super::server::Server;
use crate::flags::ClusterFlags;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    cluster: ClusterFlags,
}

/// Reads flags as a command would.
pub(super) fn flags(words: &[&str]) -> ClusterFlags {
    Line::try_parse_from([&["sre"], words].concat()).map(|line| line.cluster).expect("valid flags")
}

pub(super) struct Sandbox {
    pub environment: Environment,
    home: TempDir,
    told: Arc<Mutex<Vec<Notice>>>,
}

impl Sandbox {
    /// Makes an empty home; only PATH is taken from the process, for the plugins' interpreters.
    pub(super) fn new() -> Self {
        let home = TempDir::new().expect("a directory");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let environment = Environment {
            variables: [("PATH".into(), path)].into(),
            home: Some(home.path().to_owned()),
            service_account: home.path().join("serviceaccount"),
            ..Environment::default()
        };
        Self { environment, home, told: Arc::default() }
    }

    /// Makes a home whose `~/.kube/config` reaches the server; `user` is the user's YAML, in flow style.
    pub(super) fn with_user(server: &Server, user: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("ca.crt", &server.authority.pem);
        sandbox.write(".kube/config", &kubeconfig(&server.url(), "../ca.crt", user));
        sandbox
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a directory");
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<std::ffi::OsString>) {
        self.environment.variables.insert(name.into(), value.into());
    }

    pub(super) async fn connect(&self, words: &[&str]) -> Result<Connection, ConnectError> {
        let identity = Identity { version: "1.2.3".into(), command: "daily-check".into(), run_id: "r7".into() };
        let told = Arc::clone(&self.told);
        let sink = Arc::new(move |notice| told.lock().expect("no panic while held").push(notice));
        connect_from(&self.environment, &flags(words), &identity, sink).await
    }

    /// Connects, which must work, and sends one GET.
    pub(super) async fn get(&self, words: &[&str]) -> Result<Response<Body>, RequestFault> {
        let connection = self.connect(words).await.expect("a connection");
        get(&connection, "/version").await
    }

    /// Connects, which must fail.
    pub(super) async fn refused(&self, words: &[&str]) -> ConnectError {
        match self.connect(words).await {
            Ok(connection) => panic!("connected to {}", connection.facts.server),
            Err(error) => {
                assert!(!error.hint().is_empty(), "{error} comes without a hint");
                error
            }
        }
    }

    pub(super) fn told(&self) -> Vec<Notice> {
        self.told.lock().expect("no panic while held").clone()
    }
}

pub(super) async fn get(connection: &Connection, path: &str) -> Result<Response<Body>, RequestFault> {
    let request = Request::get(path).body(Body::empty()).expect("a request");
    connection.client.send(request).await.map_err(|error| classify(&error))
}

pub(super) fn kubeconfig(server: &str, authority: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         contexts: [{{name: here, context: {{cluster: c, user: u, namespace: shop}}}}]\n\
         clusters: [{{name: c, cluster: {{server: \"{server}\", certificate-authority: \"{authority}\"}}}}]\n\
         users: [{{name: u, user: {user}}}]\n"
    )
}
