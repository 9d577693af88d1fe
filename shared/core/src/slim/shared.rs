//! Equal parts of many objects kept once: ten thousand pods have a few hundred specs.

use super::{Pair, container::Container, metadata::OwnerReference, pod_spec::PodSpec};
use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType};
use prost::{DecodeError, Message};
use serde::{Deserialize, Deserializer};
use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;

/// A value that several objects may hold; reads as the value itself.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shared<T>(Arc<T>);

/// What objects have in common so far; needed only while objects are being added.
#[derive(Default)]
pub struct Pool {
    labels: HashSet<Shared<Pair>>,
    owners: HashSet<Shared<OwnerReference>>,
    containers: HashSet<Shared<Container>>,
    specs: HashSet<Shared<PodSpec>>,
}

impl Pool {
    pub(super) fn share_labels(&mut self, labels: &mut [Shared<Pair>]) {
        labels.iter_mut().for_each(|label| share(&mut self.labels, label));
    }

    pub(super) fn share_owners(&mut self, owners: &mut [Shared<OwnerReference>]) {
        owners.iter_mut().for_each(|owner| share(&mut self.owners, owner));
    }

    /// Forgets what no object holds any more, so that a pool that is used for long does not grow with what has gone.
    pub fn forget_unused(&mut self) {
        // Specs hold containers, so that they come first.
        forget(&mut self.specs);
        forget(&mut self.containers);
        forget(&mut self.owners);
        forget(&mut self.labels);
    }

    /// Shares the whole spec, or, when it is the first of its like, its containers.
    pub(super) fn share_spec(&mut self, spec: &mut Shared<PodSpec>) {
        if reuse(&self.specs, spec) {
            return;
        }
        let PodSpec { init_containers, containers, .. } = spec.make_mut();
        for container in init_containers.iter_mut().chain(containers) {
            share(&mut self.containers, container);
        }
        self.specs.insert(spec.clone());
    }
}

fn forget<T: Eq + Hash>(known: &mut HashSet<Shared<T>>) {
    known.retain(|value| Arc::strong_count(&value.0) > 1);
    known.shrink_to_fit();
}

fn share<T: Eq + Hash>(known: &mut HashSet<Shared<T>>, value: &mut Shared<T>) {
    if !reuse(known, value) {
        known.insert(value.clone());
    }
}

/// Puts the known value in the place of an equal one, and says whether there is one.
fn reuse<T: Eq + Hash>(known: &HashSet<Shared<T>>, value: &mut Shared<T>) -> bool {
    known.get(value).is_some_and(|equal| {
        *value = equal.clone();
        true
    })
}

impl<T: Clone> Shared<T> {
    /// The value, to change; other holders keep theirs.
    pub fn make_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> Shared<T> {
    /// Whether both are the same value in memory.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Borrow<T> for Shared<T> {
    fn borrow(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

impl<T: Message + Default + Clone> Message for Shared<T> {
    fn encode_raw(&self, out: &mut impl BufMut) {
        self.0.encode_raw(out);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        bytes: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        self.make_mut().merge_field(tag, wire_type, bytes, context)
    }

    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Object, Pod, from_json};

    fn pod(name: &str, node: &str, affinity: &str) -> Pod {
        let text = format!(
            r#"{{"metadata":{{"name":"{name}","labels":{{"app":"web"}},"ownerReferences":[{{"name":"web-1"}}]}},
            "spec":{{"nodeName":"{node}","affinity":{affinity},"volumes":[{{"name":"kube-api-access-{name}"}}],
            "containers":[{{"name":"a","volumeMounts":[{{"name":"kube-api-access-{name}"}}]}}]}}}}"#
        );
        from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn pods_of_one_template_share_their_spec() {
        let (mut one, mut two) = (pod("x7f2k", "node-1", "null"), pod("9qs4d", "node-2", "null"));
        let mut pool = Pool::default();
        one.share(&mut pool);
        two.share(&mut pool);
        assert!(one.spec.is_same(&two.spec));
        assert!(one.metadata.labels[0].is_same(&two.metadata.labels[0]));
        assert!(one.metadata.owner_references[0].is_same(&two.metadata.owner_references[0]));
        assert_eq!((one.node_name.as_str(), two.node_name.as_str()), ("node-1", "node-2"));
    }

    #[test]
    fn specs_that_differ_share_equal_containers() {
        let (mut one, mut two) = (pod("x7f2k", "node-1", "null"), pod("9qs4d", "node-1", "{}"));
        let mut pool = Pool::default();
        one.share(&mut pool);
        two.share(&mut pool);
        assert!(!one.spec.is_same(&two.spec));
        assert!(one.spec.containers[0].is_same(&two.spec.containers[0]));
    }

    #[test]
    fn what_no_object_holds_any_more_is_forgotten_and_the_rest_is_shared_still() {
        let (mut one, mut two) = (pod("x7f2k", "node-1", "null"), pod("9qs4d", "node-1", "{}"));
        let mut pool = Pool::default();
        one.share(&mut pool);
        two.share(&mut pool);
        drop(two);
        pool.forget_unused();
        assert_eq!((pool.specs.len(), pool.containers.len(), pool.owners.len(), pool.labels.len()), (1, 1, 1, 1));
        let mut again = pod("c4r8d", "node-1", "null");
        again.share(&mut pool);
        assert!(again.spec.is_same(&one.spec));
        drop((one, again));
        pool.forget_unused();
        assert_eq!((pool.specs.len(), pool.containers.len(), pool.owners.len(), pool.labels.len()), (0, 0, 0, 0));
    }

    #[test]
    fn a_change_stays_with_its_holder() {
        let first = Shared::from(Pair::new("app", "web"));
        let mut second = first.clone();
        second.make_mut().value = "db".to_owned();
        assert_eq!((first.value.as_str(), second.value.as_str()), ("web", "db"));
    }
}
