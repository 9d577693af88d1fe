//! Chooses context, cluster and user, and lays the flags over what the kubeconfig says of them.

use std::path::Path;

use super::error::{ConnectError, NameKind};
use super::kubeconfig::{Cluster, Context, Hidden, Kubeconfig, User};
use crate::flags::ClusterFlags;

/// Holds what was chosen; still as text, nothing read or checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    pub context: Option<String>,
    pub cluster_name: Option<String>,
    pub cluster: Cluster,
    pub user_name: Option<String>,
    pub user: User,
    pub namespace: Option<String>,
}

/// Chooses by flags first, then by the current context.
///
/// # Errors
/// A context, cluster or user that is named and does not exist.
pub(crate) fn select(config: &Kubeconfig, flags: &ClusterFlags) -> Result<Selection, ConnectError> {
    let context_name = flags.context.clone().or_else(|| config.current_context.clone()).filter(|name| !name.is_empty());
    let context = context_name.as_deref().map(|name| find_context(config, name)).transpose()?.unwrap_or_default();
    let cluster_name = flags.cluster.clone().or(context.cluster).filter(|name| !name.is_empty());
    let user_name = flags.user.clone().or(context.user).filter(|name| !name.is_empty());
    Ok(Selection {
        cluster: cluster_name.as_deref().map(|name| find_cluster(config, name)).transpose()?.unwrap_or_default(),
        user: user_name.as_deref().map(|name| find_user(config, name)).transpose()?.unwrap_or_default(),
        namespace: context.namespace.filter(|name| !name.is_empty()),
        context: context_name,
        cluster_name,
        user_name,
    })
}

/// Lets the flags win over the file, with client-go's rules on what a flag also clears.
pub(crate) fn apply_flags(selection: &mut Selection, flags: &ClusterFlags) {
    apply_cluster_flags(&mut selection.cluster, flags);
    apply_user_flags(&mut selection.user, flags);
    apply_impersonation_flags(&mut selection.user, flags);
    if let Some(namespace) = &flags.namespace {
        selection.namespace = Some(namespace.clone());
    }
}

fn apply_cluster_flags(cluster: &mut Cluster, flags: &ClusterFlags) {
    if flags.server.is_some() {
        cluster.server.clone_from(&flags.server);
    }
    // A name that belongs to the file's server says nothing about the one in the flag.
    if flags.tls_server_name.is_some() || flags.server.is_some() {
        cluster.tls_server_name.clone_from(&flags.tls_server_name);
    }
    if flags.insecure_skip_tls_verify || flags.certificate_authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(flags.insecure_skip_tls_verify);
        cluster.certificate_authority = flags.certificate_authority.as_deref().map(text);
        cluster.certificate_authority_data = None;
    }
}

fn apply_user_flags(user: &mut User, flags: &ClusterFlags) {
    if let Some(token) = &flags.token {
        user.token = Some(Hidden(token.clone()));
        user.token_file = None;
        // A plugin would only be asked for what the flag already gives.
        user.exec = None;
        user.auth_provider = None;
        (user.username, user.password) = (None, None);
    }
    if let Some(path) = &flags.client_certificate {
        user.client_certificate = Some(text(path));
        user.client_certificate_data = None;
    }
    if let Some(path) = &flags.client_key {
        user.client_key = Some(text(path));
        user.client_key_data = None;
    }
}

fn apply_impersonation_flags(user: &mut User, flags: &ClusterFlags) {
    if flags.as_user.is_some() {
        user.as_user.clone_from(&flags.as_user);
    }
    if flags.as_uid.is_some() {
        user.as_uid.clone_from(&flags.as_uid);
    }
    if !flags.as_group.is_empty() {
        user.as_groups = Some(flags.as_group.clone());
    }
}

fn find_context(config: &Kubeconfig, name: &str) -> Result<Context, ConnectError> {
    let all = config.contexts.as_deref().unwrap_or_default();
    let found = all.iter().find(|item| item.name == name).map(|item| item.context.clone().unwrap_or_default());
    found.ok_or_else(|| unknown(NameKind::Context, name, all.iter().map(|item| &item.name)))
}

fn find_cluster(config: &Kubeconfig, name: &str) -> Result<Cluster, ConnectError> {
    let all = config.clusters.as_deref().unwrap_or_default();
    let found = all.iter().find(|item| item.name == name).map(|item| item.cluster.clone().unwrap_or_default());
    found.ok_or_else(|| unknown(NameKind::Cluster, name, all.iter().map(|item| &item.name)))
}

fn find_user(config: &Kubeconfig, name: &str) -> Result<User, ConnectError> {
    let all = config.users.as_deref().unwrap_or_default();
    let found = all.iter().find(|item| item.name == name).map(|item| item.user.clone().unwrap_or_default());
    found.ok_or_else(|| unknown(NameKind::User, name, all.iter().map(|item| &item.name)))
}

fn unknown<'a>(kind: NameKind, name: &str, known: impl Iterator<Item = &'a String>) -> ConnectError {
    let mut known: Vec<String> = known.cloned().collect();
    known.sort();
    ConnectError::UnknownName { kind, name: name.to_owned(), known }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
