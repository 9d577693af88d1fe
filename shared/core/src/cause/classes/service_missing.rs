//! A Service that an Ingress sends to does not exist.

use super::service_port_mismatch::is_action;
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Ingress, Kind, Object, Service};
use crate::view::{View, backends};
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class = Class {
    id: "service-missing",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.says(&["service "])
                && it.says(&["\" not found", "does not exist"])
                && !it.says(&["service account", "webhook"])
        },
        |_| "a Service that is called does not exist".to_owned(),
    )),
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let ingresses = view.all::<Ingress>().iter().map(|ingress| (ingress, &ingress.metadata));
    let settled = ingresses.filter(|(_, metadata)| !view.is_young(metadata) && !view.is_going(metadata));
    let judged = settled.filter(|(_, metadata)| view.knows(Kind::Service, &metadata.namespace));
    judged.flat_map(|(ingress, _)| missing(view, ingress)).collect()
}

fn missing(view: &View<'_>, ingress: &Ingress) -> Vec<Finding> {
    let namespace = ingress.metadata.namespace.as_str();
    let real = backends(ingress).filter(|backend| !is_action(&backend.port.name));
    let names: BTreeSet<&str> = real.map(|backend| backend.name.as_str()).collect();
    let missing = names.into_iter().filter(|name| view.get::<Service>(namespace, name).is_none());
    missing.map(|service| statement(ingress, service)).collect()
}

fn statement(ingress: &Ingress, service: &str) -> Finding {
    let (namespace, name) = (&ingress.metadata.namespace, &ingress.metadata.name);
    let object = ingress.reference();
    let routes = routes(ingress, service);
    let field = match routes.is_empty() {
        true => "spec.defaultBackend.service.name",
        false => "spec.rules[].http.paths[].backend.service.name",
    };
    let sent = in_words(&routes);
    let title = format!("Ingress {namespace}/{name} sends {sent} to Service {service}, which does not exist");
    Finding::new("", Severity::Critical, object.clone(), title)
        .part(service)
        .evidence(&object, field, service)
        .evidence(&ObjectRef::namespaced("Service", namespace, service), "metadata.name", "not found")
        .since(ingress.metadata.creation_timestamp.at())
        .look(format!("kubectl describe ingress {name} -n {namespace}"))
        .look(format!("kubectl get services -n {namespace}"))
}

/// The routes to the Service; none where only what no rule matches goes there.
fn routes(ingress: &Ingress, service: &str) -> Vec<String> {
    let rules = ingress.spec.rules.iter().filter_map(|rule| Some((&rule.host, rule.value.http.as_ref()?)));
    let routes = rules.flat_map(|(host, http)| http.paths.iter().map(move |path| (host, path)));
    let to = |name: Option<&str>| name == Some(service);
    let routes = routes.filter(|(_, path)| to(path.backend.service.as_ref().map(|it| it.name.as_str())));
    routes.map(|(host, path)| format!("{host}{}", path.path)).collect()
}

/// The first route, and how many more there are.
fn in_words(routes: &[String]) -> String {
    match routes {
        [] => "what no rule matches".to_owned(),
        [only] => only.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}

const PAGE: &str = "\
An Ingress sends requests to a Service that is not there: it was deleted, renamed, or is in another
namespace, which an Ingress cannot reach. Those paths answer 503 or 404.

Looked at: the backends of every Ingress, the default one included, and the Services of its
namespace.

What to do: see what the namespace has, then correct the Ingress or make the Service again:
  kubectl get services -n NAMESPACE

Harmless: backends of the AWS load balancer controller whose port is called use-annotation: they
are actions and no Services, and are not reported.";
