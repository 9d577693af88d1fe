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

/// What a command must say for all to be well; it always has to succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Wants {
    /// Nothing in particular.
    Success,
    /// A number, and no larger one.
    AtMost(u32),
    /// A number, and no smaller one.
    AtLeast(u32),
    /// This text and nothing else, but for white space around it.
    Equals(String),
    /// This text among other text.
    Contains(String),
}

impl Wants {
    /// In words, after "must say" or "must".
    pub fn words(&self) -> String {
        match self {
            Self::Success => "succeed".to_owned(),
            Self::AtMost(most) => format!("say a number of {most} at most"),
            Self::AtLeast(least) => format!("say a number of {least} at least"),
            Self::Equals(text) => format!("say {}", quoted(text)),
            Self::Contains(text) => format!("say something with {}", quoted(text)),
        }
    }

    /// What is otherwise in what a command said; `None` when all is well.
    pub fn unmet(&self, said: &Said) -> Option<String> {
        if let Some(failure) = said.failure() {
            return Some(failure);
        }
        if said.is_cut {
            return Some("it says more than is read".to_owned());
        }
        let text = said.stdout.trim();
        let number = || text.parse::<f64>().ok().filter(|it| it.is_finite());
        let is_met = match self {
            Self::Success => true,
            Self::AtMost(most) => number().is_some_and(|it| it <= f64::from(*most)),
            Self::AtLeast(least) => number().is_some_and(|it| it >= f64::from(*least)),
            Self::Equals(wanted) => text == wanted.trim(),
            Self::Contains(wanted) => text.contains(wanted.as_str()),
        };
        (!is_met).then(|| format!("it says {}, and must {}", shortened(text), self.words()))
    }
}

/// The beginning of what was said.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match (one_line.is_empty(), one_line.char_indices().nth(MOST)) {
        (true, _) => "nothing".to_owned(),
        (false, None) => quoted(&one_line),
        (false, Some((at, _))) => format!("{}...", &one_line[..at]),
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

    #[test]
    fn what_a_command_says_is_held_against_what_it_must_say() {
        let said = |stdout: &str| Said { stdout: stdout.to_owned(), ..Said::default() };
        let text = |it: &str| it.to_owned();
        for (wants, good, bad) in [
            (Wants::AtMost(10), "9.5\n", "10.1"),
            (Wants::AtMost(10), "-1", "ten"),
            (Wants::AtMost(10), "0", "NaN"),
            (Wants::AtLeast(3), " 3 ", "2"),
            (Wants::AtLeast(3), "4", ""),
            (Wants::Equals(text("ok")), "ok\n", "ok ok"),
            (Wants::Contains(text("state:ok")), "a\ncluster_state:ok\n", "cluster_state:fail"),
        ] {
            assert_eq!((wants.unmet(&said(good)), wants.unmet(&said(bad)).is_some()), (None, true), "{wants:?}");
        }
        assert_eq!(Wants::Success.unmet(&said("anything")), None);
        let failed = Said { exit_code: 1, stdout: text("0"), ..Said::default() };
        assert_eq!(Wants::AtMost(1).unmet(&failed).as_deref(), Some("it ended with 1: 0"));
        let cut = Said { is_cut: true, ..said("0") };
        assert!(Wants::Success.unmet(&cut).is_some());
        let words = Wants::AtMost(10).unmet(&said("99")).expect("too much");
        assert_eq!(words, "it says 99, and must say a number of 10 at most");
        assert!(Wants::AtLeast(1).unmet(&said("")).expect("none").starts_with("it says nothing, and"));
    }
}
