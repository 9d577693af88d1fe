//! Credential plugins: run once by ourselves, as the client would run one three times and lend it our stdin.

mod answer;
mod process;

use std::time::Duration;

use jiff::Timestamp;

use super::certificates::ClientIdentity;
use super::environment::{Environment, Terminal};
use super::error::ConnectError;
use super::kubeconfig::{Cluster, ExecPlugin, InteractiveMode};
use super::notice::WarningSink;

/// Holds what a plugin gave: a token, a client certificate, or both.
#[derive(Clone)]
pub(crate) struct Credential {
    pub token: Option<String>,
    pub identity: Option<ClientIdentity>,
    pub expires: Option<Timestamp>,
}

impl Credential {
    /// Tells whether the plugin itself calls the credential out of date at `now`.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Knows how to run one plugin.
pub(crate) struct Plugin {
    settings: ExecPlugin,
    request: String,
    environment: Environment,
    limit: Duration,
    notices: WarningSink,
}

/// A login in a browser takes a person minutes; without a person nothing is worth waiting for that long.
const LIMIT_WITH_PERSON: Duration = Duration::from_secs(300);
const LIMIT_ALONE: Duration = Duration::from_secs(60);

impl Plugin {
    /// Prepares a plugin; nothing runs yet. `limit` replaces the usual time that it may take.
    ///
    /// # Errors
    /// A plugin that must ask a person where there is none; an unknown version of the protocol.
    pub(crate) fn new(
        settings: ExecPlugin,
        cluster: &Cluster,
        environment: &Environment,
        limit: Option<Duration>,
        notices: WarningSink,
    ) -> Result<Self, ConnectError> {
        let command = || settings.command.clone();
        if !answer::is_known_version(&settings.api_version) {
            let why = format!("its apiVersion {:?} is none of v1, v1beta1", settings.api_version);
            return Err(ConnectError::PluginGarbage { command: command(), why });
        }
        let person = environment.terminal == Terminal::Interactive;
        if settings.interactive_mode == Some(InteractiveMode::Always) && !person {
            return Err(ConnectError::PluginNeedsTerminal { command: command() });
        }
        let may_ask = person && settings.interactive_mode != Some(InteractiveMode::Never);
        let usual = if may_ask { LIMIT_WITH_PERSON } else { LIMIT_ALONE };
        Ok(Self {
            request: answer::request(&settings, cluster, may_ask)?,
            environment: Environment {
                terminal: if may_ask { Terminal::Interactive } else { Terminal::Absent },
                ..environment.clone()
            },
            limit: limit.unwrap_or(usual),
            settings,
            notices,
        })
    }

    /// Runs the plugin and reads its credential.
    ///
    /// # Errors
    /// It cannot be started, fails, does not end in time, or prints something else.
    pub(crate) async fn run(&self) -> Result<Credential, ConnectError> {
        let output = process::run(self).await?;
        answer::credential(&self.settings, &output, Timestamp::now())
    }
}
