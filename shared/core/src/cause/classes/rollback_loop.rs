//! Revisions of a Deployment alternate: a new one fails, an old one returns, the new one is tried again.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Deployment, Event, Object};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class =
    Class { id: "rollback-loop", page: PAGE, recognise, brings: &["rollout-not-progressing"], ..Class::SILENT };

/// Scalings older than this belong to an earlier rollout.
const RECENT_MINUTES: i64 = 120;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    view.all::<Deployment>().iter().filter_map(|deployment| judge(deployment, view)).collect()
}

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let object = deployment.reference();
    let events = view.events_about(&object).iter().copied();
    let recent: Vec<&Event> =
        events.filter(|event| !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES)).collect();
    let scalings = scalings(&recent);
    let taken_up = taken_up(&scalings);
    let came_back = |place: &usize| {
        let Some(before) = place.checked_sub(1).map(|place| taken_up[place]) else { return false };
        let this = taken_up[*place];
        let set = ObjectRef::namespaced("ReplicaSet", &deployment.metadata.namespace, this.set);
        let made = view.metadata_of(&set).and_then(|metadata| metadata.creation_timestamp.at());
        let was_there = |it: &Scaling<'_>| it.at < if it.is_up { before.at } else { this.at };
        made.is_some_and(|made| made < before.at) || scalings.iter().any(|it| it.set == this.set && was_there(it))
    };
    let back: Vec<usize> = (0..taken_up.len()).filter(came_back).collect();
    // Of the first place of a set: an older one took it over, and then the set came again.
    let rolled_back = |again: usize| {
        let is_rolled_back = |place: &usize| {
            taken_up[*place].set == taken_up[again].set && place + 1 < again && back.contains(&(place + 1))
        };
        (0..again).find(is_rolled_back)
    };
    let (first, again) = back.iter().find_map(|again| Some((rolled_back(*again)?, *again)))?;
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let set = taken_up[again].set;
    let title = format!("revisions alternate: {set} is scaled up again after another took its place");
    let turns: Vec<&str> = taken_up.iter().map(|it| it.set).collect();
    Some(
        Finding::new("", Severity::Critical, object.clone(), title)
            .evidence(&object, "events ScalingReplicaSet", format!("scaled up in turn: {}", turns.join(", ")))
            .since(Some(taken_up[first].at))
            .look(format!("kubectl sre rollback deployment/{name} -n {namespace} --list")),
    )
}

/// That a ReplicaSet was given more pods or fewer, at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scaling<'a> {
    at: Timestamp,
    is_up: bool,
    set: &'a str,
}

/// What Events tell, oldest first.
fn scalings<'a>(events: &[&'a Event]) -> Vec<Scaling<'a>> {
    let of_event = |event: &&'a Event| {
        let told = event.scaled().map(|it| event.seen().map(move |at| Scaling { at, is_up: it.is_up, set: it.set }));
        told.into_iter().flatten()
    };
    let mut found: Vec<Scaling<'a>> = events.iter().flat_map(of_event).collect();
    found.sort_by_key(|it| (it.at, it.set));
    found.dedup();
    found
}

/// Which ReplicaSet was taken up after which; of one second nobody knows the order, and while one goes on, an autoscaler gives
/// pods to all.
fn taken_up<'a>(scalings: &[Scaling<'a>]) -> Vec<Scaling<'a>> {
    let ups: Vec<Scaling<'a>> = scalings.iter().copied().filter(|it| it.is_up).collect();
    let mut turns: Vec<Scaling<'a>> = Vec::new();
    for at_once in ups.chunk_by(|one, other| one.at == other.at) {
        let going_on = turns.last().map(|last| last.set);
        if at_once.iter().all(|it| Some(it.set) != going_on) {
            turns.extend_from_slice(at_once);
        }
    }
    turns
}

const PAGE: &str = "\
A Deployment goes to a new revision, back to the old one and to the new one again: somebody rolls back,
and somebody else (a pipeline, GitOps) applies the new one once more.

Looked at: the events ScalingReplicaSet of the last two hours, and the age of the ReplicaSets. One rollback alone,
from a new revision to an older one, is none: what was rolled back has to come again.

What to do: find the two writers, and stop one of them; revert the change at its source:
  kubectl sre rollback deployment/NAME -n NAMESPACE --list";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Kind, Pool};
    use crate::snapshot::{Encoded, Snapshot, decode_into};
    use serde_json::{Value, json};

    /// The title for Events of minutes of one hour, `m:s` each, oldest first; ReplicaSets are made when they are named first.
    fn told(scalings: &[(&str, &str)], made: &[(&str, &str)]) -> Option<String> {
        let mut snapshot = Snapshot { taken_at: time("59:00"), ..Snapshot::default() };
        let mut add = |kind: Kind, object: Value| {
            let text = object.to_string();
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default()).unwrap();
        };
        add(Kind::Deployment, json!({"metadata": {"name": "web", "namespace": "shop"}}));
        for (name, at) in made {
            let metadata = json!({"name": name, "namespace": "shop", "creationTimestamp": time(at)});
            add(Kind::ReplicaSet, json!({"metadata": metadata}));
        }
        for (place, (at, words)) in scalings.iter().enumerate() {
            let (first, last) = at.split_once('-').unwrap_or((at, at));
            let (way, set) = words.split_once(' ').unwrap();
            add(
                Kind::Event,
                json!({"metadata": {"name": format!("web.{place}"), "namespace": "shop", "uid": format!("{place}")},
                    "involvedObject": {"kind": "Deployment", "namespace": "shop", "name": "web"},
                    "reason": "ScalingReplicaSet", "message": format!("Scaled {way} replica set {set} from 1 to 2"),
                    "firstTimestamp": time(first), "lastTimestamp": time(last)}),
            );
        }
        snapshot.objects.sort();
        let view = View::new(&snapshot);
        recognise(&view).first().map(|finding| format!("{} {}", finding.title, finding.since.unwrap()))
    }

    fn time(at: &str) -> Timestamp {
        format!("2026-01-01T10:{at}Z").parse().unwrap()
    }

    #[test]
    fn one_rollback_is_no_loop_and_what_was_rolled_back_and_comes_again_is_one() {
        let once = [("10:00", "up old"), ("20:00", "up new"), ("21:00", "down old"), ("30:00", "up old")];
        assert_eq!(told(&once, &[("old", "10:00"), ("new", "20:00")]), None);
        assert_eq!(told(&once[1..], &[("old", "01:00"), ("new", "20:00")]), None);
        let again = [&once[..], &[("40:00", "up new")]].concat();
        let says = "revisions alternate: new is scaled up again after another took its place 2026-01-01T10:20:00Z";
        assert_eq!(told(&again, &[]).as_deref(), Some(says), "by what Events tell alone");
        assert_eq!(told(&[again[1], again[3], again[4]], &[("old", "01:00")]).as_deref(), Some(says), "by its age");
        let further_back = [("20:00", "up v3"), ("30:00", "up v2"), ("40:00", "up v1")];
        let made = [("v1", "01:00"), ("v2", "02:00"), ("v3", "20:00")];
        assert_eq!(told(&further_back, &made), None, "from one rollback on to the next");
        let tried_twice = [&once[..], &[("40:00", "up third"), ("50:00", "up old")]].concat();
        assert_eq!(told(&tried_twice, &[]), None, "another revision failed");
        let told_of_two = [("20:00-40:00", "up new"), ("30:00", "up old"), ("21:00", "down old")];
        assert_eq!(told(&told_of_two, &[]).as_deref(), Some(says), "the same words twice are one Event");
    }

    #[test]
    fn of_one_second_no_order_is_made_up() {
        let quick = [("20:00", "up a"), ("20:00", "up b"), ("20:01", "up a"), ("20:01", "up b"), ("20:02", "up b")];
        assert_eq!(told(&quick, &[]), None);
        let scaled = [("19:00", "up a"), ("20:00", "up b"), ("20:03", "up a"), ("20:03", "up b"), ("20:06", "up b")];
        assert_eq!(told(&scaled, &[]), None, "an autoscaler in the middle of a rollout");
        let rolling = [("20:00", "up a"), ("20:01", "up b"), ("20:02", "up b"), ("20:02", "down a"), ("20:03", "up b")];
        assert_eq!(told(&rolling, &[]), None);
    }
}
