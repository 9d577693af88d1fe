//! What was looked at and what was found there, as every document for machines says it.

use crate::access::{Access, Permission};
use crate::finding::{Effect, Evidence, Remedy, aimed};
use crate::object::ObjectRef;
use crate::snapshot::{Coverage, ReadState};
use crate::view::View;
use serde::Serialize;

/// What was looked at, and when.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The context of the kubeconfig, when live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Address of the API server, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Version of the API server, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    /// The user of the kubeconfig, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The one namespace, when not all were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// When it was seen, in UTC.
    pub taken_at: String,
    /// How that time came about, where no clock was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
}

impl Source {
    /// Says of a view where it comes from.
    pub fn of(view: &View<'_>) -> Self {
        let origin = &view.snapshot.origin;
        Self {
            context: origin.context.clone(),
            server: origin.server.clone(),
            server_version: origin.server_version.clone(),
            user: origin.user.clone(),
            namespace: view.snapshot.namespaces.one().map(str::to_owned),
            taken_at: view.now().to_string(),
            clock: origin.clock.clone(),
        }
    }
}

/// What became of one read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadView {
    /// The kind, or whatever else was read.
    pub what: &'static str,
    /// What became of it, in the words of the coverage.
    pub state: &'static str,
    /// How many objects were seen.
    pub objects: usize,
    /// Why it is a gap, when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ReadView {
    /// Every read of a run.
    pub fn all(coverage: &Coverage) -> Vec<Self> {
        coverage.iter().map(|(sight, state)| Self::of(sight.word(), state)).collect()
    }

    fn of(what: &'static str, state: &ReadState) -> Self {
        let (objects, detail) = match state {
            ReadState::Read { count } => (*count, None),
            ReadState::Gap(gap) => (gap.seen, Some(gap.detail.clone())),
            _ => (0, None),
        };
        Self { what, state: state.word(), objects, detail }
    }

    /// Whether something of it could not be looked at.
    pub fn is_gap(&self) -> bool {
        self.detail.is_some()
    }
}

/// One fact.
#[derive(Debug, Serialize)]
pub struct EvidenceView {
    /// The object that was looked at.
    pub object: ObjectRef,
    /// Path of the field.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// When, where the value does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

impl EvidenceView {
    /// A fact of a finding.
    pub fn of(fact: &Evidence) -> Self {
        Self {
            object: fact.object.clone(),
            field: fact.field.clone(),
            value: fact.value.clone(),
            time: fact.at.map(|at| at.to_string()),
        }
    }
}

/// One command.
#[derive(Debug, Serialize)]
pub struct RemedyView {
    /// The command, complete.
    pub command: String,
    /// Whether it changes the cluster.
    pub changes: bool,
    /// Whether the caller may run it, where that is known.
    pub allowed: Option<bool>,
    /// What of it the caller may not do, in words.
    #[serde(skip)]
    pub denied: String,
}

impl RemedyView {
    /// A command of a finding; `reach` are the flags that led to the cluster.
    pub fn of(remedy: &Remedy, access: &Access, reach: &[String]) -> Self {
        let (allowed, denied) = match access.permission(remedy) {
            Permission::Allowed => (Some(true), Vec::new()),
            Permission::Denied(requests) => (Some(false), requests.iter().map(ToString::to_string).collect()),
            Permission::Unknown => (None, Vec::new()),
        };
        let changes = remedy.effect == Effect::Changes;
        Self { command: aimed(&remedy.command, reach), changes, allowed, denied: denied.join(", ") }
    }

    /// What to say behind the command; empty for nothing.
    pub fn note(&self) -> String {
        let changes = if self.changes { "changes the cluster" } else { "" };
        if self.denied.is_empty() {
            return changes.to_owned();
        }
        format!("{changes}; the caller may not {}", self.denied)
    }
}
