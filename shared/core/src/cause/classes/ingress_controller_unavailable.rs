//! No pod of an ingress controller serves.

use crate::cause::Class;
use crate::finding::{Finding, Role, Severity};
use crate::object::ObjectRef;
use crate::slim::{Ingress, IngressClass, Kind, Object, Pod, value_of};
use crate::view::{View, Workload, is_ready, unready_since};
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class = Class { id: "ingress-controller-unavailable", page: PAGE, recognise, ..Class::SILENT };

/// Images of the usual controllers, as the end of a repository.
const IMAGES: [&str; 11] = [
    "ingress-nginx/controller",
    "nginx-ingress-controller",
    "nginx-ingress",
    "nginx-plus-ingress",
    "traefik",
    "haproxy-ingress",
    "haproxytech/kubernetes-ingress",
    "kong/kubernetes-ingress-controller",
    "projectcontour/contour",
    "ingress-controller",
    "nginx-ingress-controller-amd64",
];

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let named = names(view);
    let controllers = view.workloads().filter(|workload| is_controller(workload, &named));
    controllers.filter_map(|workload| unavailable(view, &workload)).collect()
}

/// What the classes of the cluster call their controllers: `k8s.io/ingress-nginx` and the label of the class.
fn names<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let classes = view.all::<IngressClass>().iter();
    let words = classes.flat_map(|class| {
        let controller = class.spec.controller.rsplit('/').next();
        [controller, class.metadata.label("app.kubernetes.io/name")]
    });
    words.flatten().filter(|word| !word.is_empty()).collect()
}

/// Jobs of a controller's chart (its admission certificates) carry its name and are none.
fn is_controller(workload: &Workload<'_>, named: &BTreeSet<&str>) -> bool {
    let runs_on = matches!(workload.reference.kind.as_str(), "Deployment" | "DaemonSet" | "StatefulSet");
    let labels = &workload.template.metadata.labels;
    let label = |key| value_of(labels, key);
    let part = label("app.kubernetes.io/component").unwrap_or("controller");
    let is_named =
        ["app.kubernetes.io/name", "app", "k8s-app"].into_iter().filter_map(label).any(|it| named.contains(it));
    let mut containers = workload.template.spec.containers.iter();
    let mut has_image = || containers.any(|container| is_controller_image(&container.image));
    runs_on && !part.contains("backend") && ((is_named && part.contains("controller")) || has_image())
}

fn is_controller_image(image: &str) -> bool {
    let path = image.split('@').next().unwrap_or_default();
    let path = path.rfind(':').filter(|colon| !path[*colon..].contains('/')).map_or(path, |colon| &path[..colon]);
    IMAGES.iter().any(|known| path == *known || path.ends_with(&format!("/{known}")))
}

fn unavailable(view: &View<'_>, workload: &Workload<'_>) -> Option<Finding> {
    let namespace = workload.metadata.namespace.as_str();
    let pods = view.pods_of(&workload.reference);
    let nobody = pods.is_empty() && view.knows(Kind::Pod, namespace) && view.knows(Kind::ReplicaSet, namespace);
    let all_down = !pods.is_empty() && !pods.iter().any(|pod| is_ready(pod));
    let severity = (nobody || all_down).then(|| view.absence(pods))??;
    Some(statement(view, workload, severity, pods))
}

/// Nobody wanting pods is a reason of its own, and harmless while no Ingress asks for one.
fn statement(view: &View<'_>, workload: &Workload<'_>, severity: Severity, pods: &[&Pod]) -> Finding {
    let object: &ObjectRef = &workload.reference;
    let (namespace, name) = (&workload.metadata.namespace, &object.name);
    let ingresses = view.all::<Ingress>().len();
    let severity = if ingresses > 0 { severity } else { Severity::Warning };
    let why = match (workload.wanted, pods.len()) {
        (0, 0) => "wants no pods".to_owned(),
        (_, 0) => "has no pods".to_owned(),
        (_, 1) => "has 1 pod, which is not ready".to_owned(),
        (_, count) => format!("has {count} pods, none of them ready"),
    };
    let title = format!("ingress controller {} {namespace}/{name} {why}; {}", object.kind, outcome(ingresses));
    let role = if workload.wanted == 0 && pods.is_empty() { Role::Cause } else { Role::Symptom };
    let finding = Finding { role, ..Finding::new("", severity, object.clone(), title) }
        .evidence(
            object,
            "ready pods",
            format!("0 of {}", workload.wanted.max(i32::try_from(pods.len()).unwrap_or(i32::MAX))),
        )
        .evidence(object, "spec.template.spec.containers[].image", images(workload))
        .since(pods.iter().filter_map(|pod| unready_since(pod)).max().or_else(|| view.made(object)))
        .look(format!("kubectl get pods -n {namespace} -o wide"))
        .look(format!("kubectl describe {} {name} -n {namespace}", object.kind.to_lowercase()));
    pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

fn images(workload: &Workload<'_>) -> String {
    workload.template.spec.containers.iter().map(|one| one.image.as_str()).collect::<Vec<_>>().join(", ")
}

fn outcome(ingresses: usize) -> String {
    match ingresses {
        0 => "no Ingress was seen".to_owned(),
        1 => "1 Ingress was seen".to_owned(),
        count => format!("{count} Ingresses were seen"),
    }
}

const PAGE: &str = "\
An ingress controller has no ready pod, so that nothing from outside reaches the Services behind the
Ingresses that it serves, however well these are.

Looked at: Deployments, DaemonSets and StatefulSets that run the image of a known controller, or are
labelled as what an IngressClass calls its controller; their pods and whether these are ready.

What to do: look at the controller's pods; what is wrong with them is reported above this:
  kubectl get pods -A -l app.kubernetes.io/component=controller -o wide

Harmless: a controller that is scaled to zero because another one took over; remove it then.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controllers_are_known_by_their_images() {
        for image in [
            "registry.k8s.io/ingress-nginx/controller:v1.13.1@sha256:12ab",
            "traefik:v3.1",
            "registry.example:5000/mirror/traefik",
            "nginx/nginx-ingress:5.0",
            "quay.io/jcmoraisjr/haproxy-ingress:v0.14",
        ] {
            assert!(is_controller_image(image), "{image}");
        }
        for image in ["registry.example/shop/traefik-demo:1", "nginx:1.29", "registry.example/ingress-api:2"] {
            assert!(!is_controller_image(image), "{image}");
        }
    }
}
