//! A pod should have a sidecar of the mesh and has none.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Namespace, Object, Pod};
use crate::view::{View, is_ready};

/// See the module.
pub const CLASS: Class = Class {
    id: "mesh-injection-missing",
    page: PAGE,
    residual: Some(left_out),
    brings: &["crash-unexplained", "readiness-probe-failed"],
    ..Class::SILENT
};

/// What sidecars of meshes are called.
const SIDECARS: [&str; 3] = ["istio-proxy", "linkerd-proxy", "envoy-sidecar"];

/// Pods without a sidecar that do not work, where one is asked for; for those that work it is no trouble.
fn left_out(view: &View<'_>) -> Vec<Finding> {
    let judged = view.all::<Pod>().iter().filter(|pod| is_asked_for(pod, view) && !has_sidecar(pod));
    let failing = judged.filter(|pod| !is_ready(pod) && view.is_stuck(pod) && !view.is_explained(pod));
    failing.map(|pod| statement(pod, view)).collect()
}

fn has_sidecar(pod: &Pod) -> bool {
    pod.spec.all_containers().any(|container| SIDECARS.contains(&container.name.as_str()))
}

/// What the pod says counts for more than what its namespace says.
fn is_asked_for(pod: &Pod, view: &View<'_>) -> bool {
    let own =
        pod.metadata.label("sidecar.istio.io/inject").or_else(|| pod.metadata.annotation("sidecar.istio.io/inject"));
    let linkerd = pod.metadata.annotation("linkerd.io/inject");
    if let Some(own) = own.or(linkerd) {
        return matches!(own, "true" | "enabled");
    }
    let namespace = view.get::<Namespace>("", &pod.metadata.namespace);
    namespace.is_some_and(|it| {
        let is_istio =
            it.metadata.label("istio-injection") == Some("enabled") || it.metadata.label("istio.io/rev").is_some();
        is_istio || it.metadata.annotation("linkerd.io/inject") == Some("enabled")
    })
}

fn statement(pod: &Pod, view: &View<'_>) -> Finding {
    let namespace = &pod.metadata.namespace;
    let title = "it should have a sidecar of the mesh and has none".to_owned();
    Finding::new("", Severity::Critical, view.owner_of(pod), title)
        .probable()
        .evidence(&pod.reference(), "spec.containers", "none is a sidecar of a mesh")
        .shows_on(pod.reference())
        .look(format!("kubectl get namespace {namespace} --show-labels"))
        .look(format!("kubectl get pod {} -n {namespace} -o yaml", pod.metadata.name))
}

const PAGE: &str = "\
The namespace or the pod asks for a sidecar of the mesh, and the pod has none: it was made before the
label, while the injector was down, or opts out. Under strict mutual TLS its traffic is refused.

Looked at: the labels of namespaces and pods, and the containers of pods.

What to do: have the pods made anew once the injector answers:
  kubectl sre change restart deployment/NAME -n NAMESPACE --dry-run";
