//! Rollouts of Deployments: each ReplicaSet but the first one is of another template than the one before it.

use super::{Change, Sort, differences};
use crate::object::ObjectRef;
use crate::slim::ReplicaSet;
use crate::view::View;
use std::collections::BTreeMap;

/// Every rollout whose ReplicaSet is there; one back to an older template makes no new one, and is an edit.
pub(super) fn rollouts(view: &View<'_>) -> Vec<Change> {
    let mut owners: BTreeMap<ObjectRef, Vec<&ReplicaSet>> = BTreeMap::new();
    for set in view.all::<ReplicaSet>() {
        let owner = set.metadata.controller().filter(|owner| owner.kind == "Deployment");
        if let Some(owner) = owner {
            let owner = ObjectRef::namespaced("Deployment", &set.metadata.namespace, &owner.name);
            owners.entry(owner).or_default().push(set);
        }
    }
    owners.into_iter().flat_map(|(owner, sets)| of_one(&owner, &sets)).collect()
}

fn of_one(owner: &ObjectRef, sets: &[&ReplicaSet]) -> Vec<Change> {
    let rollout = |set: &&ReplicaSet| {
        let at = set.metadata.creation_timestamp.at()?;
        // Times have seconds, and scripts are faster.
        let is_earlier = |other: &&&ReplicaSet| {
            let made = other.metadata.creation_timestamp.at();
            made.is_some_and(|made| made < at || made == at && other.revision() < set.revision())
        };
        let earlier = sets.iter().filter(is_earlier);
        // One that was taken up again has a newer number, and what it replaced is not known.
        let number = |it: &ReplicaSet| if it.revision() < set.revision() { it.revision() } else { -1 };
        let before = earlier.max_by_key(|other| (number(other), other.metadata.creation_timestamp))?;
        let fields = before.made_of().zip(set.made_of()).map(|(old, new)| differences(old, new));
        let sort = if fields.as_ref().is_some_and(Vec::is_empty) { Sort::Restart } else { Sort::Rollout };
        let number = match set.revision() {
            0 => String::new(),
            number => format!(" of revision {number}"),
        };
        let words = match sort {
            Sort::Restart => format!("its pods began to be replaced{number}, with the same containers"),
            _ => format!("the rollout{number} began"),
        };
        let change = Change::new(at, owner.clone(), sort, words);
        Some(Change { fields: fields.unwrap_or_default(), ..change })
    };
    sets.iter().filter_map(rollout).collect()
}
