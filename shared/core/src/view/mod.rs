//! A snapshot with its relations: who owns, runs, selects and mounts what. Built once for all checks.

mod backing;
mod bindings;
mod dependencies;
mod events;
mod groups;
mod leases;
mod owners;
mod places;
mod readiness;
mod references;
mod refusals;
mod selections;
mod serving;
mod webhooks;
mod workloads;

pub use backing::Backing;
pub use bindings::Binding;
pub(crate) use bindings::is_built_in;
pub use dependencies::{Layer, backends, layer};
pub use groups::Group;
pub use leases::Renewal;
pub use owners::accountable;
pub use places::zone_of;
pub use readiness::{is_ready, seems_ready, unready_since};
pub use references::{Need, Reference, references};
pub use refusals::RefusedCreation;
pub use webhooks::{OnFailure, Webhook};
pub use workloads::{Workload, is_finished};

use crate::cause;
use crate::finding::Finding;
use crate::inquiry::{Query, Sample, Series, VolumeUsage};
use crate::logs::callees;
use crate::object::ObjectRef;
use crate::profile::Profile;
use crate::scheduling::{Stranded, find_stranded};
use crate::slim::{EndpointSlice, Event, KINDS, Kind, Namespace, ObjectMeta, Pair, Pod, Service, Shared};
use crate::snapshot::{Shelved, Snapshot};
use jiff::{SignedDuration, Timestamp};
use std::cell::OnceCell;
use std::collections::HashMap;

/// Lists of one run are seconds apart, and whoever applies a manifest makes its objects one after another.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// A snapshot with its relations, which every check is a function of.
pub struct View<'a> {
    /// What was seen.
    pub snapshot: &'a Snapshot,
    /// What the team says of its system.
    pub profile: Profile,
    pods_by_owner: HashMap<ObjectRef, Vec<&'a Pod>>,
    pods_by_node: HashMap<&'a str, Vec<&'a Pod>>,
    pods_by_namespace: HashMap<&'a str, Vec<&'a Pod>>,
    events: events::EventIndex<'a>,
    slices: selections::SliceIndex<'a>,
    newest_renewals: HashMap<&'a str, Timestamp>,
    causes: OnceCell<Vec<Finding>>,
    left: OnceCell<Vec<Finding>>,
    refusals: OnceCell<Vec<RefusedCreation>>,
    stranded: Vec<Stranded<'a>>,
    callees: HashMap<ObjectRef, Vec<ObjectRef>>,
}

impl<'a> View<'a> {
    /// Joins a snapshot's objects.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut view = Self {
            snapshot,
            profile: Profile::default(),
            pods_by_owner: HashMap::new(),
            pods_by_node: HashMap::new(),
            pods_by_namespace: HashMap::new(),
            events: events::EventIndex::new(snapshot),
            slices: selections::SliceIndex::new(snapshot.all::<EndpointSlice>()),
            newest_renewals: leases::newest_renewals(snapshot),
            causes: OnceCell::new(),
            left: OnceCell::new(),
            refusals: OnceCell::new(),
            stranded: Vec::new(),
            callees: HashMap::new(),
        };
        for pod in snapshot.all::<Pod>() {
            view.place(pod);
        }
        view.stranded = find_stranded(&view);
        view.callees = callees(&view);
        view
    }

    /// The same for a system that a profile describes.
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    fn place(&mut self, pod: &'a Pod) {
        let owner = accountable(self.snapshot, Kind::Pod, &pod.metadata);
        self.pods_by_owner.entry(owner).or_default().push(pod);
        self.pods_by_namespace.entry(&pod.metadata.namespace).or_default().push(pod);
        if !pod.node_name.is_empty() {
            self.pods_by_node.entry(&pod.node_name).or_default().push(pod);
        }
    }

    /// The objects of a kind, sorted by namespace and name.
    pub fn all<T: Shelved>(&self) -> &'a [T] {
        self.snapshot.all::<T>()
    }

    /// One object by its name; the namespace is empty for cluster-scoped kinds.
    pub fn get<T: Shelved>(&self, namespace: &str, name: &str) -> Option<&'a T> {
        self.snapshot.get::<T>(namespace, name)
    }

    /// What Prometheus gave for a query; nothing where it was not asked.
    pub fn samples(&self, query: &Query) -> Vec<Sample> {
        let mut samples = self.snapshot.answers.samples(query, self.now()).unwrap_or_default();
        samples.retain(|sample| self.includes(sample.label("namespace")));
        samples
    }

    /// What Prometheus gave for a query over time; nothing where it was not asked.
    pub fn series(&self, query: &Query) -> Vec<Series> {
        let mut series = self.snapshot.answers.series(query, self.now()).unwrap_or_default();
        series.retain(|series| self.includes(series.label("namespace")));
        series
    }

    /// What kubelets told of the volumes of claims; nothing where they were not asked.
    pub fn volumes(&self) -> Vec<VolumeUsage> {
        let mut volumes = self.snapshot.answers.volumes();
        volumes.retain(|volume| self.includes(&volume.namespace));
        volumes
    }

    /// Whether something of a namespace, or of none, was asked for: Prometheus tells of all of them.
    pub fn includes(&self, namespace: &str) -> bool {
        namespace.is_empty() || self.snapshot.namespaces.includes(namespace)
    }

    /// Whether every object of a kind in a namespace was seen, so that absence there proves something.
    pub fn knows(&self, kind: Kind, namespace: &str) -> bool {
        self.snapshot.knows(kind, namespace)
    }

    /// The object that is accountable for a pod: its Deployment, StatefulSet, CronJob, or itself.
    pub fn owner_of(&self, pod: &Pod) -> ObjectRef {
        accountable(self.snapshot, Kind::Pod, &pod.metadata)
    }

    /// The object that is accountable for any object that a controller made.
    pub fn accountable(&self, kind: Kind, metadata: &ObjectMeta) -> ObjectRef {
        accountable(self.snapshot, kind, metadata)
    }

    /// The pods that an object is accountable for.
    pub fn pods_of(&self, owner: &ObjectRef) -> &[&'a Pod] {
        self.pods_by_owner.get(owner).map_or(&[], Vec::as_slice)
    }

    /// The pods bound to a node.
    pub fn pods_on(&self, node: &str) -> &[&'a Pod] {
        self.pods_by_node.get(node).map_or(&[], Vec::as_slice)
    }

    /// The pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> &[&'a Pod] {
        self.pods_by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// The pods that a Service selects; none when it has no selector.
    pub fn pods_behind(&self, service: &Service) -> Vec<&'a Pod> {
        selections::selected(service, self.pods_in(&service.metadata.namespace))
    }

    /// The EndpointSlices of a Service.
    pub fn slices_of(&self, namespace: &str, service: &str) -> &[&'a EndpointSlice] {
        self.slices.of(namespace, service)
    }

    /// The events about an object, newest first.
    pub fn events_about(&self, object: &ObjectRef) -> &[&'a Event] {
        self.events.about(object)
    }

    /// The time of the snapshot.
    pub fn now(&self) -> Timestamp {
        self.snapshot.taken_at
    }

    /// How long ago something was, at the time of the snapshot; never negative.
    pub fn age(&self, then: Timestamp) -> SignedDuration {
        self.now().duration_since(then).max(SignedDuration::ZERO)
    }

    /// Whether something is at least so many minutes old; an unknown time is not.
    pub fn is_older_than_minutes(&self, then: Option<Timestamp>, minutes: i64) -> bool {
        then.is_some_and(|then| self.age(then) >= SignedDuration::from_mins(minutes))
    }

    /// Whether an object is so new, or was made during the read, that what it needs may only be on its way.
    pub fn is_young(&self, metadata: &ObjectMeta) -> bool {
        metadata.creation_timestamp.at().is_some_and(|made| self.age(made) < YOUNG && !self.is_timeless(metadata))
    }

    /// Whether an object is the newest thing that files hold: nobody knows how much later they were written.
    pub fn is_timeless(&self, metadata: &ObjectMeta) -> bool {
        self.snapshot.is_of_files() && metadata.creation_timestamp.at() == Some(self.now())
    }

    /// Whether an object is being deleted, by itself or with its namespace: what it lacks is no loss any more.
    pub fn is_going(&self, metadata: &ObjectMeta) -> bool {
        metadata.deletion_timestamp.is_some() || self.is_going_namespace(&metadata.namespace)
    }

    /// Whether an object is neither so new nor so near its end that what it lacks would say little.
    pub fn is_settled(&self, metadata: &ObjectMeta) -> bool {
        !self.is_young(metadata) && !self.is_going(metadata)
    }

    /// Whether a namespace is being deleted.
    pub fn is_going_namespace(&self, name: &str) -> bool {
        self.get::<Namespace>("", name).is_some_and(|namespace| namespace.metadata.deletion_timestamp.is_some())
    }

    /// What the cause classes recognise, computed once.
    pub fn causes(&self) -> &[Finding] {
        self.causes.get_or_init(|| cause::recognise(self))
    }

    /// What is left to recognise when the classes have spoken that ask no other, computed once.
    pub fn causes_left(&self) -> &[Finding] {
        self.left.get_or_init(|| cause::left(self))
    }

    /// The causes of some classes, as findings of a check.
    pub fn recognised(&self, check: &'static str, classes: &[&str]) -> Vec<Finding> {
        let wanted = |cause: &&Finding| cause.class.is_some_and(|class| classes.contains(&class));
        self.causes()
            .iter()
            .chain(self.causes_left())
            .filter(wanted)
            .map(|cause| Finding { check, ..cause.clone() })
            .collect()
    }

    /// The pods that the scheduler could not place, with why; worked out once.
    pub fn stranded(&self) -> &[Stranded<'a>] {
        &self.stranded
    }

    /// The labels of an object, if it was seen.
    pub fn labels_of(&self, object: &ObjectRef) -> Option<&'a [Shared<Pair>]> {
        self.metadata_of(object).map(|metadata| metadata.labels.as_slice())
    }

    /// When an object was made, if it was seen.
    pub fn made(&self, object: &ObjectRef) -> Option<Timestamp> {
        self.metadata_of(object)?.creation_timestamp.at()
    }

    /// The objects of a kind that have a name: one for each namespace that has it.
    pub fn named(&self, kind: &str, name: &str) -> Vec<ObjectRef> {
        let kinds = KINDS.iter().filter(|row| row.name == kind);
        let namespaces = kinds.flat_map(|row| self.snapshot.objects.namespaces_of(row.kind, name));
        namespaces.map(|namespace| ObjectRef::scoped(kind, &namespace, name)).collect()
    }

    /// The object that is accountable for one that was seen; none when that is itself, or was not seen.
    pub fn accountable_of(&self, object: &ObjectRef) -> Option<ObjectRef> {
        let kind = KINDS.iter().find(|row| row.name == object.kind)?.kind;
        let owner = accountable(self.snapshot, kind, self.metadata_of(object)?);
        (owner != *object).then_some(owner)
    }

    /// Its metadata, if it was seen.
    pub fn metadata_of(&self, object: &ObjectRef) -> Option<&'a ObjectMeta> {
        let kind = KINDS.iter().find(|row| row.name == object.kind)?.kind;
        let namespace = object.namespace.as_deref().unwrap_or_default();
        self.snapshot.objects.metadata(kind, namespace, &object.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether an object made then is young at half past midnight.
    fn is_young(made: &str) -> bool {
        let now = "2026-01-01T00:30:00Z".parse().unwrap();
        let snapshot = Snapshot { taken_at: now, ..Snapshot::default() };
        let metadata: ObjectMeta = serde_json::from_str(made).unwrap();
        View::new(&snapshot).is_young(&metadata)
    }

    #[test]
    fn an_object_is_young_for_a_minute_and_when_it_was_made_during_the_read() {
        assert!(is_young(r#"{"creationTimestamp": "2026-01-01T00:29:01Z"}"#));
        assert!(is_young(r#"{"creationTimestamp": "2026-01-01T00:30:04Z"}"#));
        assert!(!is_young(r#"{"creationTimestamp": "2026-01-01T00:29:00Z"}"#));
    }

    #[test]
    fn an_object_without_a_time_is_not_young() {
        assert!(!is_young("{}"));
    }
}
