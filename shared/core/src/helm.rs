//! Releases of Helm: what is known of each revision, without the values that it holds.

use crate::object::ObjectRef;
use crate::plan::{FieldChange, Tier, difference};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind by which plans and evidence name a release; no API serves it.
pub const KIND: &str = "Release";

/// What has Helm leave an object where it is when a revision lacks it.
const POLICY: &str = "/metadata/annotations/helm.sh~1resource-policy";

/// One revision of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// Name of the release.
    pub name: String,
    /// Namespace that it is kept in, and where its objects are that name none.
    pub namespace: String,
    /// The number of the revision.
    pub revision: i64,
    /// As Helm says it: `deployed`, `superseded`, `failed`, `pending-upgrade` ...
    pub status: String,
    /// The chart and its version.
    pub chart: String,
    /// The version of what the chart installs.
    pub app_version: String,
    /// When it was deployed, or tried to be.
    pub deployed: Option<Timestamp>,
    /// What Helm notes of it.
    pub description: String,
    /// The objects of its manifest; confidential values are marks.
    pub objects: Vec<Value>,
    /// What runs before or after something else: `Job migrate (pre-upgrade)`.
    pub hooks: Vec<String>,
    /// Whether the chart brings definitions of kinds, which Helm only ever installs.
    pub has_definitions: bool,
    /// The revisions whose manifest is the same to the letter.
    pub same_as: Vec<i64>,
    /// Who wrote the record of it last, by its managed fields, and when; asked only of one that is pending.
    pub written: Option<(String, Timestamp)>,
}

impl Release {
    /// Whether an operation is under way, or died on its way: Helm begins no other meanwhile.
    pub fn is_pending(&self) -> bool {
        self.status.starts_with("pending-") || self.status == "uninstalling"
    }

    /// The revision that this one went back to.
    pub fn rolled_back_to(&self) -> Option<i64> {
        rolled_back_to(&self.description)
    }

    /// The workloads of its manifest whose pods are replaced when it changes.
    pub fn workloads(&self) -> Vec<ObjectRef> {
        let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
        let objects = self.objects.iter().map(|it| named(it, &self.namespace));
        objects.filter(|it| kinds.contains(&it.kind.as_str())).collect()
    }
}

fn rolled_back_to(description: &str) -> Option<i64> {
    description.strip_prefix("Rollback to ")?.trim().parse().ok()
}

/// A history as helm prints it, of each revision which one it went back to in place of what helm notes of it: that may
/// hold values.
pub fn history_without_messages(mut history: Value) -> Value {
    for revision in history.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let said = revision.remove("description");
        if let Some(back) = said.as_ref().and_then(Value::as_str).and_then(rolled_back_to) {
            // A name and no number: it does not count on as revisions do.
            revision.insert("rolledBackTo".to_owned(), Value::from(back.to_string()));
        }
    }
    history
}

/// What becomes of one object of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectChange {
    /// The object.
    pub object: ObjectRef,
    /// What becomes of it.
    pub becomes: Becomes,
    /// Its fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

impl ObjectChange {
    /// What becomes of the object when this is taken back.
    pub fn reversed(&self) -> Self {
        let becomes = match self.becomes {
            Becomes::Made => Becomes::Deleted,
            Becomes::Deleted => Becomes::Made,
            // It is still there.
            Becomes::Kept | Becomes::Changed => Becomes::Changed,
        };
        let fields = self.fields.iter().rev().map(FieldChange::reversed).collect();
        Self { object: self.object.clone(), becomes, fields }
    }
}

/// What may be lost with the objects that go.
pub fn loss(changes: &[ObjectChange]) -> Tier {
    const HOLD_DATA: [&str; 4] = ["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"];
    let mut gone = changes.iter().filter(|it| it.becomes == Becomes::Deleted).peekable();
    if gone.peek().is_none() {
        return Tier::Reversible;
    }
    if gone.any(|it| HOLD_DATA.contains(&it.object.kind.as_str())) { Tier::Destructive } else { Tier::Disruptive }
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Becomes {
    /// It is made.
    Made,
    /// Fields of it are changed.
    Changed,
    /// It is deleted.
    Deleted,
    /// It stays although the revision lacks it, for it says so itself.
    Kept,
}

/// What going from one revision to another does to their objects.
pub fn changes(from: &Release, to: &Release) -> Vec<ObjectChange> {
    let name = |object: &Value| named(object, &from.namespace);
    let there = |all: &[Value], wanted: &ObjectRef| all.iter().find(|it| name(it) == *wanted).cloned();
    let changed = |object: ObjectRef, becomes, fields| ObjectChange { object, becomes, fields };
    let goes = from.objects.iter().filter(|it| there(&to.objects, &name(it)).is_none()).map(|object| {
        let is_kept = object.pointer(POLICY).is_some_and(|it| it == "keep");
        changed(name(object), if is_kept { Becomes::Kept } else { Becomes::Deleted }, Vec::new())
    });
    let comes = to.objects.iter().filter_map(|object| match there(&from.objects, &name(object)) {
        None => Some(changed(name(object), Becomes::Made, Vec::new())),
        Some(before) => {
            let fields = difference(&before, object, "");
            (!fields.is_empty()).then(|| changed(name(object), Becomes::Changed, fields))
        }
    });
    goes.chain(comes).collect()
}

/// An object of a manifest, which may leave its namespace out.
pub fn named(object: &Value, namespace: &str) -> ObjectRef {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let (kind, name) = (text("/kind").unwrap_or_default(), text("/metadata/name").unwrap_or_default());
    let is_namespaced =
        crate::resource::Resource::of(object).map_or_else(|| !is_of_cluster(kind), |it| it.is_namespaced);
    match text("/metadata/namespace") {
        Some(own) => ObjectRef::namespaced(kind, own, name),
        None if is_namespaced => ObjectRef::namespaced(kind, namespace, name),
        None => ObjectRef::cluster(kind, name),
    }
}

/// Kinds that charts bring along and that are in no namespace, beside those that are known by name.
fn is_of_cluster(kind: &str) -> bool {
    let others = ["CustomResourceDefinition", "PersistentVolume", "StorageClass", "PriorityClass", "IngressClass"];
    kind.starts_with("Cluster") || kind.ends_with("WebhookConfiguration") || others.contains(&kind)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A revision of a release of the namespace `shop`.
    pub(crate) fn release(revision: i64, status: &str, objects: Vec<Value>) -> Release {
        Release {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision,
            status: status.to_owned(),
            chart: "web-1.0.0".to_owned(),
            app_version: String::new(),
            deployed: None,
            description: String::new(),
            objects,
            hooks: Vec::new(),
            has_definitions: false,
            same_as: Vec::new(),
            written: None,
        }
    }

    #[test]
    fn what_becomes_of_each_object_is_told() {
        let map = |name: &str, value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}});
        let mut kept = map("kept", "1");
        kept["metadata"]["annotations"] = json!({"helm.sh/resource-policy": "keep"});
        let from = release(2, "deployed", vec![map("same", "1"), map("moved", "1"), map("gone", "1"), kept]);
        let to = release(1, "superseded", vec![map("same", "1"), map("moved", "2"), map("new", "1")]);
        let told: Vec<(String, Becomes, usize)> =
            changes(&from, &to).into_iter().map(|it| (it.object.name, it.becomes, it.fields.len())).collect();
        let expected = [
            ("gone", Becomes::Deleted, 0),
            ("kept", Becomes::Kept, 0),
            ("moved", Becomes::Changed, 1),
            ("new", Becomes::Made, 0),
        ];
        assert_eq!(told, expected.map(|(name, becomes, fields)| (name.to_owned(), becomes, fields)));
        assert_eq!(changes(&from, &from), []);
    }

    #[test]
    fn the_newest_revision_says_where_it_went_back_to() {
        let mut back = release(4, "deployed", Vec::new());
        back.description = "Rollback to 2".to_owned();
        assert_eq!(back.rolled_back_to(), Some(2));
        assert_eq!(release(4, "deployed", Vec::new()).rolled_back_to(), None);
        assert!(release(1, "pending-install", Vec::new()).is_pending() && !back.is_pending());
    }

    #[test]
    fn a_history_keeps_no_message_of_helm() {
        let row = |description: &str| json!([{"revision": 4, "status": "failed", "description": description}]);
        let kept = |description: &str| history_without_messages(row(description));
        assert_eq!(kept("Rollback to 2"), json!([{"revision": 4, "status": "failed", "rolledBackTo": "2"}]));
        assert_eq!(kept("Upgrade failed: hunter2"), json!([{"revision": 4, "status": "failed"}]));
    }
}
