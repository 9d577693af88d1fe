//! ControllerRevisions: the revisions of StatefulSets and DaemonSets.

use super::{
    Kind, Lenient, Object,
    metadata::ObjectMeta,
    pod_spec::{PodSpec, PodTemplateSpec},
    shared::{Pool, Shared},
};
use crate::object::ObjectRef;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// A revision of a StatefulSet, of a DaemonSet, or of what others keep so.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ControllerRevision {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    /// Empty after decoding, see `made_of`.
    #[prost(message, required, tag = "2")]
    data: RawExtension,
    /// Grows with each rollout; one back to an older revision gives that a new number.
    #[prost(int64, tag = "3")]
    pub revision: i64,
    /// What its pods are made of: of the two newest of a workload only, see [`forget_old_revisions`]. It is no field of the
    /// API.
    #[serde(skip)]
    #[prost(message, optional, tag = "1000")]
    pub made_of: Option<Shared<PodSpec>>,
}

/// An object of any kind, as JSON in both encodings.
#[derive(Clone, PartialEq, prost::Message)]
struct RawExtension {
    #[prost(bytes = "vec", tag = "1")]
    raw: Vec<u8>,
}

impl<'de> Deserialize<'de> for RawExtension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = serde_json::Value::deserialize(deserializer)?;
        Ok(Self { raw: tree.to_string().into_bytes() })
    }
}

/// The part of a workload that its revisions keep.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    spec: PartOfSpec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PartOfSpec {
    template: PodTemplateSpec,
}

impl Object for ControllerRevision {
    const KIND: Kind = Kind::ControllerRevision;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn trim(&mut self) {
        self.metadata.trim();
        let raw = std::mem::take(&mut self.data.raw);
        // What is no template is a revision of something else.
        let Ok(Lenient(part)) = serde_json::from_slice::<Lenient<Part>>(&raw) else { return };
        let mut template = part.spec.template;
        template.trim();
        self.made_of = Some(template.spec).filter(|spec| !spec.containers.is_empty());
    }

    fn share(&mut self, pool: &mut Pool) {
        self.metadata.share(pool);
        self.made_of.iter_mut().for_each(|spec| pool.share_spec(spec));
    }
}

impl ControllerRevision {
    /// The workload that it is of.
    pub fn owner(&self) -> Option<ObjectRef> {
        let owner = self.metadata.controller()?;
        Some(ObjectRef::namespaced(&owner.kind, &self.metadata.namespace, &owner.name))
    }
}

/// Leaves of the revisions of each workload only what the two newest were made of: there are eleven and more of each.
pub fn forget_old_revisions(all: &mut [ControllerRevision]) {
    let mut numbers: BTreeMap<ObjectRef, Vec<i64>> = BTreeMap::new();
    for (owner, revision) in all.iter().filter_map(|it| Some((it.owner()?, it.revision))) {
        numbers.entry(owner).or_default().push(revision);
    }
    numbers.values_mut().for_each(|known| known.sort_unstable_by(|a, b| b.cmp(a)));
    for revision in all {
        let known = revision.owner().and_then(|owner| numbers.get(&owner));
        let is_new = known.is_some_and(|known| known.iter().take(2).any(|number| *number == revision.revision));
        revision.made_of.take_if(|_| !is_new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::from_json;
    use serde_json::{Value, json};

    fn revision(number: i64, data: &Value) -> ControllerRevision {
        let json = json!({"metadata": {"name": format!("db-{number}"), "namespace": "shop", "ownerReferences":
            [{"kind": "StatefulSet", "name": "db", "controller": true}]}, "revision": number, "data": data});
        from_json(json.to_string().as_bytes()).expect("a revision")
    }

    fn of_template(image: &str) -> Value {
        json!({"spec": {"template": {"$patch": "replace", "metadata": {"creationTimestamp": null},
            "spec": {"containers": [{"name": "db", "image": image, "command": null}]}}}})
    }

    #[test]
    fn what_pods_are_made_of_is_read() {
        let read = revision(2, &of_template("db:2"));
        assert_eq!(read.made_of.expect("a spec").containers[0].image, "db:2");
    }

    #[test]
    fn a_revision_of_something_else_is_read_and_has_no_pods() {
        for data in [json!({"spec": {"template": 3}}), json!("text"), json!(null), json!({"raw": "aGk="})] {
            assert_eq!(revision(1, &data).made_of, None, "{data}");
        }
    }

    #[test]
    fn of_many_revisions_the_two_newest_are_known() {
        let mut all = [9, 11, 10, 8].map(|number| revision(number, &of_template("db:1")));
        forget_old_revisions(&mut all);
        assert_eq!(all.map(|it| it.made_of.is_some()), [false, true, true, false]);
    }
}
