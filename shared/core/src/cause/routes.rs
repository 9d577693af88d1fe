//! Routes that lead nowhere: of the Gateway API, and of Istio.

use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::service_names::{ServiceName, named_by};
use crate::slim::condition::Condition;
use crate::slim::custom::gateway::{Gateway, HTTPRoute, ParentReference};
use crate::slim::custom::virtual_service::VirtualService;
use crate::slim::{Kind, Object, Service, condition_of};
use crate::view::View;
use std::collections::BTreeSet;

/// The HTTPRoutes that hang on no Gateway, or send to what does not exist.
pub fn in_trouble(view: &View<'_>) -> Vec<Finding> {
    view.all::<HTTPRoute>().iter().filter_map(|it| route(it, view)).collect()
}

/// The VirtualServices of which Istio's own analysis says that they are wrong.
pub fn analysed(view: &View<'_>) -> Vec<Finding> {
    view.all::<VirtualService>().iter().filter_map(error_of_analysis).collect()
}

fn error_of_analysis(it: &VirtualService) -> Option<Finding> {
    let mut errors = it.status.validation_messages.iter().filter(|message| message.level == "ERROR");
    let first = errors.next()?;
    let object = it.reference();
    let (name, namespace) = (&it.metadata.name, &it.metadata.namespace);
    let title =
        format!("VirtualService {name} is wrong by Istio's analysis: {} ({})", first.type_.name, first.type_.code);
    let finding = Finding::new("", Severity::Critical, object.clone(), title).evidence(
        &object,
        "status.validationMessages",
        format!("{} {}", first.type_.code, first.type_.name),
    );
    Some(finding.look(format!("kubectl get virtualservice {name} -n {namespace} -o yaml")))
}

/// The VirtualServices that send to a Service that does not exist.
pub fn lost_destinations(view: &View<'_>) -> Vec<Finding> {
    view.all::<VirtualService>().iter().filter_map(|it| destination(it, view)).collect()
}

/// How long a controller may take to follow a change.
const PATIENCE_MINUTES: i64 = 2;

fn route(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    if !view.is_settled(&route.metadata) {
        return None;
    }
    unresolved(route, view).or_else(|| orphaned(route, view))
}

/// What a controller says of the route at one of its parents.
fn unresolved(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    let failing = |conditions: &[Condition]| {
        let found = ["Accepted", "ResolvedRefs"].into_iter().filter_map(|kind| condition_of(conditions, kind));
        let lasts = |it: &&Condition| view.is_older_than_minutes(it.last_transition_time.at(), PATIENCE_MINUTES);
        found.filter(|it| it.status == "False").find(lasts).cloned()
    };
    let parents = &route.status.parents;
    let broken: Vec<_> = parents.iter().filter_map(|it| Some((&it.parent_ref, failing(&it.conditions)?))).collect();
    let (parent, condition) = broken.first()?;
    let severity = if broken.len() == parents.len() { Severity::Critical } else { Severity::Warning };
    let what = if condition.type_ == "Accepted" { "is not accepted by" } else { "does not resolve for" };
    let title = format!("HTTPRoute {} {what} Gateway {}: {}", route.metadata.name, parent.name, condition.reason);
    let object = route.reference();
    let field = format!("status.parents[{}].conditions[{}]", parent.name, condition.type_);
    let finding =
        Finding::new("", severity, object.clone(), title).evidence(&object, field, condition.message.as_str());
    Some(done(finding.since(condition.last_transition_time.at()), route))
}

/// No controller speaks of a route whose Gateways do not exist.
fn orphaned(route: &HTTPRoute, view: &View<'_>) -> Option<Finding> {
    let is_gateway = |parent: &&ParentReference| parent.kind.as_deref().is_none_or(|kind| kind == "Gateway");
    let parents: Vec<&ParentReference> = route.spec.parent_refs.iter().filter(is_gateway).collect();
    let namespace =
        |parent: &ParentReference| parent.namespace.clone().unwrap_or_else(|| route.metadata.namespace.clone());
    let is_missing = |parent: &&ParentReference| {
        let namespace = namespace(parent);
        view.knows(Kind::Gateway, &namespace) && view.get::<Gateway>(&namespace, &parent.name).is_none()
    };
    let missing: Vec<&ParentReference> = parents.iter().copied().filter(is_missing).collect();
    let first = missing.first().filter(|_| missing.len() == route.spec.parent_refs.len())?;
    let object = route.reference();
    let gateway = ObjectRef::namespaced("Gateway", &namespace(first), &first.name);
    let title = format!("HTTPRoute {} hangs on Gateway {}, which does not exist", route.metadata.name, first.name);
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .evidence(&object, "spec.parentRefs", first.name.as_str())
        .evidence(&gateway, "metadata.name", "not found")
        .since(route.metadata.creation_timestamp.at());
    Some(done(finding, route))
}

fn done(finding: Finding, route: &HTTPRoute) -> Finding {
    let (name, namespace) = (&route.metadata.name, &route.metadata.namespace);
    finding.look(format!("kubectl describe httproute {name} -n {namespace}")).look("kubectl get gateways -A")
}

fn destination(virtual_service: &VirtualService, view: &View<'_>) -> Option<Finding> {
    let (metadata, spec) = (&virtual_service.metadata, &virtual_service.spec);
    if !view.is_settled(metadata) {
        return None;
    }
    let routes = spec.http.iter().chain(&spec.tcp).chain(&spec.tls).flat_map(|it| &it.route);
    let hosts: BTreeSet<&str> = routes.map(|it| it.destination.host.as_str()).collect();
    let named = hosts.into_iter().filter_map(|host| Some((host, resolved(host, &metadata.namespace)?)));
    let is_missing = |name: &ServiceName<'_>| {
        view.knows(Kind::Service, name.namespace) && view.get::<Service>(name.namespace, name.name).is_none()
    };
    let missing: Vec<(&str, ServiceName<'_>)> = named.filter(|(_, name)| is_missing(name)).collect();
    let (host, first) = missing.first()?;
    let more = match missing.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let object = virtual_service.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let title = format!("VirtualService {name} sends to {host}{more}, a Service that does not exist");
    let finding = Finding::new("", Severity::Warning, object.clone(), title).part(*host);
    let finding = missing.iter().take(3).fold(finding, |finding, (host, name)| {
        let service = ObjectRef::namespaced("Service", name.namespace, name.name);
        finding.evidence(&object, "route.destination.host", *host).evidence(&service, "metadata.name", "not found")
    });
    let finding = finding.since(metadata.creation_timestamp.at());
    let finding = finding.look(format!("kubectl get services -n {}", first.namespace));
    Some(finding.look(format!("kubectl get virtualservice {name} -n {namespace} -o yaml")))
}

/// A name without a dot is of the own namespace; one with dots is taken as it stands.
fn resolved<'a>(host: &'a str, namespace: &'a str) -> Option<ServiceName<'a>> {
    if host.contains('.') {
        return named_by(host);
    }
    (!host.is_empty()).then_some(ServiceName { name: host, namespace })
}
