//! Events, joined to the objects they are about.

use crate::object::ObjectRef;
use crate::slim::{Event, KINDS, Kind};
use crate::snapshot::Snapshot;
use std::collections::HashMap;

/// Events by the object they are about, newest first.
pub(super) struct EventIndex<'a> {
    about: HashMap<ObjectRef, Vec<&'a Event>>,
}

impl<'a> EventIndex<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let mut about: HashMap<ObjectRef, Vec<&Event>> = HashMap::new();
        for event in snapshot.all::<Event>() {
            let object = &event.involved_object;
            let reference = ObjectRef::scoped(&object.kind, &object.namespace, &object.name);
            about.entry(reference).or_default().push(event);
        }
        for (object, list) in &mut about {
            if let Some(uid) = uid_of(snapshot, object) {
                list.retain(|event| event.involved_object.uid.is_empty() || event.involved_object.uid == uid);
            }
            list.sort_by_key(|event| std::cmp::Reverse(event.last_seen()));
        }
        Self { about }
    }

    pub(super) fn about(&self, object: &ObjectRef) -> &[&'a Event] {
        self.about.get(object).map_or(&[], Vec::as_slice)
    }
}

/// The uid by which events about an object must name it: those of an earlier object of the name have another.
///
/// Kubelets call a node, and their static pods, by uids of their own making.
fn uid_of<'a>(snapshot: &'a Snapshot, object: &ObjectRef) -> Option<&'a str> {
    let kind = KINDS.iter().find(|row| row.name == object.kind).map(|row| row.kind)?;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let metadata = snapshot.objects.metadata(kind, namespace, &object.name)?;
    let is_static = metadata.controller().is_some_and(|owner| owner.kind == "Node");
    (kind != Kind::Node && !is_static && !metadata.uid.is_empty()).then_some(&metadata.uid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::Pool;
    use crate::snapshot::{Encoded, decode_into};
    use serde_json::{Value, json};

    /// How many events about an object are taken to be about it, when it has the uid `new`.
    fn about(kind: Kind, object: &Value, of: &[&str]) -> usize {
        let mut snapshot = Snapshot::default();
        let name = kind.info().name;
        let events = of.iter().map(
            |uid| json!({"metadata": {"name": uid}, "involvedObject": {"kind": name, "name": "db-0", "uid": uid}}),
        );
        let events = events.map(|event| (Kind::Event, event));
        for (kind, value) in events.chain([(kind, object.clone())]) {
            let text = value.to_string();
            let pool = &mut Pool::default();
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, pool).unwrap();
        }
        EventIndex::new(&snapshot).about(&ObjectRef::cluster(name, "db-0")).len()
    }

    #[test]
    fn events_of_an_earlier_object_of_the_name_are_not_about_it() {
        let pod = json!({"metadata": {"name": "db-0", "uid": "new"}});
        assert_eq!(about(Kind::Pod, &pod, &["old", "new", ""]), 2);
    }

    #[test]
    fn an_object_that_was_not_seen_keeps_its_events() {
        let other = json!({"metadata": {"name": "db-1", "uid": "new"}});
        assert_eq!(about(Kind::Pod, &other, &["old", "new", ""]), 3);
    }

    #[test]
    fn nodes_and_static_pods_are_called_by_other_uids() {
        let node = json!({"metadata": {"name": "db-0", "uid": "new"}});
        assert_eq!(about(Kind::Node, &node, &["db-0"]), 1);
        let owners = json!([{"kind": "Node", "name": "n", "controller": true}]);
        let pod = json!({"metadata": {"name": "db-0", "uid": "new", "ownerReferences": owners}});
        assert_eq!(about(Kind::Pod, &pod, &["of-the-manifest"]), 1);
    }
}
