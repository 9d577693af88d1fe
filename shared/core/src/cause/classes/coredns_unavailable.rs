//! Nobody answers at the cluster's DNS.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Role};
use crate::object::ObjectRef;
use crate::slim::{Kind, Object, Pod, Service};
use crate::view::{View, Workload, is_ready, unready_since};

/// See the module.
pub const CLASS: Class = Class {
    id: "coredns-unavailable",
    page: PAGE,
    recognise,
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                is_cluster_dns(&it.about)
                    && it.says(&["unhealthy", "crashloop", "back-off", "parsing", "plugin/", "failed", "oom"])
            },
            |_| "cluster DNS does not work as it should".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &["dns-resolution-failed", "dependency-unavailable"],
    is_everybodys: true,
    ..Class::SILENT
};

const SYSTEM: &str = "kube-system";
/// What the DNS is called, as a Service, in the label `k8s-app` or in `app.kubernetes.io/name`.
const NAMES: [&str; 3] = ["kube-dns", "coredns", "rke2-coredns"];

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let knows = [Kind::Service, Kind::EndpointSlice].iter().all(|kind| view.knows(*kind, SYSTEM));
    let services = view.all::<Service>().iter().filter(|service| knows && is_dns(service));
    services.filter(|it| !view.has_ready_endpoint(it)).filter_map(|service| statement(view, service)).collect()
}

fn is_dns(service: &Service) -> bool {
    let metadata = &service.metadata;
    let labels = ["k8s-app", "app.kubernetes.io/name"].map(|key| metadata.label(key).unwrap_or_default());
    let named = NAMES.contains(&metadata.name.as_str()) || labels.iter().any(|label| NAMES.contains(label));
    let asks = service.spec.ports.iter().any(|port| port.port == 53);
    metadata.namespace == SYSTEM && named && asks && !service.spec.selector.is_empty()
}

/// Pods that are not ready have reasons of their own; nobody wanting pods is the reason itself.
fn statement(view: &View<'_>, service: &Service) -> Option<Finding> {
    let pods = view.serving(service);
    let severity = view.absence(&pods)?;
    let workload = view.templates_behind(service).next();
    let object = accountable(view, service, &pods, workload.as_ref());
    let (why, role) = match (&workload, pods.len()) {
        (Some(workload), 0) if workload.wanted == 0 => ("is scaled to zero".to_owned(), Role::Cause),
        (Some(_), 0) => ("has no pods".to_owned(), Role::Symptom),
        (None, 0) => ("selects no pods".to_owned(), Role::Cause),
        (_, count) => (format!("has {count} pods, none of them ready"), Role::Symptom),
    };
    let title = format!("cluster DNS does not answer: {} {} {why}", object.kind, object.name);
    let finding = Finding::new("", severity, object.clone(), title);
    let finding = pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    let unready = pods.iter().find(|pod| !is_ready(pod));
    let finding = match unready {
        Some(pod) => finding.evidence(&pod.reference(), "status.conditions[Ready].status", "not True"),
        None => finding,
    };
    let finding = Finding { role, ..finding }
        .evidence(&service.reference(), "endpoints", format!("0 ready, {} not", pods.len()))
        .since(pods.iter().filter_map(|pod| unready_since(pod)).max().or_else(|| view.made(&object)))
        .look(format!("kubectl get pods,endpointslices -n {SYSTEM}"))
        .look(format!("kubectl describe {} {} -n {SYSTEM}", object.kind.to_lowercase(), object.name));
    Some(finding)
}

fn accountable(view: &View<'_>, service: &Service, pods: &[&Pod], workload: Option<&Workload<'_>>) -> ObjectRef {
    let owner = pods.first().map(|pod| view.owner_of(pod));
    owner.or_else(|| workload.map(|it| it.reference.clone())).unwrap_or_else(|| service.reference())
}

fn is_cluster_dns(object: &ObjectRef) -> bool {
    let of_dns = object.name.starts_with("coredns") || object.name.starts_with("kube-dns");
    object.namespace.as_deref() == Some("kube-system") && of_dns
}

const PAGE: &str = "\
The Service of the cluster's DNS in kube-system has no ready endpoint. No name resolves, in or out
of the cluster, so that almost everything fails sooner or later, with the most various messages.

Looked at: Services kube-dns and coredns in kube-system, their EndpointSlices, pods and workloads.

What to do: look at the pods; a mistake in the Corefile shows in their logs:
  kubectl logs -n kube-system -l k8s-app=kube-dns --tail=20
  kubectl get configmap coredns -n kube-system -o yaml";
