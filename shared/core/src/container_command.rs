//! A command that runs in a container, and what came of it.

use crate::finding::quoted;
use crate::object::ObjectRef;
use serde::{Deserialize, Serialize};

/// A command that runs in a container of a pod; no shell is between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerCommand {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod.
    pub pod: String,
    /// The container; absent where the pod has one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// What it reads from its standard input, which ends after it; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

impl ContainerCommand {
    /// The pod.
    pub fn pod(&self) -> ObjectRef {
        ObjectRef::namespaced("Pod", &self.namespace, &self.pod)
    }

    /// The program and its arguments as one would type them.
    pub fn shown(&self) -> String {
        self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// The program alone.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// A command that changes nothing, which is why it may run while a plan is made.
///
/// Nothing can check that: whoever makes one declares it, and answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOnlyCommand(ContainerCommand);

impl ReadOnlyCommand {
    /// Declares that a command changes nothing.
    pub fn declared(command: ContainerCommand) -> Self {
        Self(command)
    }

    /// The command.
    pub fn command(&self) -> &ContainerCommand {
        &self.0
    }
}

/// What a command that ended said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its exit code.
    pub exit_code: i32,
    /// What it wrote to its standard output; what is no text is replaced.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
    /// Whether it wrote more than was kept.
    pub is_cut: bool,
}

impl Said {
    /// Why it did not succeed, in its own words, the last line first of all; `None` when it did.
    pub fn failure(&self) -> Option<String> {
        (self.exit_code != 0).then(|| {
            let last = |text: &str| text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
            let words = last(&self.stderr).or_else(|| last(&self.stdout));
            words.map_or_else(
                || format!("it ended with {} and said nothing", self.exit_code),
                |words| format!("it ended with {}: {words}", self.exit_code),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_in_the_words_of_the_command() {
        let said = |exit_code, stdout: &str, stderr: &str| {
            Said { exit_code, stdout: stdout.to_owned(), stderr: stderr.to_owned(), is_cut: false }.failure()
        };
        assert_eq!(said(0, "", "a warning"), None);
        assert_eq!(said(2, "out", "first\nlast\n\n").as_deref(), Some("it ended with 2: last"));
        assert_eq!(said(1, "out\n", "").as_deref(), Some("it ended with 1: out"));
        assert_eq!(said(1, "", "").as_deref(), Some("it ended with 1 and said nothing"));
    }
}
