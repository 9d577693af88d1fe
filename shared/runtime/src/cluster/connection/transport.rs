//! Builds the HTTP and TLS stack from checked settings, with none of the client's own defaults left to chance.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use kube::config::AuthInfo;

use super::certificates::{self, ClientIdentity};
use super::environment::Environment;
use super::error::ConnectError;
use super::identity::Identity;
use super::kubeconfig::User;
use super::proxy;
use super::selection::Selection;
use crate::flags::{ClusterFlags, RequestTimeout};

/// A server that has sent nothing for this long is taken for stalled, unless `--request-timeout` says otherwise.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// Holds everything that a transport is made of but the client certificate, which a plugin may renew.
pub(crate) struct Blueprint {
    pub server: Uri,
    pub namespace: String,
    pub authority: Option<Vec<Vec<u8>>>,
    /// Bounds one whole request, if the user asked for that.
    pub limit: Option<Duration>,
    /// Bounds the silence of a server; `None` bears it for ever.
    pub read_timeout: Option<Duration>,
    insecure: bool,
    tls_server_name: Option<String>,
    proxy: Option<Uri>,
    impersonation: AuthInfo,
    user_agent: HeaderValue,
}

impl Blueprint {
    /// Checks and reads what the selection names.
    ///
    /// # Errors
    /// An invalid address, proxy, authority or impersonation.
    pub(crate) fn new(
        selection: &Selection,
        flags: &ClusterFlags,
        identity: &Identity,
        environment: &Environment,
    ) -> Result<Self, ConnectError> {
        let cluster = &selection.cluster;
        let server = server_uri(selection)?;
        Ok(Self {
            proxy: proxy::choose(cluster.proxy_url.as_deref(), &server, environment)?,
            namespace: selection.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            authority: certificates::authority(cluster)?,
            limit: flags.request_timeout.and_then(|RequestTimeout(limit)| limit),
            read_timeout: flags.request_timeout.map_or(Some(READ_TIMEOUT), |RequestTimeout(limit)| limit),
            insecure: cluster.insecure_skip_tls_verify == Some(true),
            tls_server_name: cluster.tls_server_name.clone().filter(|name| !name.is_empty()),
            impersonation: impersonation(&selection.user)?,
            user_agent: header(&identity.user_agent(), "the user agent")?,
            server,
        })
    }

    /// Plans the way to an address that is no API server: the system's authorities, no identity of ours.
    ///
    /// # Errors
    /// An address or a proxy that is none.
    pub(crate) fn elsewhere(
        address: &str,
        flags: &ClusterFlags,
        identity: &Identity,
        environment: &Environment,
    ) -> Result<Self, ConnectError> {
        let invalid = |_| ConnectError::ServerInvalid { server: address.to_owned(), why: "it is not a URL".to_owned() };
        let server: Uri = address.parse().map_err(invalid)?;
        Ok(Self {
            proxy: proxy::choose(None, &server, environment)?,
            namespace: String::new(),
            authority: None,
            limit: flags.request_timeout.and_then(|RequestTimeout(limit)| limit),
            read_timeout: flags.request_timeout.map_or(Some(READ_TIMEOUT), |RequestTimeout(limit)| limit),
            insecure: false,
            tls_server_name: None,
            impersonation: AuthInfo::default(),
            user_agent: header(&identity.user_agent(), "the user agent")?,
            server,
        })
    }

    /// Builds a client that adds no credential of its own but the certificate.
    ///
    /// # Errors
    /// What the TLS or proxy layer refuses, such as a key that does not belong to its certificate.
    pub(crate) fn build(&self, identity: Option<&ClientIdentity>) -> Result<kube::Client, ConnectError> {
        let mut config = kube::Config::new(self.server.clone());
        config.default_namespace.clone_from(&self.namespace);
        config.root_cert.clone_from(&self.authority);
        config.accept_invalid_certs = self.insecure;
        config.tls_server_name.clone_from(&self.tls_server_name);
        config.proxy_url.clone_from(&self.proxy);
        config.connect_timeout = Some(self.limit.map_or(CONNECT_TIMEOUT, |limit| limit.min(CONNECT_TIMEOUT)));
        config.read_timeout = self.read_timeout;
        config.reset_reader_on_write = true;
        // An eviction that a budget blocks is a 429: what is repeated is decided where the request is known.
        config.default_retry = false;
        // The read path asks for gzip itself, because it decodes while the body arrives.
        config.disable_compression = true;
        config.headers = vec![(USER_AGENT, self.user_agent.clone())];
        config.auth_info = self.auth_info(identity);
        kube::Client::try_from(config).map_err(|source| ConnectError::Setup { source: Box::new(source) })
    }

    fn auth_info(&self, identity: Option<&ClientIdentity>) -> AuthInfo {
        AuthInfo {
            client_certificate_data: identity.map(|identity| STANDARD.encode(&identity.certificate)),
            client_key_data: identity.map(|identity| STANDARD.encode(&identity.key).into()),
            ..self.impersonation.clone()
        }
    }
}

/// Makes ring the process's cryptography; a second call changes nothing.
pub(crate) fn install_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Makes a header's value that is never logged.
///
/// # Errors
/// Characters that a header cannot carry; the value is not shown.
pub(crate) fn header(value: &str, what: &str) -> Result<HeaderValue, ConnectError> {
    let mut header = HeaderValue::from_str(value).map_err(|_| ConnectError::HeaderInvalid { what: what.to_owned() })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Like kubectl, an address without a scheme is HTTPS if anything about TLS is configured, else HTTP.
pub(super) fn server_uri(selection: &Selection) -> Result<Uri, ConnectError> {
    let (cluster, user) = (&selection.cluster, &selection.user);
    let address = cluster.server.as_deref().unwrap_or_default().trim();
    let tls = cluster.insecure_skip_tls_verify == Some(true)
        || cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || user.client_certificate.is_some()
        || user.client_certificate_data.is_some();
    let whole = match (address.contains("://"), tls) {
        (true, _) => address.to_owned(),
        (false, true) => format!("https://{address}"),
        (false, false) => format!("http://{address}"),
    };
    let invalid = |why: &str| ConnectError::ServerInvalid { server: without_user(address), why: why.to_owned() };
    let uri: Uri = whole.parse().map_err(|_| invalid("it is not a URL"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() && !whole.contains('@') => Ok(uri),
        (Some("http" | "https"), Some(_)) => Err(invalid("it must hold a host, and no user or password")),
        _ => Err(invalid("its scheme is neither http nor https")),
    }
}

fn without_user(address: &str) -> String {
    address.rsplit_once('@').map_or(address, |(_, host)| host).to_owned()
}

fn impersonation(user: &User) -> Result<AuthInfo, ConnectError> {
    let groups = user.as_groups.iter().flatten();
    let extra = user.as_user_extra.iter().flatten().flat_map(|(_, values)| values);
    for value in user.as_user.iter().chain(&user.as_uid).chain(groups).chain(extra) {
        header(value, "the impersonated identity (--as, --as-group, --as-uid)")?;
    }
    Ok(AuthInfo {
        impersonate: user.as_user.clone(),
        impersonate_uid: user.as_uid.clone(),
        impersonate_groups: user.as_groups.clone(),
        impersonate_user_extra: user.as_user_extra.clone().map(|extra| extra.into_iter().collect()),
        ..AuthInfo::default()
    })
}
