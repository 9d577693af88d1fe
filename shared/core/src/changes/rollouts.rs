//! Rollouts: each revision of a workload but the first one is of another template than the one before it.

use super::{Change, Sort, differences};
use crate::object::ObjectRef;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{ControllerRevision, ReplicaSet};
use crate::view::View;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A revision of a workload, whatever object keeps it.
struct Revision<'a> {
    made: Option<Timestamp>,
    /// Zero where it is not known.
    number: i64,
    made_of: Option<&'a PodSpec>,
}

impl<'a> From<&'a ReplicaSet> for Revision<'a> {
    fn from(set: &'a ReplicaSet) -> Self {
        Self { made: set.metadata.creation_timestamp.at(), number: set.revision(), made_of: set.made_of() }
    }
}

impl<'a> From<&'a ControllerRevision> for Revision<'a> {
    fn from(kept: &'a ControllerRevision) -> Self {
        Self { made: kept.metadata.creation_timestamp.at(), number: kept.revision, made_of: kept.made_of.as_deref() }
    }
}

/// Every rollout whose revision is there; one back to an older template makes no new one, and is an edit.
pub(super) fn rollouts(view: &View<'_>) -> Vec<Change> {
    let mut owners: BTreeMap<ObjectRef, Vec<Revision<'_>>> = BTreeMap::new();
    for set in view.all::<ReplicaSet>() {
        let owner = set.metadata.controller().filter(|owner| owner.kind == "Deployment");
        if let Some(owner) = owner {
            let owner = ObjectRef::namespaced("Deployment", &set.metadata.namespace, &owner.name);
            owners.entry(owner).or_default().push(set.into());
        }
    }
    for kept in view.all::<ControllerRevision>() {
        let owner = kept.owner().filter(|owner| ["StatefulSet", "DaemonSet"].contains(&owner.kind.as_str()));
        if let Some(owner) = owner {
            owners.entry(owner).or_default().push(kept.into());
        }
    }
    owners.into_iter().flat_map(|(owner, revisions)| of_one(&owner, &revisions)).collect()
}

fn of_one(owner: &ObjectRef, revisions: &[Revision<'_>]) -> Vec<Change> {
    let rollout = |revision: &Revision<'_>| {
        let at = revision.made?;
        // Times have seconds, and scripts are faster.
        let is_earlier = |other: &&Revision<'_>| {
            other.made.is_some_and(|made| made < at || made == at && other.number < revision.number)
        };
        let earlier = revisions.iter().filter(is_earlier);
        // One that was taken up again has a newer number, and what it replaced is not known.
        let number = |it: &Revision<'_>| if it.number < revision.number { it.number } else { -1 };
        let before = earlier.max_by_key(|other| (number(other), other.made))?;
        let fields = before.made_of.zip(revision.made_of).map(|(old, new)| differences(old, new));
        let sort = if fields.as_ref().is_some_and(Vec::is_empty) { Sort::Restart } else { Sort::Rollout };
        let number = match revision.number {
            0 => String::new(),
            number => format!(" of revision {number}"),
        };
        let words = match sort {
            Sort::Restart => format!("the rollout{number} began, of the same containers"),
            _ => format!("the rollout{number} began"),
        };
        let change = Change::new(at, owner.clone(), sort, words);
        Some(Change { fields: fields.unwrap_or_default(), ..change })
    };
    revisions.iter().filter_map(rollout).collect()
}
