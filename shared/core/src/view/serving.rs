//! Who serves behind a Service: its pods, their workloads, whether anybody is ready.

use super::backing::has_ready;
use super::workloads::of_replica_set;
use super::{View, Workload};
use crate::object::ObjectRef;
use crate::slim::{Kind, Pod, ReplicaSet, Service, has_all};
use std::collections::BTreeSet;

impl<'a> View<'a> {
    /// The pods that a Service sends to, ready or not: those of its EndpointSlices, else those that it selects and
    /// that have not ended.
    pub fn serving(&self, service: &Service) -> Vec<&'a Pod> {
        let namespace = service.metadata.namespace.as_str();
        let slices = self.slices_of(namespace, &service.metadata.name).iter();
        let named = slices.flat_map(|slice| &slice.endpoints).filter_map(|endpoint| endpoint.target_ref.as_ref());
        let pods = named.filter(|target| target.kind == "Pod").map(|target| target.name.as_str());
        let names: BTreeSet<&str> = pods.collect();
        let found: Vec<&Pod> = names.into_iter().filter_map(|name| self.get::<Pod>(namespace, name)).collect();
        if !found.is_empty() {
            return found;
        }
        let mut selected = self.pods_behind(service);
        selected.retain(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed"));
        selected
    }

    /// Whether a Service has an endpoint that takes traffic.
    pub fn has_ready_endpoint(&self, service: &Service) -> bool {
        self.slices_of(&service.metadata.namespace, &service.metadata.name).iter().any(|slice| has_ready(slice))
    }

    /// The workloads whose pod template a Service selects, whether they have pods or not.
    pub fn workloads_behind(&self, service: &Service) -> Vec<ObjectRef> {
        self.templates_behind(service).map(|workload| workload.reference).collect()
    }

    /// The same with their templates and how many pods they want.
    pub fn templates_behind(&self, service: &Service) -> impl Iterator<Item = Workload<'a>> {
        let selector = &service.spec.selector;
        let neighbours = self.neighbours(service);
        neighbours.filter(|it| !selector.is_empty() && has_all(selector, &it.template.metadata.labels))
    }

    /// The workloads of a Service's namespace, ReplicaSets of controllers of extension kinds (a Rollout) among them.
    pub fn neighbours(&self, service: &Service) -> impl Iterator<Item = Workload<'a>> {
        let namespace = service.metadata.namespace.as_str();
        let extended = self
            .all::<ReplicaSet>()
            .iter()
            .filter(|set| set.metadata.controller().is_some_and(|owner| owner.kind != Kind::Deployment.info().name));
        self.workloads().chain(extended.map(of_replica_set)).filter(move |it| it.metadata.namespace == namespace)
    }

    /// Whether every kind that makes pods was read whole, so that nobody behind a Service means nobody.
    pub fn knows_workloads(&self, namespace: &str) -> bool {
        let kinds = [Kind::Pod, Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::ReplicaSet];
        kinds.iter().all(|kind| self.knows(*kind, namespace))
    }
}
