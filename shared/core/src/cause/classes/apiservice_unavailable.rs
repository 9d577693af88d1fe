//! An aggregated API does not answer.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::condition::ControllerCondition;
use crate::slim::{APIService, ConditionFacts, Object, condition_of};
use crate::view::{Backing, View};

/// See the module.
pub const CLASS: Class = Class {
    id: "apiservice-unavailable",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| it.is_about(&["APIService"]) || it.says(&["the server is currently unable to handle the request"]),
        |_| "an aggregated API does not answer".to_owned(),
    )),
    brings: &["hpa-metrics-unavailable", "namespace-stuck-terminating"],
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let down = view.all::<APIService>().iter().filter_map(|api| Some((api, unavailable(api)?)));
    down.filter_map(|(api, condition)| statement(view, api, condition)).collect()
}

/// The API server's word that it cannot use it; `Unknown` is what it says before it has tried.
fn unavailable(api: &APIService) -> Option<&ControllerCondition> {
    condition_of(&api.status.conditions, "Available").filter(|available| available.status == "False")
}

/// A server that is restarted is away for a moment, and so are its endpoints.
fn severity(view: &View<'_>, api: &APIService, condition: &ControllerCondition) -> Option<Severity> {
    let Some(backend) = &api.spec.service else { return Some(Severity::Critical) };
    let (namespace, name) = (&backend.namespace, &backend.name);
    match view.backing(namespace, name, backend.port) {
        Backing::Ready if condition.since().is_some() => {
            view.is_older_than_minutes(condition.since(), 1).then_some(Severity::Critical)
        }
        backing => view.absence_behind(namespace, name, backing),
    }
}

fn statement(view: &View<'_>, api: &APIService, condition: &ControllerCondition) -> Option<Finding> {
    let severity = severity(view, api, condition)?;
    let name = &api.metadata.name;
    let title = format!("API {}/{} does not answer: {}", api.spec.group, api.spec.version, why(view, api, condition));
    let said = format!("{}: {}", condition.reason, condition.message);
    let finding = Finding::new("", severity, api.reference(), title)
        .symptom()
        .evidence(&api.reference(), "status.conditions[Available].message", said)
        .since(condition.since())
        .look(format!("kubectl get apiservice {name} -o yaml"));
    let Some(backend) = &api.spec.service else { return Some(finding) };
    let (namespace, service) = (&backend.namespace, &backend.name);
    let finding = finding
        .evidence(&api.reference(), "spec.service", format!("{namespace}/{service}"))
        .look(format!("kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={service}"));
    Some(finding)
}

fn why(view: &View<'_>, api: &APIService, condition: &ControllerCondition) -> String {
    let said = || condition.reason.clone();
    let Some(backend) = &api.spec.service else { return said() };
    let trouble = view.backing(&backend.namespace, &backend.name, backend.port).trouble();
    trouble.map_or_else(said, |trouble| format!("Service {}/{} {trouble}", backend.namespace, backend.name))
}

const PAGE: &str = "\
The API server hands requests for this group to another server, and cannot: its Service is missing,
nobody is ready behind it, or whoever is there does not answer or is not trusted. Everything that
uses the group stops (autoscaling for metrics.k8s.io), and no namespace can be deleted, because its
content cannot be listed to the end.

Looked at: the condition Available of the APIService, its Service and the endpoints behind it.

What to do: repair the pods behind the Service; an APIService that an uninstalled product left
behind can be deleted:
  kubectl delete apiservice NAME --dry-run=server";
