//! Which objects of a kind there are, and when each was written last.

use crate::revisions::Fields;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// The objects of a kind, by name; or that they were not seen, which is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(Option<BTreeMap<String, Option<Timestamp>>>);

impl Known {
    /// All objects of the kind.
    pub fn of(objects: &[Value]) -> Self {
        Self::named(objects.iter().map(|it| (Fields(it).name().to_owned(), last_written(it))))
    }

    /// All objects of the kind, for one whose content must not be seen.
    pub fn named(objects: impl IntoIterator<Item = (String, Option<Timestamp>)>) -> Self {
        Self(Some(objects.into_iter().collect()))
    }

    pub(super) fn is_missing(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|there| !there.contains_key(name))
    }

    pub(super) fn is_written_since(&self, name: &str, time: Timestamp) -> bool {
        self.0.as_ref().and_then(|there| there.get(name).copied().flatten()).is_some_and(|at| at > time)
    }

    pub(super) fn is_seen(&self) -> bool {
        self.0.is_some()
    }
}

/// When what an object holds was written last, by its `managedFields`: labels and the like may have been written then
/// too.
pub fn last_written(object: &Value) -> Option<Timestamp> {
    let entries = Fields(object).list("/metadata/managedFields").iter();
    let holds = |it: &&Value| {
        ["f:data", "f:binaryData"].iter().any(|field| it.pointer(&format!("/fieldsV1/{field}")).is_some())
    };
    let written = entries.filter(holds).filter_map(|it| Fields(it).time("/time")).max();
    written.or_else(|| Fields(object).time("/metadata/creationTimestamp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn only_who_writes_what_it_holds_counts() {
        let object = json!({"metadata": {
            "name": "settings", "creationTimestamp": "2026-01-15T08:00:00Z",
            "managedFields": [
                {"manager": "kubectl", "time": "2026-01-15T09:00:00Z", "fieldsV1": {"f:data": {"f:a": {}}}},
                {"manager": "labeller", "time": "2026-01-15T10:00:00Z", "fieldsV1": {"f:metadata": {}}},
            ],
        }});
        assert_eq!(last_written(&object), Some(time("2026-01-15T09:00:00Z")));
        let known = Known::of(&[object]);
        assert!(known.is_written_since("settings", time("2026-01-15T08:30:00Z")));
        assert!(!known.is_written_since("settings", time("2026-01-15T09:00:00Z")));
        assert!(known.is_missing("others") && !known.is_missing("settings"));
        let bare = json!({"metadata": {"creationTimestamp": "2026-01-15T08:00:00Z"}});
        assert_eq!(last_written(&bare), Some(time("2026-01-15T08:00:00Z")));
    }

    #[test]
    fn what_was_not_seen_is_not_missing() {
        let unseen = Known::default();
        assert!(!unseen.is_missing("settings") && !unseen.is_seen());
        assert!(!unseen.is_written_since("settings", Timestamp::UNIX_EPOCH));
    }
}
