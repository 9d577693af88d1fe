//! A Service has pods, or a workload that should have some, and none of them takes traffic.

use crate::cause::{Class, Tells};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{ConditionFacts, Deployment, Event, Kind, Object, Pod, Service, condition_of};
use crate::view::{View, Workload, is_ready, unready_since};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class =
    Class { id: "service-no-ready-endpoints", page: PAGE, recognise, tells: Tells::That, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let services = view.all::<Service>().iter().filter(|service| is_meant(view, service));
    services.filter_map(|service| unserved(view, service)).collect()
}

fn is_meant(view: &View<'_>, service: &Service) -> bool {
    let spec = &service.spec;
    let has_selector = !spec.selector.is_empty() && spec.type_ != "ExternalName";
    has_selector
        && !spec.publish_not_ready_addresses
        && service.metadata.deletion_timestamp.is_none()
        && view.knows(Kind::EndpointSlice, &service.metadata.namespace)
        && !view.has_ready_endpoint(service)
}

/// Nothing is said when nobody should serve: no workload, one scaled to zero, a Job that has ended.
fn unserved(view: &View<'_>, service: &Service) -> Option<Finding> {
    let pods = view.serving(service);
    let waiting = view.templates_behind(service).filter(|workload| workload.wanted > 0 && serves(workload));
    let waiting = waiting.filter(|workload| !view.is_young(workload.metadata));
    let waiting: Vec<Workload<'_>> = waiting.collect();
    if pods.is_empty() && waiting.is_empty() {
        return None;
    }
    Some(statement(view, service, view.absence(&pods)?, (&pods, &waiting)))
}

/// Jobs run to their end and answer nobody, whatever labels their pods have.
fn serves(workload: &Workload<'_>) -> bool {
    !matches!(workload.reference.kind.as_str(), "Job" | "CronJob")
}

fn statement(
    view: &View<'_>,
    service: &Service,
    severity: Severity,
    (pods, waiting): (&[&Pod], &[Workload<'_>]),
) -> Finding {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let object = service.reference();
    let owners: BTreeSet<ObjectRef> =
        pods.iter().map(|pod| view.owner_of(pod)).chain(waiting.iter().map(|it| it.reference.clone())).collect();
    let behind = owners.first().map_or_else(String::new, |owner| format!("{} {}", owner.kind, owner.name));
    let title = format!("Service {namespace}/{name} has no ready endpoints: {}", why(pods, &behind));
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let unready = pods.iter().filter_map(|pod| unready_since(pod)).max();
    let mut finding = Finding::new("", severity, object.clone(), title)
        .symptom()
        .evidence(&object, "endpoints", format!("0 ready, {} not", pods.len()))
        .since(unready.or_else(|| waiting.iter().filter_map(|it| podless_since(view, it)).max()));
    if let Some(pod) = pods.first() {
        let said = if is_ready(pod) { "True" } else { "not True" };
        finding = finding.evidence(&pod.reference(), "status.conditions[Ready].status", said);
    }
    if let Some(event) = failed_probe(view, pods) {
        finding = finding.evidence(&event.reference(), "message", event.message.as_str());
    }
    if ready > 0 {
        finding = finding.evidence(&object, "pods that are ready", ready.to_string());
    }
    finding
        .look(format!("kubectl get endpointslices,pods -n {namespace}"))
        .look(format!("kubectl describe service {name} -n {namespace}"))
}

/// Since when a workload has no pods: since its Deployment says so, else since it was made.
fn podless_since(view: &View<'_>, workload: &Workload<'_>) -> Option<Timestamp> {
    let is_deployment = workload.reference.kind == Kind::Deployment.info().name;
    let found = view.get::<Deployment>(&workload.metadata.namespace, &workload.metadata.name);
    let available = found.filter(|_| is_deployment).and_then(|it| condition_of(&it.status.conditions, "Available"));
    let told = available.filter(|it| it.status == "False").and_then(ConditionFacts::since);
    told.or_else(|| workload.metadata.creation_timestamp.at())
}

/// The newest word of the kubelet on why a pod is not ready.
fn failed_probe<'a>(view: &View<'a>, pods: &[&Pod]) -> Option<&'a Event> {
    let unready = pods.iter().filter(|pod| !is_ready(pod));
    let mut events = unready.flat_map(|pod| view.events_about(&pod.reference()).iter().copied());
    events.find(|event| event.reason == "Unhealthy" && event.message.starts_with("Readiness probe"))
}

fn why(pods: &[&Pod], behind: &str) -> String {
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    match (pods.len(), ready) {
        (0, _) => format!("{behind} has no pods"),
        (1, 0) => format!("the pod of {behind} is not ready"),
        (count, 0) => format!("none of the {count} pods of {behind} is ready"),
        (count, ready) => format!("{ready} of {count} pods of {behind} are ready, but stand in no EndpointSlice"),
    }
}

const PAGE: &str = "\
Nobody answers at this Service: it selects pods, or a workload that should have some, and no
EndpointSlice has a ready address. It is usually the consequence of what is wrong with the pods,
and then folded under that; it stands for itself when the pods are ready and the slices are not
made, or when nothing else explains it.

Looked at: EndpointSlices of the Service, readiness of its pods and events of failed readiness
probes, the workloads that it selects.

What to do: see why the pods are not ready:
  kubectl describe pods -n NAMESPACE -l KEY=VALUE

Harmless: workloads scaled to zero, Services without a selector, and those that publish addresses
before they are ready; they are not reported. Nor is the minute that a restart of a single replica
takes; until the second minute it is a warning, unless a pod is stuck.";
