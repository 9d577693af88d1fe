//! What plans are judged by: the policy, and what it wants to know of the system.

use crate::error::Error;
use sre_core::finding::quoted;
use sre_core::policy::{Budget, Environment, Policy};
use sre_core::profile::Profile;
use sre_core::snapshot::{Reads, Snapshot};
use std::path::{Path, PathBuf};

/// A policy, the file that it stands in, and the budgets that it asks for.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    policy: Policy,
    file: Option<PathBuf>,
    /// The flag that names the file.
    flag: &'static str,
    production: Option<bool>,
    budgets: Vec<Budget>,
}

impl Rules {
    /// Those of a profile and its file; without one, the rules that hold for everybody.
    pub(crate) fn of(profile: &Profile, file: Option<PathBuf>) -> Self {
        Self {
            policy: profile.policy.clone(),
            file,
            flag: "--profile",
            production: profile.production,
            budgets: Vec::new(),
        }
    }

    /// The same with the policy of another file, as Kubilitics writes it.
    ///
    /// # Errors
    /// Says what is wrong in the file, or that a profile has a policy already.
    pub(super) fn with_file(&self, file: &Path) -> Result<Self, Error> {
        if self.policy != Policy::default() {
            return Err(Error::Usage {
                message: "--policy beside a --profile that has a policy: which of them holds?".to_owned(),
                hint: "leave one of them out".to_owned(),
            });
        }
        let text = std::fs::read_to_string(file).map_err(|error| Error::Usage {
            message: format!("--policy {}: {error}", file.display()),
            hint: "name a file that is there and can be read".to_owned(),
        })?;
        let policy =
            Policy::parse_kubilitics(&text).map_err(|problems| Error::Profile { path: file.to_owned(), problems })?;
        Ok(Self { policy, file: Some(file.to_owned()), flag: "--policy", ..self.clone() })
    }

    /// The policy.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How much of which error budget is used, as far as somebody asked.
    pub(super) fn budgets(&self) -> &[Budget] {
        &self.budgets
    }

    /// The environment that a plan is for.
    pub(super) fn environment<'n>(
        &self,
        context: Option<&str>,
        namespaces: impl IntoIterator<Item = &'n str>,
    ) -> Environment {
        Environment::of(self.production, context, namespaces)
    }

    /// A rule with its file before the line that it stands in.
    pub(super) fn cited(&self, reason: &sre_core::policy::Reason) -> String {
        match &self.file {
            Some(file) if reason.line.is_some() => format!("{}: {reason}", file.display()),
            _ => reason.to_string(),
        }
    }

    /// What a command needs to be judged by the same rules, with a blank before it.
    pub(super) fn flag(&self) -> String {
        let file = self.file.as_ref().map(|file| quoted(&file.display().to_string()));
        file.map_or_else(String::new, |file| format!(" {} {file}", self.flag))
    }

    /// The file, as people are pointed to it.
    pub(super) fn place(&self) -> String {
        self.file.as_ref().map_or_else(|| "the policy".to_owned(), |file| file.display().to_string())
    }

    /// The path of the signers of a second person; one that is not absolute is beside the policy's file.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        let folder = self.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        folder.join(path)
    }

    /// What to ask for the error budgets, if the policy wants to know them.
    pub(crate) fn questions(&self, profile: &Profile) -> Option<Reads> {
        if !self.policy.asks_for_budgets() || profile.objectives.is_empty() {
            return None;
        }
        let queries = profile.objectives.iter().map(sre_core::profile::Objective::spent_query).collect();
        Some(Reads::measured(profile.prometheus.clone(), queries))
    }

    /// Takes the answers to those questions; who gave none leaves a budget unknown.
    pub(crate) fn hear(&mut self, profile: &Profile, snapshot: &Snapshot) {
        let samples = |query: &_| snapshot.answers.samples(query, snapshot.taken_at).unwrap_or_default();
        let objectives = profile.objectives.iter();
        self.budgets = objectives.map(|it| Budget::of(it, &samples(&it.spent_query()))).collect();
    }
}
