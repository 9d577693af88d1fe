//! A port that is asked for is not there: the target port of a Service, or the Service's port that an Ingress names.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::container::ContainerPort;
use crate::slim::ingress::{IngressBackend, IngressServiceBackend, ServiceBackendPort};
use crate::slim::service::ServicePort;
use crate::slim::{Ingress, Object, Pod, Service};
use crate::view::{View, backends};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class = Class { id: "service-port-mismatch", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let services = view.all::<Service>().iter().flat_map(|service| target_ports(view, service));
    let ingresses = view.all::<Ingress>().iter().filter(|ingress| ingress.metadata.deletion_timestamp.is_none());
    services.chain(ingresses.flat_map(|ingress| backend_ports(view, ingress))).collect()
}

/// The ports of a Service that no pod behind it offers; a headless Service does not translate ports.
fn target_ports(view: &View<'_>, service: &Service) -> Vec<Finding> {
    if service.spec.selector.is_empty() || service.spec.cluster_ip == "None" {
        return Vec::new();
    }
    let pods = view.serving(service);
    let offered: Vec<&ContainerPort> = pods.iter().flat_map(|pod| offered(pod)).collect();
    let unmet = service.spec.ports.iter().filter(|port| !pods.is_empty() && is_unmet(port, &offered));
    unmet.map(|port| unmet_target(view, service, port, &pods, &offered)).collect()
}

fn offered(pod: &Pod) -> impl Iterator<Item = &ContainerPort> {
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_restartable());
    sidecars.chain(&pod.spec.containers).flat_map(|container| &container.ports)
}

/// A number may be listened on without being declared; it is doubtful only beside ports that are declared.
fn is_unmet(port: &ServicePort, offered: &[&ContainerPort]) -> bool {
    let mut same = offered.iter().filter(|one| protocol(&one.protocol) == protocol(&port.protocol)).peekable();
    match (port.target_port.text(), port.target_port.number()) {
        (Some(name), _) => !same.any(|one| one.name == name),
        (None, Some(number)) => same.peek().is_some() && !same.any(|one| one.container_port == target(port, number)),
        (None, None) => false,
    }
}

/// Zero stands for the Service's own port.
fn target(port: &ServicePort, number: i32) -> i32 {
    if number == 0 { port.port } else { number }
}

fn protocol(written: &str) -> &str {
    if written.is_empty() { "TCP" } else { written }
}

fn unmet_target(
    view: &View<'_>,
    service: &Service,
    port: &ServicePort,
    pods: &[&Pod],
    offered: &[&ContainerPort],
) -> Finding {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let object = service.reference();
    let named = port.target_port.text();
    let wanted =
        named.map_or_else(|| target(port, port.target_port.number().unwrap_or_default()).to_string(), str::to_owned);
    let (severity, verb) = if named.is_some() {
        (Severity::Critical, "which no container has")
    } else {
        (Severity::Warning, "which no container declares")
    };
    let there: BTreeSet<String> = offered.iter().map(|one| port_text(one)).collect();
    let there = if there.is_empty() { "none".to_owned() } else { Vec::from_iter(there).join(", ") };
    let owner = view.owner_of(pods[0]);
    let title = format!(
        "Service {namespace}/{name} sends port {} to {wanted}, {verb}: {} {} offers {there}",
        port.port, owner.kind, owner.name
    );
    let finding = Finding::new("", severity, object.clone(), title)
        .part(port.port.to_string())
        .evidence(&object, format!("spec.ports[{}].targetPort", port.port), &*wanted)
        .evidence(&pods[0].reference(), "spec.containers[].ports", &*there)
        .since(service.metadata.creation_timestamp.at())
        .look(format!("kubectl get service {name} -n {namespace} -o yaml"))
        .look(format!(
            "kubectl get pod {} -n {namespace} -o jsonpath='{{.spec.containers[*].ports}}'",
            pods[0].metadata.name
        ));
    match only_target(service, port, offered) {
        Some(target) => {
            let ports = json!([{"port": port.port, "targetPort": target}]);
            finding.patch("strategic", &json!({"spec": {"ports": ports}}))
        }
        None => finding,
    }
}

/// The one port that could be meant, when the pods offer no other and a patch can tell the Service's port by its number.
fn only_target(service: &Service, port: &ServicePort, offered: &[&ContainerPort]) -> Option<Value> {
    let first = offered.first().filter(|first| protocol(&first.protocol) == protocol(&port.protocol))?;
    let is_same = |one: &&ContainerPort| one.container_port == first.container_port && one.name == first.name;
    let named = service.spec.ports.iter().filter(|one| one.port == port.port).count();
    let target = if first.name.is_empty() { json!(first.container_port) } else { json!(first.name) };
    (named == 1 && offered.iter().all(is_same)).then_some(target)
}

fn port_text(port: &ContainerPort) -> String {
    match port.name.as_str() {
        "" => format!("{}/{}", port.container_port, protocol(&port.protocol)),
        name => format!("{name} ({}/{})", port.container_port, protocol(&port.protocol)),
    }
}

/// The ports that an Ingress names and its Services, which are there, do not have.
fn backend_ports(view: &View<'_>, ingress: &Ingress) -> Vec<Finding> {
    let namespace = ingress.metadata.namespace.as_str();
    let called: BTreeSet<(&str, &str, i32)> = backends(ingress).map(called).collect();
    let missing = called.into_iter().filter_map(|(name, port, number)| {
        let service = view.get::<Service>(namespace, name)?;
        let offers = |one: &ServicePort| if port.is_empty() { one.port == number } else { one.name == port };
        let is_met = is_action(port) || service.spec.ports.iter().any(offers);
        (!is_met).then(|| missing_port(ingress, service, port, number))
    });
    missing.collect()
}

fn called(backend: &IngressServiceBackend) -> (&str, &str, i32) {
    let ServiceBackendPort { name, number } = &backend.port;
    (&backend.name, name, *number)
}

/// Whether the backend is none: the AWS controller takes such a name for an action that an annotation describes.
pub(super) fn is_action(port: &str) -> bool {
    port == "use-annotation"
}

fn missing_port(ingress: &Ingress, service: &Service, port: &str, number: i32) -> Finding {
    let (namespace, name) = (&ingress.metadata.namespace, &ingress.metadata.name);
    let wanted = if port.is_empty() { number.to_string() } else { port.to_owned() };
    let offered: Vec<String> = service.spec.ports.iter().map(service_port_text).collect();
    let offered = offered.join(", ");
    let behind: ObjectRef = service.reference();
    let title = format!(
        "Ingress {namespace}/{name} sends to port {wanted} of Service {}, which has only {offered}",
        service.metadata.name
    );
    let object = ingress.reference();
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .part(format!("{}:{wanted}", service.metadata.name))
        .evidence(&object, "spec.rules[].http.paths[].backend.service.port", &*wanted)
        .evidence(&behind, "spec.ports", &*offered)
        .since(ingress.metadata.creation_timestamp.at())
        .look(format!("kubectl describe ingress {name} -n {namespace}"))
        .look(format!("kubectl get service {} -n {namespace} -o yaml", service.metadata.name));
    match service.spec.ports.as_slice() {
        [only] => {
            let replace = |place: String| json!({"op": "replace", "path": place, "value": {"number": only.port}});
            let places = places(ingress, &service.metadata.name, port, number).into_iter();
            finding.patch("json", &places.map(replace).collect())
        }
        _ => finding,
    }
}

/// Where in an Ingress a port of a Service stands, as JSON pointers.
fn places(ingress: &Ingress, service: &str, port: &str, number: i32) -> Vec<String> {
    let is_meant = |backend: &IngressBackend| {
        backend.service.as_ref().is_some_and(|backend| called(backend) == (service, port, number))
    };
    let default = ingress.spec.default_backend.as_ref().filter(|backend| is_meant(backend));
    let mut places: Vec<String> = default.iter().map(|_| "/spec/defaultBackend/service/port".to_owned()).collect();
    for (rule, http) in ingress.spec.rules.iter().enumerate().filter_map(|(at, it)| Some((at, it.value.http.as_ref()?)))
    {
        let paths = http.paths.iter().enumerate().filter(|(_, path)| is_meant(&path.backend));
        places.extend(paths.map(|(path, _)| format!("/spec/rules/{rule}/http/paths/{path}/backend/service/port")));
    }
    places
}

fn service_port_text(port: &ServicePort) -> String {
    if port.name.is_empty() { port.port.to_string() } else { format!("{} ({})", port.name, port.port) }
}

const PAGE: &str = "\
Two sides of a connection do not mean the same port. A Service sends to a target port that none of
its pods has: by name nothing is ever sent, by number it is refused unless the container listens
without declaring it (then a warning only). Or an Ingress names a port that its Service lacks, and
answers 503 or 404 on that path.

Looked at: spec.ports[].targetPort of Services and ports of the containers behind them;
backend.service.port of Ingresses and spec.ports of the Services that they name.

What to do: compare both sides, then correct the one that is wrong:
  kubectl get service NAME -n NAMESPACE -o yaml

Harmless: headless Services, which do not translate ports; containers that declare no port at all,
where a number cannot be judged; they are not reported.";
