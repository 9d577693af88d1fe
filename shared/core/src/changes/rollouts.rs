//! Rollouts: each revision of a workload but the first one is of another template than the one before it, or of an older
//! one that was taken up again.

use super::{Change, Sort, differences};
use crate::object::ObjectRef;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{ControllerRevision, Event, ReplicaSet};
use crate::view::View;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A revision of a workload, whatever object keeps it.
struct Revision<'a> {
    name: &'a str,
    made: Option<Timestamp>,
    /// The newest of its numbers; zero where it is not known.
    number: i64,
    /// Those that it had before it was taken up again, the oldest first, as far as that is kept.
    former: Vec<i64>,
    made_of: Option<&'a PodSpec>,
}

impl<'a> From<&'a ReplicaSet> for Revision<'a> {
    fn from(set: &'a ReplicaSet) -> Self {
        let history = set.metadata.annotation("deployment.kubernetes.io/revision-history").unwrap_or_default();
        Self {
            name: &set.metadata.name,
            made: set.metadata.creation_timestamp.at(),
            number: set.revision(),
            former: history.split(',').filter_map(|number| number.trim().parse().ok()).collect(),
            made_of: set.made_of(),
        }
    }
}

impl<'a> From<&'a ControllerRevision> for Revision<'a> {
    fn from(kept: &'a ControllerRevision) -> Self {
        Self {
            name: &kept.metadata.name,
            made: kept.metadata.creation_timestamp.at(),
            number: kept.revision,
            former: Vec::new(),
            made_of: kept.made_of.as_deref(),
        }
    }
}

/// Every rollout whose revision is there, and the last one if it was back to a template of before.
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
    let of_owner = |(owner, revisions): (ObjectRef, Vec<Revision<'_>>)| {
        let again = taken_again(view, &owner, &revisions);
        of_one(&owner, &revisions).into_iter().chain(again)
    };
    owners.into_iter().flat_map(of_owner).collect()
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
        Some(begun(owner, at, (before, revision), &of_number(first_number(revision, revisions))))
    };
    revisions.iter().filter_map(rollout).collect()
}

/// The rollout to one revision from another.
fn begun(owner: &ObjectRef, at: Timestamp, (old, new): (&Revision<'_>, &Revision<'_>), which: &str) -> Change {
    let fields = old.made_of.zip(new.made_of).map(|(old, new)| differences(old, new));
    let sort = if fields.as_ref().is_some_and(Vec::is_empty) { Sort::Restart } else { Sort::Rollout };
    let words = match sort {
        Sort::Restart => format!("the rollout{which} began, of the same containers"),
        _ => format!("the rollout{which} began"),
    };
    let change = Change::new(at, owner.clone(), sort, words);
    Change { fields: fields.unwrap_or_default(), ..change }
}

fn of_number(number: i64) -> String {
    if number == 0 { String::new() } else { format!(" of revision {number}") }
}

/// The number that a revision was made with; zero where only a later one is known.
fn first_number(revision: &Revision<'_>, all: &[Revision<'_>]) -> i64 {
    let is_again = all.iter().any(|other| other.number < revision.number && other.made > revision.made);
    revision.former.first().copied().unwrap_or(if is_again { 0 } else { revision.number })
}

/// The rollout back to a template of before: its revision is there already, and gets the newest number.
fn taken_again(view: &View<'_>, owner: &ObjectRef, revisions: &[Revision<'_>]) -> Option<Change> {
    let new = revisions.iter().max_by_key(|revision| revision.number)?;
    let old = revisions.iter().filter(|it| it.number < new.number).max_by_key(|revision| revision.number)?;
    if new.former.is_empty() && old.made <= new.made {
        return None;
    }
    // What it replaces may have been taken up again itself.
    let since = scaled_up(view, owner, old.name).chain([old.made?]).max()?;
    let at = began_again(view, owner, new.name, since)?;
    let back = match new.former.last() {
        Some(number) => format!(", back to revision {number},"),
        None => ", back to an older one,".to_owned(),
    };
    Some(begun(owner, at, (old, new), &format!("{}{back}", of_number(new.number))))
}

/// When the pods of a revision were wanted again, as an Event tells it, else when its owner was written last.
fn began_again(view: &View<'_>, owner: &ObjectRef, revision: &str, since: Timestamp) -> Option<Timestamp> {
    let told = scaled_up(view, owner, revision).filter(|at| *at > since).min();
    let written = || {
        let edits = view.metadata_of(owner)?.edits.iter().filter(|edit| edit.subresource.is_empty());
        edits.filter_map(|edit| edit.time?.at()).filter(|at| *at >= since).max()
    };
    told.or_else(written)
}

/// When Events tell that a ReplicaSet was given more pods.
fn scaled_up<'a>(
    view: &'a View<'_>,
    owner: &ObjectRef,
    revision: &'a str,
) -> impl Iterator<Item = Timestamp> + use<'a> {
    let more = move |event: &&&Event| event.scaled().is_some_and(|it| it.is_up && it.set == revision);
    view.events_about(owner).iter().filter(more).flat_map(|event| event.seen())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Kind, Pool};
    use crate::snapshot::{Encoded, Snapshot, decode_into};
    use serde_json::{Value, json};

    const FIRST: &str = "2026-01-01T09:00:00Z";
    const SECOND: &str = "2026-01-01T10:00:00Z";
    const AGAIN: &str = "2026-01-01T10:30:00Z";

    fn said(objects: &[(Kind, Value)]) -> Vec<String> {
        let mut snapshot = Snapshot::default();
        for (kind, object) in objects {
            let text = object.to_string();
            decode_into(*kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default())
                .expect("an object");
        }
        snapshot.objects.sort();
        let line = |it: Change| {
            let fields: Vec<String> = it.fields.iter().map(|field| format!(" {}", field.field)).collect();
            format!("{} {}{}", it.at, it.statement, fields.concat())
        };
        rollouts(&View::new(&snapshot)).into_iter().map(line).collect()
    }

    fn template(image: &str) -> Value {
        json!({"spec": {"containers": [{"name": "app", "image": image}]}})
    }

    fn owned(kind: &str, name: &str, made: &str) -> Value {
        json!({"name": name, "namespace": "shop", "creationTimestamp": made,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": "web", "controller": true}]})
    }

    fn set(name: &str, made: &str, number: &str, history: &str) -> (Kind, Value) {
        let mut metadata = owned("Deployment", name, made);
        metadata["annotations"] = json!({"deployment.kubernetes.io/revision": number});
        if !history.is_empty() {
            metadata["annotations"]["deployment.kubernetes.io/revision-history"] = json!(history);
        }
        let replicas = i32::from(!history.is_empty());
        let spec = json!({"replicas": replicas, "template": template(name)});
        (Kind::ReplicaSet, json!({"metadata": metadata, "spec": spec, "status": {"replicas": replicas}}))
    }

    fn workload(kind: Kind) -> (Kind, Value) {
        let written = json!([{"manager": "kubectl-rollout", "operation": "Update", "time": AGAIN}]);
        (
            kind,
            json!({"metadata": {"name": "web", "namespace": "shop", "creationTimestamp": FIRST,
            "managedFields": written}, "spec": {"template": template("web-1")}}),
        )
    }

    fn scaled(set: &str, first: &str, last: &str) -> (Kind, Value) {
        said_of_scaling(&format!("Scaled up replica set {set} from 0 to 1"), first, last)
    }

    fn said_of_scaling(message: &str, first: &str, last: &str) -> (Kind, Value) {
        (
            Kind::Event,
            json!({"metadata": {"name": format!("web.{}", message.len() + first.len() + last.len()), "namespace": "shop",
                "uid": format!("{message} {first}")},
            "involvedObject": {"kind": "Deployment", "namespace": "shop", "name": "web"}, "reason": "ScalingReplicaSet",
            "message": message, "firstTimestamp": first, "lastTimestamp": last}),
        )
    }

    #[test]
    fn an_undo_is_a_rollout_back_to_the_revision_that_it_takes_up_again() {
        let sets = [set("web-1", FIRST, "3", "1"), set("web-2", SECOND, "2", "")];
        let second = "2026-01-01T10:00:00Z the rollout of revision 2 began";
        let undone = "the rollout of revision 3, back to revision 1, began containers[app].image";
        let with = |more: &[(Kind, Value)]| said(&[&sets[..], more].concat());
        assert_eq!(with(&[]).len(), 1, "nothing tells when it was");
        let found = with(&[workload(Kind::Deployment)]);
        assert!(found[0].starts_with(second), "{found:?}");
        assert_eq!(found[1], format!("{AGAIN} {undone}"));
        let events = [scaled("web-1", FIRST, "2026-01-01T10:29:00Z"), scaled("web-2", SECOND, SECOND)];
        let found = with(&[&events[..], &[workload(Kind::Deployment)]].concat());
        assert_eq!(found[1], format!("2026-01-01T10:29:00Z {undone}"), "an Event tells it best");
        let down = said_of_scaling(
            "Scaled down replica set web-1 from 1 to 0",
            "2026-01-01T10:00:20Z",
            "2026-01-01T10:00:20Z",
        );
        let found = with(&[&events[..], &[down, workload(Kind::Deployment)]].concat());
        assert_eq!(found[1], format!("2026-01-01T10:29:00Z {undone}"), "what was taken away then was not wanted again");
    }

    #[test]
    fn a_revision_that_was_taken_up_again_was_made_with_its_first_number() {
        let sets = [
            set("web-0", "2026-01-01T08:00:00Z", "1", ""),
            set("web-1", FIRST, "4", "2"),
            set("web-2", SECOND, "3", ""),
        ];
        let found = said(&sets);
        assert!(found[0].starts_with(&format!("{FIRST} the rollout of revision 2 began")), "{found:?}");
        assert!(found[1].starts_with(&format!("{SECOND} the rollout of revision 3 began")), "{found:?}");
    }

    fn kept(name: &str, made: &str, number: i64) -> (Kind, Value) {
        let json = json!({"metadata": owned("StatefulSet", name, made), "revision": number,
            "data": {"spec": {"template": template(name)}}});
        (Kind::ControllerRevision, json)
    }

    #[test]
    fn of_a_stateful_set_the_older_revision_with_the_newer_number_was_taken_up_again() {
        let found = said(&[kept("web-1", FIRST, 3), kept("web-2", SECOND, 2), workload(Kind::StatefulSet)]);
        let undone = "the rollout of revision 3, back to an older one, began containers[app].image";
        assert_eq!(found[1..], [format!("{AGAIN} {undone}")], "{found:?}");
        let forward = said(&[kept("web-1", FIRST, 1), kept("web-2", SECOND, 2), workload(Kind::StatefulSet)]);
        assert_eq!(forward, [format!("{SECOND} the rollout of revision 2 began containers[app].image")]);
    }
}
