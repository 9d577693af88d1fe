//! The parts of a kubeconfig file that a connection needs.
//!
//! Own types instead of the client's: errors keep their line and column, and nothing is interpreted on the way.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// Holds one file, or several merged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Kubeconfig {
    pub current_context: Option<String>,
    pub contexts: Option<Vec<NamedContext>>,
    pub clusters: Option<Vec<NamedCluster>>,
    pub users: Option<Vec<NamedUser>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NamedContext {
    pub name: String,
    #[serde(default)]
    pub context: Option<Context>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NamedCluster {
    pub name: String,
    #[serde(default)]
    pub cluster: Option<Cluster>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NamedUser {
    pub name: String,
    #[serde(default)]
    pub user: Option<User>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Context {
    pub cluster: Option<String>,
    pub user: Option<String>,
    pub namespace: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Cluster {
    pub server: Option<String>,
    pub tls_server_name: Option<String>,
    pub insecure_skip_tls_verify: Option<bool>,
    pub certificate_authority: Option<String>,
    pub certificate_authority_data: Option<String>,
    pub proxy_url: Option<String>,
    pub extensions: Option<Vec<NamedExtension>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NamedExtension {
    pub name: String,
    #[serde(default)]
    pub extension: serde_json::Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct User {
    pub username: Option<String>,
    pub password: Option<Hidden>,
    pub token: Option<Hidden>,
    #[serde(rename = "tokenFile")]
    pub token_file: Option<String>,
    pub client_certificate: Option<String>,
    pub client_certificate_data: Option<String>,
    pub client_key: Option<String>,
    pub client_key_data: Option<Hidden>,
    #[serde(rename = "as")]
    pub as_user: Option<String>,
    pub as_uid: Option<String>,
    pub as_groups: Option<Vec<String>>,
    pub as_user_extra: Option<BTreeMap<String, Vec<String>>>,
    pub auth_provider: Option<AuthProvider>,
    pub exec: Option<ExecPlugin>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AuthProvider {
    pub name: String,
}

/// Describes a credential plugin, see <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ExecPlugin {
    pub api_version: String,
    pub command: String,
    pub args: Option<Vec<String>>,
    pub env: Option<Vec<ExecVariable>>,
    pub install_hint: Option<String>,
    pub interactive_mode: Option<InteractiveMode>,
    pub provide_cluster_info: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ExecVariable {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum InteractiveMode {
    Never,
    IfAvailable,
    Always,
}

/// Carries a credential that no debug print may show.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Kubeconfig {
    /// Adds what another file says and this one does not: the first file to name a thing wins.
    pub(crate) fn merge(&mut self, next: Self) {
        self.current_context = self.current_context.take().filter(|name| !name.is_empty()).or(next.current_context);
        append_new(&mut self.contexts, next.contexts, |item| &item.name);
        append_new(&mut self.clusters, next.clusters, |item| &item.name);
        append_new(&mut self.users, next.users, |item| &item.name);
    }

    /// Lists the contexts by name.
    pub(crate) fn context_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.contexts.iter().flatten().map(|item| item.name.clone()).collect();
        names.sort();
        names
    }

    /// Tells whether nothing at all is configured.
    pub(crate) fn is_empty(&self) -> bool {
        self.clusters.as_ref().is_none_or(Vec::is_empty)
            && self.contexts.as_ref().is_none_or(Vec::is_empty)
            && self.users.as_ref().is_none_or(Vec::is_empty)
    }
}

fn append_new<Item>(all: &mut Option<Vec<Item>>, next: Option<Vec<Item>>, name: impl Fn(&Item) -> &String) {
    let all = all.get_or_insert_default();
    for item in next.unwrap_or_default() {
        if !all.iter().any(|known| name(known) == name(&item)) {
            all.push(item);
        }
    }
}
