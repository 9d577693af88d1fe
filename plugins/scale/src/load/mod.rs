//! What a multiple of the load would need: replicas of each workload, room on the nodes, quotas.
//!
//! It reads and decides; nothing is changed. What is not measured is said to be unknown, and the number that stands in
//! its place says what it rests on.

mod report;
pub(crate) mod room;
#[cfg(test)]
mod tests;
mod usage;
mod workload;

pub(crate) use report::report;

use crate::replicas::quota;
use room::Room;
use sre_core::check::Sight;
use sre_core::inquiry::Inquiry;
use sre_core::profile::{Component, Profile};
use sre_core::slim::{Deployment, Kind, Pod, ResourceQuota, StatefulSet};
use sre_core::snapshot::{NamespaceScope, ReadState, Reads};
use sre_core::view::View;
use std::collections::BTreeMap;
use usage::Usage;
use workload::Workload;

/// What is read.
const KINDS: [Kind; 12] = [
    Kind::Namespace,
    Kind::Node,
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::HorizontalPodAutoscaler,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::ResourceQuota,
    Kind::PodMetrics,
    Kind::Service,
];

/// What must be seen to answer.
pub(crate) fn reads(namespaces: NamespaceScope, profile: &Profile) -> Reads {
    let kinds = KINDS.into_iter().map(Sight::Of).chain([Sight::Prometheus]);
    let queries = usage::QUERIES.to_vec();
    let inquiry = Inquiry { prometheus: profile.prometheus.clone(), queries, ..Inquiry::default() };
    Reads::of(kinds, namespaces).with_inquiry(inquiry)
}

/// What so many times the load would need.
pub struct Needs {
    /// How many times the load of now.
    pub load: f64,
    /// Where the usage comes from.
    pub source: usage::Source,
    /// Workloads: those of the profile's components first, the most vital before all others; then by namespace and name.
    pub workloads: Vec<Workload>,
    /// Workloads that want no replica, and are left out.
    pub idle: usize,
    /// Whether the nodes hold it; none where nodes or pods are not known.
    pub room: Option<Room>,
    /// Quotas that stop it.
    pub quotas: Vec<Stopping>,
    /// What could not be looked at.
    pub unknown: Vec<String>,
}

/// A quota that has too little left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub quota: String,
    /// What it counts.
    pub resource: String,
    /// How much is left.
    pub left: String,
    /// How much would be wanted.
    pub wanted: String,
}

/// Works out what so many times the load would need, in all namespaces or in one; what more depends on, by the components
/// of a profile, is placed first.
pub fn needs(view: &View<'_>, load: f64, only: &NamespaceScope, components: &[Component]) -> Needs {
    let usage = Usage::of(view);
    let (mut workloads, mut idle) = (Vec::new(), 0);
    let is_meant = |it: &workload::Seen<'_>| only.includes(it.object.namespace.as_deref().unwrap_or_default());
    for seen in workload::all(view).into_iter().filter(is_meant) {
        match seen.replicas {
            0 => idle += 1,
            _ => workloads.push(workload::needed(view, &seen, &usage, load, components)),
        }
    }
    workloads.sort_by_cached_key(Workload::order);
    let mut unknown = unseen(view);
    unknown.extend(usage.unknown());
    let unmeasured = workloads.iter().filter(|it| it.usage.is_none()).count();
    if unmeasured > 0 {
        unknown.push(format!("what {unmeasured} of {} workloads use is not measured", workloads.len()));
    }
    let knows_places = view.knows(Kind::Node, "") && view.knows(Kind::Pod, "");
    let more: Vec<(Pod, usize)> = workloads.iter().filter_map(Workload::more_pods).collect();
    let room = knows_places.then(|| Room::of(view, &more));
    if let Some(room) = &room {
        let coming = workloads.iter_mut().filter(|it| it.to_come() > 0);
        coming.zip(&room.held_of_each).for_each(|(workload, held)| workload.held = Some(*held));
    }
    Needs { load, source: usage.source(), idle, room, quotas: stopping(view, &more), workloads, unknown }
}

/// What could not be looked at whole.
fn unseen(view: &View<'_>) -> Vec<String> {
    let needed = [
        (Kind::Deployment, "Deployments that were not seen are missing"),
        (Kind::StatefulSet, "StatefulSets that were not seen are missing"),
        (Kind::HorizontalPodAutoscaler, "which autoscalers there are is not known"),
        (Kind::ResourceQuota, "whether quotas stop it is not known"),
        (Kind::Pod, "whether the nodes hold it is not known"),
        (Kind::Node, "whether the nodes hold it is not known"),
        (Kind::PersistentVolumeClaim, "which claims one node alone may use is not known"),
    ];
    let told = needed.into_iter().filter_map(|(kind, so)| {
        let state = view.snapshot.coverage.state(Sight::Of(kind));
        let name = kind.info().name;
        match state {
            ReadState::Gap(gap) => Some(format!("{name}: {} ({}); {so}", gap.reason.word(), gap.detail)),
            ReadState::NotCollected => Some(format!("{name} is not in what was given; {so}")),
            _ if view.snapshot.namespaces.one().is_some() && kind == Kind::Pod => {
                Some("pods of one namespace alone may be read: whether the nodes hold it is not known".to_owned())
            }
            _ => None,
        }
    });
    told.collect()
}

fn stopping(view: &View<'_>, more: &[(Pod, usize)]) -> Vec<Stopping> {
    let mut by_namespace: BTreeMap<&str, Vec<&(Pod, usize)>> = BTreeMap::new();
    more.iter().for_each(|it| by_namespace.entry(it.0.metadata.namespace.as_str()).or_default().push(it));
    let mut found = Vec::new();
    for quota in view.all::<ResourceQuota>() {
        let namespace = quota.metadata.namespace.as_str();
        let Some(pods) = by_namespace.get(namespace) else { continue };
        let short = quota::shortfalls(quota, pods.iter().map(|(pod, count)| (pod, *count)));
        found.extend(short.into_iter().map(|(resource, left, wanted)| Stopping {
            namespace: namespace.to_owned(),
            quota: quota.metadata.name.clone(),
            resource,
            left,
            wanted,
        }));
    }
    found
}

/// Whether a namespace, a name and a kind are those of a workload that is looked at.
pub(crate) fn is_workload(view: &View<'_>, namespace: &str, name: &str) -> bool {
    view.get::<Deployment>(namespace, name).is_some() || view.get::<StatefulSet>(namespace, name).is_some()
}
