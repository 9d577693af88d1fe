//! What the connection takes from the process around it, as a value, so that tests share no global state.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Where Kubernetes mounts a pod's service account.
const SERVICE_ACCOUNT_DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Holds the variables, the directories and the terminal that a connection depends on.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables; credential plugins inherit exactly these.
    pub variables: BTreeMap<OsString, OsString>,
    /// The user's home directory, if there is one.
    pub home: Option<PathBuf>,
    /// Directory with the pod's token, authority and namespace.
    pub service_account: PathBuf,
    /// Whether a person sits at standard input and standard error.
    pub terminal: Terminal,
}

/// Says whether a person can answer a question that a credential plugin asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminal {
    /// Standard input is a terminal.
    Interactive,
    /// Standard input is a pipe, a file or nothing.
    #[default]
    Absent,
}

impl Environment {
    /// Reads the running process.
    pub fn from_process() -> Self {
        let person = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self {
            variables: std::env::vars_os().collect(),
            home: std::env::home_dir(),
            service_account: PathBuf::from(SERVICE_ACCOUNT_DIRECTORY),
            terminal: if person { Terminal::Interactive } else { Terminal::Absent },
        }
    }

    /// Returns a variable that is set, not empty and readable as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(|value| value.to_str()).filter(|value| !value.is_empty())
    }

    /// Returns a variable as the system gave it.
    pub fn raw(&self, name: &str) -> Option<&OsString> {
        self.variables.get(&OsString::from(name))
    }
}
