//! Events, joined to the objects they are about.

use crate::object::ObjectRef;
use crate::slim::Event;
use std::collections::HashMap;

/// Events by the object they are about, newest first.
pub(super) struct EventIndex<'a> {
    about: HashMap<ObjectRef, Vec<&'a Event>>,
}

impl<'a> EventIndex<'a> {
    pub(super) fn new(events: &'a [Event]) -> Self {
        let mut about: HashMap<ObjectRef, Vec<&Event>> = HashMap::new();
        for event in events {
            let object = &event.involved_object;
            let reference = ObjectRef::scoped(&object.kind, &object.namespace, &object.name);
            about.entry(reference).or_default().push(event);
        }
        for list in about.values_mut() {
            list.sort_by_key(|event| std::cmp::Reverse(event.last_seen()));
        }
        Self { about }
    }

    pub(super) fn about(&self, object: &ObjectRef) -> &[&'a Event] {
        self.about.get(object).map_or(&[], Vec::as_slice)
    }
}
