//! What users meet: Services and Ingresses without answers, and workloads that nobody calls and that lack pods.

use super::Diagnosis;
use crate::object::ObjectRef;
use crate::slim::{Ingress, Object, Pod, Service};
use crate::view::{Layer, View, is_ready, layer};
use std::collections::{BTreeMap, BTreeSet};

/// Something that does not work for those who use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// What they use.
    pub object: ObjectRef,
    /// How it fares, for example `0 of 3 pods are ready`.
    pub state: String,
}

/// Which objects depend on which.
pub(super) struct Impacts<'v, 'a> {
    view: &'v View<'a>,
    /// The Services of each pod that is not ready.
    services: BTreeMap<ObjectRef, Vec<&'a Service>>,
    ingresses: BTreeMap<(&'a str, &'a str), Vec<&'a Ingress>>,
}

impl<'v, 'a> Impacts<'v, 'a> {
    /// Joins what the causes can hurt; nothing is joined when there is no cause.
    pub(super) fn of(view: &'v View<'a>, causes: &[Diagnosis]) -> Self {
        let mut impacts = Self { view, services: BTreeMap::new(), ingresses: BTreeMap::new() };
        if causes.is_empty() {
            return impacts;
        }
        for service in view.all::<Service>() {
            for pod in view.pods_behind(service).into_iter().filter(|pod| !is_ready(pod)) {
                impacts.services.entry(pod.reference()).or_default().push(service);
            }
        }
        for ingress in view.all::<Ingress>() {
            for backend in crate::view::backends(ingress) {
                let key = (ingress.metadata.namespace.as_str(), backend.name.as_str());
                impacts.ingresses.entry(key).or_default().push(ingress);
            }
        }
        impacts
    }

    /// What users meet because of one cause, the edge of the cluster first.
    pub(super) fn because_of(&self, cause: &Diagnosis) -> Vec<Impact> {
        let objects = cause.objects();
        let pods: Vec<&'a Pod> = objects.iter().filter_map(|object| self.pod(object)).collect();
        let mut services: BTreeMap<ObjectRef, &'a Service> = BTreeMap::new();
        for object in &objects {
            let of_pod = self.services.get(*object).into_iter().flatten().copied();
            let itself = (object.kind == "Service")
                .then(|| self.view.get::<Service>(object.namespace.as_deref().unwrap_or_default(), &object.name));
            // One that selects no pods stands for something elsewhere, and says nothing of its users.
            let itself = itself.flatten().filter(|service| !service.spec.selector.is_empty());
            for service in of_pod.chain(itself) {
                services.insert(service.reference(), service);
            }
        }
        let mut impact = Vec::new();
        let mut edges: BTreeSet<ObjectRef> = BTreeSet::new();
        for service in services.values() {
            let key = (service.metadata.namespace.as_str(), service.metadata.name.as_str());
            edges.extend(self.ingresses.get(&key).into_iter().flatten().map(|ingress| ingress.reference()));
        }
        edges.extend(objects.iter().filter(|object| object.kind == "Ingress").map(|object| (*object).clone()));
        impact.extend(edges.into_iter().map(|object| Impact { object, state: "leads there".to_owned() }));
        impact.extend(services.values().map(|service| self.service(service)));
        impact.extend(self.workloads(&pods, services.is_empty()));
        impact
    }

    fn pod(&self, object: &ObjectRef) -> Option<&'a Pod> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        (object.kind == "Pod").then(|| self.view.get::<Pod>(namespace, &object.name)).flatten()
    }

    fn service(&self, service: &'a Service) -> Impact {
        let pods = self.view.pods_behind(service);
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        Impact { object: service.reference(), state: format!("{ready} of {} are ready", counted(pods.len())) }
    }

    /// The owners of the pods, where no Service stands before them.
    fn workloads(&self, pods: &[&'a Pod], is_alone: bool) -> Vec<Impact> {
        let mut owners: BTreeSet<ObjectRef> = pods.iter().map(|pod| self.view.owner_of(pod)).collect();
        owners.retain(|owner| is_alone && layer(owner) == Layer::Workload);
        let state = |owner: ObjectRef| {
            let pods = self.view.pods_of(&owner);
            let ready = pods.iter().filter(|pod| is_ready(pod)).count();
            let is_whole = ready == pods.len();
            (!is_whole)
                .then(|| Impact { state: format!("{ready} of {} are ready", counted(pods.len())), object: owner })
        };
        owners.into_iter().filter_map(state).collect()
    }
}

fn counted(pods: usize) -> String {
    if pods == 1 { "1 pod".to_owned() } else { format!("{pods} pods") }
}
