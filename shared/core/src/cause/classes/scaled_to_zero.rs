//! Nobody serves, because the replicas are zero.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{HorizontalPodAutoscaler, Ingress, Object, Service, has_all};
use crate::view::{View, Workload, backends};

/// See the module.
pub const CLASS: Class = Class {
    id: "scaled-to-zero",
    page: PAGE,
    recognise: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
    ..Class::SILENT
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    let is_scaled = matches!(workload.reference.kind.as_str(), "Deployment" | "StatefulSet");
    let is_empty = workload.wanted == 0 && view.pods_of(&workload.reference).is_empty();
    if !is_scaled || !is_empty || view.is_young(workload.metadata) || is_woken(workload, view) {
        return None;
    }
    let labels = &workload.template.metadata.labels;
    let own = |service: &&Service| {
        service.metadata.namespace == workload.metadata.namespace
            && !service.spec.selector.is_empty()
            && has_all(&service.spec.selector, labels)
            && view.templates_behind(service).all(|other| other.wanted == 0)
            && view.pods_behind(service).is_empty()
    };
    let services: Vec<&Service> = view.all::<Service>().iter().filter(own).collect();
    let ingress = services.iter().find_map(|service| Some((*service, ingress_to(service, view)?)));
    match ingress {
        Some((service, ingress)) => Some(finding(workload, service, Some(ingress))),
        None => Some(finding(workload, services.first()?, None)),
    }
}

/// Whether something scales it up again when it is asked for: autoscalers of the event-driven kind leave theirs.
fn is_woken(workload: &Workload<'_>, view: &View<'_>) -> bool {
    let target = &workload.reference;
    view.all::<HorizontalPodAutoscaler>().iter().any(|autoscaler| {
        let reference = &autoscaler.spec.scale_target_ref;
        let is_meant = autoscaler.metadata.namespace == workload.metadata.namespace
            && (reference.kind.as_str(), reference.name.as_str()) == (target.kind.as_str(), target.name.as_str());
        is_meant && (autoscaler.metadata.name.starts_with("keda-hpa-") || autoscaler.spec.min_replicas == Some(0))
    })
}

fn ingress_to<'a>(service: &Service, view: &View<'a>) -> Option<&'a Ingress> {
    let mut near = view.all::<Ingress>().iter().filter(|it| it.metadata.namespace == service.metadata.namespace);
    near.find(|ingress| backends(ingress).any(|backend| backend.name == service.metadata.name))
}

fn finding(workload: &Workload<'_>, service: &Service, ingress: Option<&Ingress>) -> Finding {
    let object = &workload.reference;
    let (namespace, kind) = (&workload.metadata.namespace, object.kind.to_lowercase());
    let name = &service.metadata.name;
    let severity = if ingress.is_some() { Severity::Warning } else { Severity::Info };
    let title = match ingress {
        Some(ingress) => {
            format!("it is scaled to zero, and Ingress {} sends to it by Service {name}", ingress.metadata.name)
        }
        None => format!("it is scaled to zero, and Service {name} has nobody else behind it"),
    };
    let finding = Finding::new("", severity, object.clone(), title)
        .risk()
        .evidence(object, "spec.replicas", "0")
        .evidence(&service.reference(), "spec.selector", "matches its template")
        .since(workload.metadata.creation_timestamp.at());
    let finding = match ingress {
        Some(ingress) => finding.evidence(&ingress.reference(), "spec.rules[].http.paths[].backend.service.name", name),
        None => finding,
    };
    finding
        .look(format!("kubectl get {kind},services,ingresses -n {namespace}"))
        .change(format!("kubectl sre scale {kind}/{} --replicas 1 -n {namespace} --dry-run", object.name))
}

const PAGE: &str = "\
A Deployment or StatefulSet is scaled to zero, and the Service that selects its pods selects no others:
whoever calls it gets no answer. When an Ingress sends to that Service, users get an error page, and it
is a warning; otherwise it is information, for it may be meant so.

Looked at: spec.replicas, the selectors of the Services of the namespace, the backends of the Ingresses.
Not meant: workloads that an event-driven autoscaler wakes, and Services that have other workloads.

What to do: scale it up, or take the Ingress and the Service away, too:
  kubectl sre scale deployment/NAME --replicas 1 -n NAMESPACE --dry-run";
