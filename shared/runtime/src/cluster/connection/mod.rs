//! The connection to an API server: everything that kubectl's flags and kubeconfig rules can express.
//!
//! It stands in front of the kube client because that client's defaults are made for controllers: they repeat
//! requests, wait for ever, run credential plugins several times and obey debugging variables. It does not read
//! objects and does not decide what is worth repeating.

mod access;
mod certificates;
mod contexts;
mod deadline;
mod elsewhere;
mod environment;
mod error;
mod fault;
mod gateway;
mod hint;
mod identity;
mod in_cluster;
mod kubeconfig;
mod loading;
mod no_proxy;
mod notice;
mod pace;
mod plugin;
mod proxy;
mod selection;
mod status;
#[cfg(test)]
mod tests;
mod transport;

use std::sync::Arc;

use tower::service_fn;

use crate::flags::{ClusterFlags, RequestTimeout};
use access::Access;
pub use contexts::{ContextName, all_contexts, current_context, listed_contexts};
use elsewhere::Elsewhere;
pub(crate) use elsewhere::Outside;
pub use environment::{Environment, Terminal};
pub use error::{ConnectError, NameKind};
pub use fault::{RequestFault, classify};
use gateway::Gateway;
pub use identity::Identity;
pub use notice::{Notice, WarningSink, stderr_sink, stderr_sink_of};
use plugin::Plugin;
use selection::Selection;
pub use status::{content_fault, status_fault};
use transport::Blueprint;

/// Holds a client that is ready to send, and what it is connected to.
#[derive(Clone)]
pub struct Connection {
    /// Sends requests; use `send` for bulk reads, as the typed calls keep whole bodies.
    pub client: kube::Client,
    /// What a report's header says about the connection.
    pub facts: ConnectionFacts,
    /// The way to other addresses.
    pub(crate) elsewhere: Elsewhere,
}

/// Says what a client is connected to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Name of the kubeconfig context, if one was used.
    pub context: Option<String>,
    /// Address of the API server.
    pub server: String,
    /// Name of the kubeconfig user, if one was used; the server may call it something else.
    pub user: Option<String>,
    /// Namespace for whatever needs one and names none: the flag's, else the context's, else `default`.
    pub default_namespace: String,
    /// Hexadecimal SHA-256 of the authority's certificates, which tells clusters behind one address apart.
    pub certificate_authority_digest: Option<String>,
    /// The flags that chose all this, each a word, for commands that are to go there too; no token is among them.
    pub reach: Vec<String>,
    /// Whether a token was typed, which other programs therefore do not have.
    pub has_typed_token: bool,
}

/// Connects as this process's flags, variables and files say; no request is sent yet.
///
/// # Errors
/// Anything that is wrong before the server is asked, a failing credential plugin included.
pub async fn connect(
    flags: &ClusterFlags,
    identity: &Identity,
    warnings: WarningSink,
) -> Result<Connection, ConnectError> {
    connect_from(&Environment::from_process(), flags, identity, warnings).await
}

/// Connects from a given environment.
///
/// # Errors
/// As [`connect`].
pub async fn connect_from(
    environment: &Environment,
    flags: &ClusterFlags,
    identity: &Identity,
    warnings: WarningSink,
) -> Result<Connection, ConnectError> {
    transport::install_cryptography();
    let selection = choose(environment, flags)?;
    check(&selection)?;
    let blueprint = Blueprint::new(&selection, flags, identity, environment)?;
    let facts = facts(&selection, &blueprint, flags);
    let plugin = plugin(&selection, flags, environment, &warnings)?;
    let way = (blueprint.server.clone(), blueprint.limit);
    let access = Access::new(&selection.user, plugin, blueprint).await?;
    let gateway = Gateway::new(access, way, flags.verbosity, warnings.clone());
    let (environment, identity, flags) = (environment.clone(), identity.clone(), flags.clone());
    let elsewhere = Elsewhere { environment, identity, flags, warnings };
    Ok(Connection { client: client(gateway, &facts.default_namespace), facts, elsewhere })
}

/// The address of the API server that would be asked, as far as files and flags say it; nothing is dialled.
pub fn server_at_hand(environment: &Environment, flags: &ClusterFlags) -> Option<String> {
    let server = transport::server_uri(&choose(environment, flags).ok()?).ok()?;
    Some(address(&server))
}

/// The address of a server as it is told.
fn address(server: &http::Uri) -> String {
    server.to_string().trim_end_matches('/').to_owned()
}

/// Finds out which cluster is meant; a pod's own access counts only where nobody configured anything.
fn choose(environment: &Environment, flags: &ClusterFlags) -> Result<Selection, ConnectError> {
    let config = loading::load(flags.kubeconfig.as_deref(), environment)?;
    let nothing_named = [&flags.server, &flags.context, &flags.cluster, &flags.user].into_iter().all(Option::is_none);
    let mut selection = match in_cluster::selection(environment) {
        Some(own) if config.is_empty() && nothing_named && flags.kubeconfig.is_none() => own,
        _ if config.is_empty() && nothing_named => {
            return Err(loading::no_cluster(flags.kubeconfig.as_deref(), environment));
        }
        _ => selection::select(&config, flags)?,
    };
    selection::apply_flags(&mut selection, flags);
    if selection.cluster.server.as_ref().is_some_and(|server| !server.trim().is_empty()) {
        return Ok(selection);
    }
    match (&selection.cluster_name, &selection.context) {
        (Some(name), _) => Err(ConnectError::NoServer { place: format!("the cluster {name:?}") }),
        (None, Some(name)) => Err(ConnectError::NoServer { place: format!("the context {name:?}") }),
        (None, None) => Err(ConnectError::NoContext { known: config.context_names() }),
    }
}

/// Refuses what contradicts itself, as client-go does.
fn check(selection: &Selection) -> Result<(), ConnectError> {
    let (cluster, user) = (&selection.cluster, &selection.user);
    let conflict =
        |first: &str, second: &str| Err(ConnectError::Conflict { first: first.to_owned(), second: second.to_owned() });
    if let Some(provider) = &user.auth_provider {
        let user = selection.user_name.clone().unwrap_or_default();
        return Err(ConnectError::AuthProviderUnsupported { user, name: provider.name.clone() });
    }
    let has_authority = cluster.certificate_authority.is_some() || cluster.certificate_authority_data.is_some();
    if cluster.insecure_skip_tls_verify == Some(true) && has_authority {
        return conflict("--insecure-skip-tls-verify", "--certificate-authority");
    }
    if user.username.is_some() && (user.token.is_some() || user.token_file.is_some()) {
        return conflict("a user name and password", "a token");
    }
    if user.as_user.is_none() && (user.as_uid.is_some() || user.as_groups.is_some() || user.as_user_extra.is_some()) {
        let given = "impersonating a group or a UID (--as-group, --as-uid)".to_owned();
        return Err(ConnectError::Incomplete { given, missing: "--as USER".to_owned() });
    }
    Ok(())
}

fn facts(selection: &Selection, blueprint: &Blueprint, flags: &ClusterFlags) -> ConnectionFacts {
    ConnectionFacts {
        context: selection.context.clone(),
        server: address(&blueprint.server),
        user: selection.user_name.clone(),
        default_namespace: blueprint.namespace.clone(),
        certificate_authority_digest: blueprint.authority.as_deref().map(certificates::digest),
        reach: flags.reach(),
        has_typed_token: flags.token.is_some(),
    }
}

fn plugin(
    selection: &Selection,
    flags: &ClusterFlags,
    environment: &Environment,
    warnings: &WarningSink,
) -> Result<Option<Plugin>, ConnectError> {
    let limit = flags.request_timeout.and_then(|RequestTimeout(limit)| limit);
    let settings = selection.user.exec.clone();
    let start = |settings| Plugin::new(settings, &selection.cluster, environment, limit, warnings.clone());
    settings.map(start).transpose()
}

fn client(gateway: Gateway, namespace: &str) -> kube::Client {
    let gateway = Arc::new(gateway);
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.forward(request).await }
    });
    kube::Client::new(service, namespace)
}
