//! A Service keeps traffic on the node it comes from, and some nodes have nobody to answer.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Kind, Node, Object, Service, condition_of};
use crate::view::View;
use serde_json::json;
use std::collections::BTreeSet;

/// See the module.
pub const CLASS: Class = Class { id: "service-local-traffic-policy", page: PAGE, recognise, ..Class::SILENT };

/// How many of the nodes without an endpoint are named.
const NAMED: usize = 3;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let services = view.all::<Service>().iter().filter_map(|service| Some((service, policy(service)?)));
    let local: Vec<_> = services.filter(|(service, _)| view.has_ready_endpoint(service)).collect();
    if local.is_empty() || !view.knows(Kind::Node, "") {
        return Vec::new();
    }
    let nodes: BTreeSet<&str> =
        view.all::<Node>().iter().filter(|node| is_open(node)).map(|node| node.metadata.name.as_str()).collect();
    local.into_iter().filter_map(|(service, field)| uneven(view, service, field, &nodes)).collect()
}

/// The policy that drops traffic; a load balancer asks nodes whether they have an endpoint, and leaves out the others.
fn policy(service: &Service) -> Option<&'static str> {
    let spec = &service.spec;
    if spec.internal_traffic_policy.as_deref() == Some("Local") && !spec.selector.is_empty() {
        return Some("spec.internalTrafficPolicy");
    }
    let is_kept = spec.type_ == "NodePort" && spec.external_traffic_policy == "Local";
    (is_kept && !spec.selector.is_empty()).then_some("spec.externalTrafficPolicy")
}

/// Whether ordinary pods run on a node: it is ready, and neither cordoned nor kept for something.
fn is_open(node: &Node) -> bool {
    let ready = condition_of(&node.status.conditions, "Ready").is_some_and(|it| it.status == "True");
    ready && !node.spec.unschedulable && !node.spec.taints.iter().any(|taint| taint.effect != "PreferNoSchedule")
}

fn uneven(view: &View<'_>, service: &Service, field: &'static str, nodes: &BTreeSet<&str>) -> Option<Finding> {
    let slices = view.slices_of(&service.metadata.namespace, &service.metadata.name).iter();
    let ready = slices.flat_map(|slice| &slice.endpoints).filter(|endpoint| endpoint.conditions.ready != Some(false));
    let served: BTreeSet<&str> = ready.filter_map(|endpoint| endpoint.node_name.as_deref()).collect();
    let meant = of_daemon_set(view, service);
    let nodes = meant.as_ref().unwrap_or(nodes);
    let without: Vec<&str> = nodes.difference(&served).copied().collect();
    (!without.is_empty() && !served.is_empty()).then(|| statement(service, field, nodes.len(), &without))
}

/// The nodes that the DaemonSet behind a Service is for, when there is one: others are left out on purpose.
fn of_daemon_set<'a>(view: &View<'a>, service: &Service) -> Option<BTreeSet<&'a str>> {
    let daemons = view.templates_behind(service).find(|workload| workload.reference.kind == "DaemonSet")?;
    Some(view.nodes_for(&daemons.template.spec).into_iter().map(|node| node.metadata.name.as_str()).collect())
}

fn statement(service: &Service, field: &'static str, nodes: usize, without: &[&str]) -> Finding {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let object = service.reference();
    let policy = field.rsplit('.').next().unwrap_or_default();
    let title = format!(
        "Service {namespace}/{name} has {policy} Local and no endpoint on {} of {nodes} nodes; what starts there is dropped",
        without.len()
    );
    let more = if without.len() > NAMED { ", ..." } else { "" };
    let named = without.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    Finding::new("", Severity::Warning, object.clone(), title)
        .part(policy)
        .evidence(&object, field, "Local")
        .evidence(&object, "nodes without a ready endpoint", format!("{named}{more}"))
        .since(service.metadata.creation_timestamp.at())
        .look(format!("kubectl get pods -n {namespace} -o wide"))
        .look(format!("kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={name} -o yaml"))
        .patch("merge", &json!({"spec": {policy: "Cluster"}}))
}

const PAGE: &str = "\
With the traffic policy Local, a connection is only given to endpoints on the node where it enters,
and dropped where there is none. internalTrafficPolicy Local fits Services that a DaemonSet backs;
with externalTrafficPolicy Local at a NodePort, clients must know which nodes have a pod.

Looked at: internalTrafficPolicy, externalTrafficPolicy, the nodes of the ready endpoints, and all
nodes that are ready and open to ordinary pods (not cordoned, not tainted); behind a DaemonSet the
nodes that its template admits.

What to do: run a pod on every node (a DaemonSet), or set the policy to Cluster.

Harmless: when all clients run on the nodes that have an endpoint. Services of type LoadBalancer
are not reported for externalTrafficPolicy Local: the balancer leaves out nodes without endpoints.";
