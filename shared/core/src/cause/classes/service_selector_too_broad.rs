//! A Service also sends to pods of a workload that is not meant.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, Pair, Pod, Service, Shared, value_of};
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CLASS: Class = Class { id: "service-selector-too-broad", page: PAGE, recognise, ..Class::SILENT };

/// Labels that say what an application, or a part of one, is.
const IDENTITY: [&str; 7] =
    ["app", "k8s-app", "app.kubernetes.io/name", "app.kubernetes.io/component", "component", "tier", "name"];

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let services = view.all::<Service>().iter();
    let meant = services.filter(|service| !service.spec.selector.is_empty() && service.spec.cluster_ip != "None");
    meant.filter_map(|service| polluted(view, service)).collect()
}

/// One pod of each workload stands for it; the two that are unlike make the statement.
fn polluted(view: &View<'_>, service: &Service) -> Option<Finding> {
    let mut workloads: BTreeMap<ObjectRef, Vec<&Pod>> = BTreeMap::new();
    for pod in view.serving(service).into_iter().filter(|pod| may_receive(service, pod)) {
        workloads.entry(view.owner_of(pod)).or_default().push(pod);
    }
    let ranked = ranked(service, workloads);
    let ((meant, pods), others) = ranked.split_first()?;
    let stray = others.iter().find(|(_, other)| is_another_application(pods[0], other[0]))?;
    Some(statement(service, (meant, pods), (&stray.0, &stray.1)))
}

/// Who is meant comes first: the workload that is called like the Service, then the one with most pods.
fn ranked<'a>(service: &Service, workloads: BTreeMap<ObjectRef, Vec<&'a Pod>>) -> Vec<(ObjectRef, Vec<&'a Pod>)> {
    let mut ranked: Vec<_> = workloads.into_iter().collect();
    ranked.sort_by_key(|(owner, pods)| (owner.name != service.metadata.name, std::cmp::Reverse(pods.len())));
    ranked
}

/// A pod without any of the named target ports gets no traffic, and shares the labels harmlessly.
fn may_receive(service: &Service, pod: &Pod) -> bool {
    let has = |name: &str| pod.spec.all_containers().flat_map(|one| &one.ports).any(|port| port.name == name);
    let mut targets = service.spec.ports.iter().map(|port| port.target_port.text());
    targets.any(|target| target.is_none_or(has))
}

/// Stable and canary, blue and green, shards and versions run the same image or differ in no label that says what
/// they are; a label of identity that differs, beside another image, is another application.
fn is_another_application(one: &Pod, other: &Pod) -> bool {
    let (ours, theirs) = (&one.metadata.labels, &other.metadata.labels);
    let differing = IDENTITY.iter().filter(|key| value_of(ours, key) != value_of(theirs, key)).count();
    let identified = |labels: &[Shared<Pair>]| IDENTITY.iter().any(|key| value_of(labels, key).is_some());
    let known = identified(ours) || identified(theirs);
    images(one).is_disjoint(&images(other)) && (differing > 0 || !known)
}

/// The images without their tags and digests.
fn images(pod: &Pod) -> BTreeSet<&str> {
    pod.spec.containers.iter().map(|container| repository(&container.image)).collect()
}

fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let tag = image.rfind(':').filter(|colon| !image[*colon..].contains('/'));
    tag.map_or(image, |colon| &image[..colon])
}

fn statement(service: &Service, meant: (&ObjectRef, &[&Pod]), stray: (&ObjectRef, &[&Pod])) -> Finding {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let selector: Vec<String> =
        service.spec.selector.iter().map(|pair| format!("{}={}", pair.key, pair.value)).collect();
    let selector = selector.join(",");
    let object = service.reference();
    let title = format!(
        "Service {namespace}/{name} selects two workloads by {selector}: {} {} and {} {}",
        meant.0.kind, meant.0.name, stray.0.kind, stray.0.name
    );
    Finding::new("", Severity::Warning, object.clone(), title)
        .part(stray.0.name.as_str())
        .evidence(&object, "spec.selector", selector.as_str())
        .evidence(
            &meant.1[0].reference(),
            "spec.containers[].image",
            images(meant.1[0]).into_iter().collect::<Vec<_>>().join(", "),
        )
        .evidence(
            &stray.1[0].reference(),
            "spec.containers[].image",
            images(stray.1[0]).into_iter().collect::<Vec<_>>().join(", "),
        )
        .since(stray.1.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min())
        .look(format!("kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={name} -o yaml"))
        .look(format!("kubectl get pods -n {namespace} -l {selector} --show-labels"))
}

const PAGE: &str = "\
The selector of a Service also catches pods of a workload that is not meant: a share of the requests
goes to the wrong program, and fails by chance. It often comes with a new workload (a CronJob, a
worker, a database) that was given the labels of the whole product.

Looked at: the pods behind each Service, who owns them, their images and the labels that say what
they are (app, app.kubernetes.io/name, component ...).

What to do: give the Service a selector that only the meant pods have:
  kubectl get pods -n NAMESPACE -l KEY=VALUE --show-labels

Harmless: stable and canary, blue and green, versions or shards of one application, which run the
same image or carry the same identity; headless Services; pods that lack the named target port, to
which nothing is sent. They are not reported.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_a_registry_is_no_tag() {
        assert_eq!(repository("registry.example:5000/shop/web"), "registry.example:5000/shop/web");
        assert_eq!(repository("registry.example:5000/shop/web:1.9"), "registry.example:5000/shop/web");
        assert_eq!(repository("web:1.9@sha256:12ab"), "web");
    }
}
