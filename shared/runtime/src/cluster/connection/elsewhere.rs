//! The way to what is not the API server: a Prometheus by its address, a health endpoint.
//!
//! It takes the environment's proxies, the deadlines and the request lines of the connection, and none of its
//! credentials: those are for the API server alone.

use super::access::Access;
use super::environment::Environment;
use super::error::ConnectError;
use super::gateway::Gateway;
use super::identity::Identity;
use super::kubeconfig::User;
use super::notice::WarningSink;
use super::transport::{Blueprint, install_cryptography};
use crate::flags::ClusterFlags;

/// What other addresses are asked with.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    pub(super) environment: Environment,
    pub(super) identity: Identity,
    pub(super) flags: ClusterFlags,
    pub(super) warnings: WarningSink,
}

impl Elsewhere {
    /// Makes a client for an address, which may hold a path that all of its requests begin with.
    ///
    /// # Errors
    /// An address or a proxy that is none.
    pub(crate) async fn client(&self, address: &str) -> Result<kube::Client, ConnectError> {
        let blueprint = Blueprint::elsewhere(address, &self.flags, &self.identity, &self.environment)?;
        let way = (blueprint.server.clone(), blueprint.limit);
        let access = Access::new(&User::default(), None, blueprint).await?;
        let gateway = Gateway::new(access, way, self.flags.verbosity, self.warnings.clone());
        Ok(super::client(gateway, ""))
    }
}

/// The way to services that people are told by. What is sent there is traced nowhere, as addresses are secrets.
pub(crate) struct Outside;

impl Outside {
    /// Makes a client for scheme and host of an address.
    ///
    /// # Errors
    /// An address or a proxy that is none.
    pub(crate) fn client(
        origin: &str,
        flags: &ClusterFlags,
        identity: &Identity,
        environment: &Environment,
    ) -> Result<kube::Client, ConnectError> {
        install_cryptography();
        Blueprint::elsewhere(origin, flags, identity, environment)?.build(None)
    }
}
