//! The revisions of a workload: what they run, who made them, and how they fared.
//!
//! A Deployment keeps its revisions as ReplicaSets, a StatefulSet and a DaemonSet keep theirs as ControllerRevisions.

mod authors;
mod fields;
mod health;
mod images;
mod kept;

pub use health::{Health, Verdict};
pub use images::{Image, is_fixed};
pub use sre_core::pod_template::{digest, is_same, is_same_but_restarted};

pub(crate) use fields::Fields;
pub(crate) use kept::is_of_revision;

use jiff::Timestamp;
use kept::Kept;
use serde_json::Value;
use sre_core::object::ObjectRef;

/// What was seen of a workload; all of them whole, as the API server shows them, with `managedFields`.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The Deployment, StatefulSet or DaemonSet, with its kind.
    pub workload: &'a Value,
    /// ReplicaSets of its namespace for a Deployment, else ControllerRevisions; those of others do no harm.
    pub owned: &'a [Value],
    /// Pods of its namespace; those of others do no harm.
    pub pods: &'a [Value],
    /// Events of its namespace.
    pub events: &'a [Value],
    /// What became of earlier changes of this workload.
    pub records: &'a [Record],
    /// When all this was seen.
    pub taken_at: Timestamp,
}

/// What became of an earlier change that this tool made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The pod template that it led to, see [`digest`].
    pub template: String,
    /// Whether what was expected of it came true.
    pub is_healthy: bool,
    /// What the change is known by.
    pub change: String,
    /// When that was found.
    pub at: Timestamp,
}

/// One revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number, as `kubectl rollout history` shows it.
    pub number: i64,
    /// The ReplicaSet or ControllerRevision.
    pub object: ObjectRef,
    /// What tells that from others of its name.
    pub uid: String,
    /// When that was made.
    pub created: Timestamp,
    /// Whether it is what the workload wants now.
    pub is_current: bool,
    /// Whether somebody went back to it: then others with a lower number came after it.
    pub is_brought_back: bool,
    /// What it runs, init containers first.
    pub images: Vec<Image>,
    /// What the annotation `kubernetes.io/change-cause` says.
    pub change_cause: Option<String>,
    /// Who made it, by the names of field managers; empty when nothing tells.
    pub by: Vec<String>,
    /// The pod template, without what controllers add to it.
    pub template: Value,
    /// How it fared.
    pub health: Health,
}

/// All revisions that are kept, newest first.
pub fn history(seen: &Seen<'_>) -> Vec<Revision> {
    let kept = kept::revisions(seen);
    let current = kept::current(seen, &kept);
    let each =
        kept.iter().enumerate().map(|(index, revision)| revised(seen, &kept, index, current == Some(revision.number)));
    each.rev().collect()
}

fn revised(seen: &Seen<'_>, kept: &[Kept<'_>], index: usize, is_current: bool) -> Revision {
    let revision = &kept[index];
    Revision {
        number: revision.number,
        object: revision.object.clone(),
        uid: revision.fields.text("/metadata/uid").unwrap_or_default().to_owned(),
        created: revision.created,
        is_current,
        is_brought_back: revision.is_brought_back,
        images: images::of(&revision.template, &revision.pods),
        change_cause: revision.fields.annotation("kubernetes.io/change-cause").map(str::to_owned),
        by: authors::of(seen.workload, revision, is_current),
        template: revision.template.clone(),
        health: health::of(seen, kept, index),
    }
}

#[cfg(test)]
pub(crate) mod tests;
