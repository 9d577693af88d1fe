//! The cloud does not create or update a load balancer.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::{Object, Service};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "loadbalancer-provisioning-failed",
    page: PAGE,
    recognise: |view| view.all::<Service>().iter().filter_map(|service| judge(service, view)).collect(),
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is(&[
                "SyncLoadBalancerFailed",
                "CreatingLoadBalancerFailed",
                "UpdateLoadBalancerFailed",
                "EnsureLoadBalancerFailed",
                "FailedDeployModel",
                "FailedBuildModel",
            ])
        },
        |_| "the cloud does not make the load balancer".to_owned(),
    )),
    ..Class::SILENT
};

/// How long a cloud may take.
const PATIENCE_MINUTES: i64 = 10;

fn judge(service: &Service, view: &View<'_>) -> Option<Finding> {
    let (spec, metadata) = (&service.spec, &service.metadata);
    let is_pending = spec.type_ == "LoadBalancer" && service.status.load_balancer.ingress.is_empty();
    // Whoever sets addresses by hand does not wait for one.
    let waits = spec.external_ips.is_empty() && !view.is_going(metadata);
    let made = metadata.creation_timestamp.at();
    if !is_pending || !waits || !view.is_older_than_minutes(made, PATIENCE_MINUTES) {
        return None;
    }
    let object = service.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let who = match spec.load_balancer_class.as_deref() {
        Some(class) => format!("whatever serves the class {class}"),
        None => "the cloud or load balancer controller".to_owned(),
    };
    let title = format!("Service {name} has no address: {who} has given none");
    let finding = Finding::new("", Severity::Warning, object.clone(), title)
        .evidence(&object, "spec.type", "LoadBalancer")
        .evidence(&object, "status.loadBalancer.ingress", "empty");
    let said = view.events_about(&object).iter().find(|event| event.type_ == "Warning");
    let finding = match said {
        Some(event) => finding.evidence(&object, format!("event {}", event.reason), event.message.as_str()),
        None => finding,
    };
    let finding = finding.since(made).look(format!("kubectl describe service {name} -n {namespace}"));
    Some(finding.look("kubectl get services -A --field-selector spec.type=LoadBalancer"))
}

const PAGE: &str = "\
A Service asks for a load balancer and has had no address for ten minutes or more, so that nobody
reaches it from outside. A cloud takes a few minutes at most; where no controller makes load
balancers (a bare cluster) the address never comes.

Looked at: spec.type and status.loadBalancer of Services, and the newest Warning event about them.
Those with spec.externalIPs are left out.

What to do: read the events; they name quotas, subnets and rights of the cloud. Without such a
controller use NodePort, an Ingress, or install one (MetalLB, kube-vip, a cloud's):
  kubectl describe service NAME -n NAMESPACE";
