//! How a request proves who sends it: a fixed header, a token file, or what a plugin gave.

use std::path::PathBuf;
use std::sync::{Mutex as StdMutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::certificates::{self, ClientIdentity};
use super::error::ConnectError;
use super::kubeconfig::{Hidden, User};
use super::plugin::{Credential, Plugin};
use super::transport::{Blueprint, header};

/// Gives each request its transport and its `Authorization` header.
pub(crate) enum Access {
    Fixed { transport: kube::Client, authorization: Option<HeaderValue> },
    File { transport: kube::Client, file: TokenFile },
    Plugin(Box<PluginAccess>),
}

/// Holds what one request is sent with.
pub(crate) struct Pass {
    pub transport: kube::Client,
    pub authorization: Option<HeaderValue>,
    generation: u64,
}

impl Access {
    /// Prepares the user's credentials; a plugin runs here for the first time.
    ///
    /// # Errors
    /// Credentials that cannot be read, used, or had from the plugin.
    pub(crate) async fn new(user: &User, plugin: Option<Plugin>, blueprint: Blueprint) -> Result<Self, ConnectError> {
        let identity = certificates::client_identity(user, Timestamp::now())?;
        if let Some(plugin) = plugin {
            return PluginAccess::start(plugin, blueprint, identity).await.map(|access| Self::Plugin(Box::new(access)));
        }
        let transport = blueprint.build(identity.as_ref())?;
        if let Some(path) = user.token_file.as_ref().filter(|path| !path.is_empty()) {
            return TokenFile::open(path.into()).map(|file| Self::File { transport, file });
        }
        Ok(Self::Fixed { transport, authorization: fixed_header(user)? })
    }

    /// Returns what the next request is sent with.
    ///
    /// # Errors
    /// A credential that ran out and could not be renewed.
    pub(crate) async fn pass(&self) -> Result<Pass, ConnectError> {
        match self {
            Self::Fixed { transport, authorization } => {
                Ok(Pass { transport: transport.clone(), authorization: authorization.clone(), generation: 0 })
            }
            Self::File { transport, file } => {
                Ok(Pass { transport: transport.clone(), authorization: Some(file.header()?), generation: 0 })
            }
            Self::Plugin(access) => access.pass().await,
        }
    }

    /// Tells whether a refused request is worth repeating with a newer credential.
    pub(crate) fn is_renewable(&self) -> bool {
        matches!(self, Self::Plugin(_))
    }

    /// Returns a newer pass than the refused one.
    ///
    /// # Errors
    /// The plugin could not give another credential.
    pub(crate) async fn renewed(&self, refused: &Pass) -> Result<Pass, ConnectError> {
        match self {
            Self::Plugin(access) => access.renewed(refused.generation).await,
            _ => self.pass().await,
        }
    }
}

fn fixed_header(user: &User) -> Result<Option<HeaderValue>, ConnectError> {
    if let Some(Hidden(token)) = user.token.as_ref().filter(|Hidden(token)| !token.trim().is_empty()) {
        return bearer(token).map(Some);
    }
    let Some(name) = &user.username else { return Ok(None) };
    let password = user.password.as_ref().map(|Hidden(password)| password.as_str()).unwrap_or_default();
    header(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))), "the user name").map(Some)
}

fn bearer(token: &str) -> Result<HeaderValue, ConnectError> {
    header(&format!("Bearer {}", token.trim()), "the token")
}

/// Reads a token file for each request, as the kubelet rotates it; the last good token outlives the file.
pub(crate) struct TokenFile {
    path: PathBuf,
    last: StdMutex<HeaderValue>,
}

impl TokenFile {
    fn open(path: PathBuf) -> Result<Self, ConnectError> {
        let token = std::fs::read_to_string(&path);
        let token =
            token.map_err(|source| ConnectError::FileUnreadable { what: "token", path: path.clone(), source })?;
        Ok(Self { last: StdMutex::new(bearer(&token)?), path })
    }

    fn header(&self) -> Result<HeaderValue, ConnectError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = std::fs::read_to_string(&self.path).ok().filter(|token| !token.trim().is_empty()) {
            *last = bearer(&token)?;
        }
        Ok(last.clone())
    }
}

/// Keeps a plugin's credential; the lock makes concurrent requests share one run.
pub(crate) struct PluginAccess {
    plugin: Plugin,
    blueprint: Blueprint,
    own_identity: Option<ClientIdentity>,
    current: Mutex<Current>,
}

struct Current {
    credential: Credential,
    transport: kube::Client,
    generation: u64,
}

impl PluginAccess {
    async fn start(
        plugin: Plugin,
        blueprint: Blueprint,
        own_identity: Option<ClientIdentity>,
    ) -> Result<Self, ConnectError> {
        let credential = plugin.run().await?;
        let transport = blueprint.build(credential.identity.as_ref().or(own_identity.as_ref()))?;
        let current = Mutex::new(Current { credential, transport, generation: 0 });
        Ok(Self { plugin, blueprint, own_identity, current })
    }

    async fn pass(&self) -> Result<Pass, ConnectError> {
        let mut current = self.current.lock().await;
        if current.credential.is_expired(Timestamp::now()) {
            self.renew(&mut current).await?;
        }
        current.pass()
    }

    async fn renewed(&self, refused: u64) -> Result<Pass, ConnectError> {
        let mut current = self.current.lock().await;
        // Another request of the same refused generation may have renewed it already.
        if current.generation == refused {
            self.renew(&mut current).await?;
        }
        current.pass()
    }

    async fn renew(&self, current: &mut Current) -> Result<(), ConnectError> {
        let credential = self.plugin.run().await?;
        // A new certificate needs new connections; with the same one the open ones stay.
        if credential.identity != current.credential.identity {
            current.transport = self.blueprint.build(credential.identity.as_ref().or(self.own_identity.as_ref()))?;
        }
        current.credential = credential;
        current.generation += 1;
        Ok(())
    }
}

impl Current {
    fn pass(&self) -> Result<Pass, ConnectError> {
        let authorization = self.credential.token.as_deref().map(bearer).transpose()?;
        Ok(Pass { transport: self.transport.clone(), authorization, generation: self.generation })
    }
}
