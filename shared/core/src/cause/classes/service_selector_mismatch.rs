//! The selector of a Service matches no pod.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Object, Pair, Pod, Service, value_of};
use crate::view::{View, Workload};
use serde_json::json;
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class { id: "service-selector-mismatch", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let services = view.all::<Service>().iter().filter(|service| matches_nobody(view, service));
    services.map(|service| statement(view, service)).collect()
}

/// A workload that has no pods may still give them the label when it makes them, as operators do: that is no mismatch.
fn matches_nobody(view: &View<'_>, service: &Service) -> bool {
    let is_meant = !service.spec.selector.is_empty() && service.spec.type_ != "ExternalName";
    is_meant
        && service.metadata.deletion_timestamp.is_none()
        && view.knows_workloads(&service.metadata.namespace)
        && view.serving(service).is_empty()
        && view.pods_behind(service).is_empty()
        && !view.neighbours(service).any(|workload| may_match(view, service, &workload))
}

fn may_match(view: &View<'_>, service: &Service, workload: &Workload<'_>) -> bool {
    let labels = &workload.template.metadata.labels;
    let selector = &service.spec.selector;
    let contradicts = |pair: &Pair| value_of(labels, &pair.key).is_some_and(|value| value != pair.value);
    let shares = selector.iter().any(|pair| value_of(labels, &pair.key) == Some(pair.value.as_str()));
    let lacks = selector.iter().any(|pair| value_of(labels, &pair.key).is_none());
    let has_no_pods = view.pods_of(&workload.reference).is_empty();
    shares && !selector.iter().any(contradicts) && (has_no_pods || !lacks)
}

fn statement(view: &View<'_>, service: &Service) -> Finding {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let near = nearest(view, service);
    let beside = near.as_ref().map_or_else(String::new, |near| format!("; {}", differs(service, near)));
    let selector = written(&service.spec.selector);
    let now = if is_vacant(view, service) { " now" } else { "" };
    let title = format!("Service {namespace}/{name} selects no pods: nothing has {selector}{now}{beside}");
    let object = service.reference();
    let mut finding = Finding::new("", severity(view, service), object.clone(), title)
        .evidence(&object, "spec.selector", &*selector)
        .since(service.metadata.creation_timestamp.at());
    let corrected = near.as_ref().and_then(|near| corrected(service, near));
    if let Some(near) = near {
        let field = near.pod_spec_field.replace(".spec.template.spec", ".spec.template.metadata.labels");
        let field = field.replace("spec.template.spec", "spec.template.metadata.labels");
        let labels: Vec<Pair> = near.template.metadata.labels.iter().map(|pair| (**pair).clone()).collect();
        finding = finding.evidence(&near.reference, field, written(&labels));
    }
    let finding = finding
        .look(format!("kubectl get pods -n {namespace} --show-labels"))
        .look(format!("kubectl get service {name} -n {namespace} -o yaml"));
    match corrected {
        Some(selector) => finding.patch("merge", &json!({"spec": {"selector": selector}})),
        None => finding,
    }
}

/// The values that the nearest workload has for the labels that are not as wanted; none when it lacks one of them, for
/// which one to ask instead nobody knows.
fn corrected<'a>(service: &'a Service, near: &Workload<'a>) -> Option<BTreeMap<&'a str, &'a str>> {
    let labels = &near.template.metadata.labels;
    let values = service.spec.selector.iter().map(|pair| Some((pair, value_of(labels, &pair.key)?)));
    let values: Option<Vec<_>> = values.collect();
    let differing = values?.into_iter().filter(|(pair, has)| *has != pair.value);
    Some(differing.map(|(pair, has)| (&*pair.key, has)).collect()).filter(|it: &BTreeMap<_, _>| !it.is_empty())
}

/// The parts of a control plane that monitoring makes Services for, wherever they run.
const CONTROL_PLANE: [&str; 6] =
    ["etcd", "kube-apiserver", "kube-controller-manager", "kube-etcd", "kube-proxy", "kube-scheduler"];

/// Nobody calls a Service that has no address by it, except those who list its pods.
fn severity(view: &View<'_>, service: &Service) -> Severity {
    if is_vacant(view, service) || is_of_control_plane(service) {
        Severity::Info
    } else if service.spec.cluster_ip == "None" {
        Severity::Warning
    } else {
        Severity::Critical
    }
}

/// Whether a managed control plane, whose pods nobody sees, is all that the Service could mean.
fn is_of_control_plane(service: &Service) -> bool {
    let names = |pair: &Pair| {
        matches!(pair.key.as_str(), "component" | "k8s-app") && CONTROL_PLANE.contains(&pair.value.as_str())
    };
    service.metadata.namespace == "kube-system" && service.spec.selector.iter().any(names)
}

/// Whether pods differ only in labels that they did not get from a template: an operator gives these by role, and
/// nobody may have the role at the moment.
fn is_vacant(view: &View<'_>, service: &Service) -> bool {
    view.pods_in(&service.metadata.namespace).iter().any(|pod| is_candidate(view, service, pod))
}

fn is_candidate(view: &View<'_>, service: &Service, pod: &Pod) -> bool {
    let template = view.template_of(&view.owner_of(pod)).map(|template| &template.metadata.labels);
    let is_given_later = |key: &str| {
        let has_it = pod.metadata.label(key).is_some();
        has_it && template.is_none_or(|labels| value_of(labels, key).is_none())
    };
    let wrong = |pair: &&Pair| pod.metadata.label(&pair.key) != Some(pair.value.as_str());
    let mut differing = service.spec.selector.iter().filter(wrong);
    let shares = differing.clone().count() < service.spec.selector.len();
    pod.metadata.controller().is_some() && shares && differing.all(|pair| is_given_later(&pair.key))
}

/// The workload whose pods come nearest: most labels as wanted, then least that differ; none shares nothing.
fn nearest<'a>(view: &View<'a>, service: &Service) -> Option<Workload<'a>> {
    let near = view.neighbours(service).map(|workload| (distance(service, &workload), workload));
    let near = near.filter(|((_, is_stranger, _), _)| !is_stranger);
    near.min_by(|(a, one), (b, other)| (a, &one.reference).cmp(&(b, &other.reference))).map(|(_, workload)| workload)
}

/// How many labels are not as wanted, whether nothing connects the two, and how unlike the values are.
fn distance(service: &Service, workload: &Workload<'_>) -> (usize, bool, usize) {
    let labels = &workload.template.metadata.labels;
    let selector = &service.spec.selector;
    let wrong = selector.iter().filter(|pair| value_of(labels, &pair.key) != Some(pair.value.as_str()));
    let unlike: usize =
        wrong.clone().map(|pair| value_of(labels, &pair.key).map_or(9, |it| edits(it, &pair.value))).sum();
    let wrong = wrong.count();
    let close = unlike <= 3 * wrong || service.metadata.name == workload.metadata.name;
    (wrong, wrong == selector.len() && !close, unlike)
}

fn differs(service: &Service, near: &Workload<'_>) -> String {
    let labels = &near.template.metadata.labels;
    let wrong = service.spec.selector.iter().find(|pair| value_of(labels, &pair.key) != Some(pair.value.as_str()));
    let who = format!("{} {}", near.reference.kind, near.reference.name);
    match wrong.map(|pair| (&pair.key, value_of(labels, &pair.key))) {
        Some((key, Some(value))) => format!("{who} comes nearest and has {key}={value}"),
        Some((key, None)) => format!("{who} comes nearest and has no label {key}"),
        None => format!("{who} comes nearest"),
    }
}

fn written(pairs: &[Pair]) -> String {
    pairs.iter().map(|pair| format!("{}={}", pair.key, pair.value)).collect::<Vec<_>>().join(",")
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (done, letter) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = done + 1;
        for (column, other) in to.chars().enumerate() {
            let change = corner + usize::from(letter != other);
            corner = row[column + 1];
            row[column + 1] = change.min(corner + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

const PAGE: &str = "\
A Service finds its pods by their labels, and no pod of its namespace has those that it asks for:
every connection to it is refused or hangs. It is usually a mistyped value, or labels that were
renamed at the workload but not at the Service.

Looked at: spec.selector of the Service, labels of pods and of pod templates in the namespace. The
workload whose labels come nearest is named.

What to do: compare the two, then correct the Service, or the labels of the pod template:
  kubectl get pods -n NAMESPACE --show-labels

Harmless: Services without a selector, whose endpoints somebody else keeps; workloads scaled to
zero, whose templates match; both are not reported. It is only mentioned where pods lack nothing but
a role that their operator gives, and for Services of a control plane that runs elsewhere; where a
Service has no address of its own it is a warning.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!((edits("web", "wbe"), edits("", "web"), edits("shop-api", "shop-app")), (2, 3, 1));
    }
}
