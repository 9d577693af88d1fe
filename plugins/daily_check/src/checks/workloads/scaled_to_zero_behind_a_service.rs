//! A workload is scaled to zero, and a Service or an Ingress still sends to it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{HorizontalPodAutoscaler, Ingress, Kind, Object, Service, has_all};
use sre_core::view::{View, Workload, backends};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-06",
    title: "a Service or an Ingress sends to a workload that is scaled to zero",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[Sight::Of(Kind::Ingress), Sight::Of(Kind::HorizontalPodAutoscaler), Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
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
    let finding = Finding::new("WRK-06", severity, object.clone(), title)
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
        .change(format!("kubectl scale {kind}/{} -n {namespace} --replicas=1 --dry-run=server", object.name))
}

const PAGE: &str = "\
A Deployment or StatefulSet is scaled to zero, and the Service that selects its pods selects no others:
whoever calls it gets no answer. When an Ingress sends to that Service, users get an error page, and it
is a warning; otherwise it is information, for it may be meant so.

Looked at: spec.replicas, the selectors of the Services of the namespace, the backends of the Ingresses.
Not meant: workloads that an event-driven autoscaler wakes, and Services that have other workloads.

What to do: scale it up, or take the Ingress and the Service away, too:
  kubectl scale deployment/NAME -n NAMESPACE --replicas=1 --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("WRK-06").later(2)
    }

    #[test]
    fn an_ingress_makes_it_a_warning() {
        let findings = settled().judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.severity)).collect();
        assert_eq!(all, [("api", Severity::Info), ("web", Severity::Warning)]);
        assert_eq!(findings[0].title, "it is scaled to zero, and Service api has nobody else behind it");
        assert_eq!(findings[1].title, "it is scaled to zero, and Ingress shop sends to it by Service web");
        assert_eq!(
            findings[1].remedies[1].command,
            "kubectl scale deployment/web -n fault-wrk-06 --replicas=1 --dry-run=server"
        );
    }

    #[test]
    fn a_workload_that_wants_pods_is_not_meant() {
        let up = settled().set("Deployment", "web", "/spec/replicas", 1);
        assert_eq!(up.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_workload_that_no_service_selects_is_at_rest() {
        assert_eq!(settled().without("Service", "").judge(&CHECK), []);
    }

    #[test]
    fn an_event_driven_autoscaler_wakes_its_target() {
        let scaled = settled().with(serde_json::json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "keda-hpa-web", "namespace": "fault-wrk-06"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}
        }));
        assert_eq!(scaled.judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-06").later(2);
        let findings = scenario.gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
