//! A Service of type LoadBalancer has no address.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Service};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-09",
    title: "a Service of type LoadBalancer has no address",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<Service>().iter().filter_map(|service| judge(service, view)).collect(),
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
    let finding = Finding::new("NET-09", Severity::Warning, object.clone(), title)
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

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn waited() -> Scenario {
        Scenario::captured("NET-09").later(PATIENCE_MINUTES)
    }

    #[test]
    fn an_address_that_does_not_come_is_told() {
        let findings = waited().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-net-09/shop");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "Service shop has no address: the cloud or load balancer controller has given none");
        assert_eq!((finding.evidence[1].value.as_str(), finding.since.is_some()), ("empty", true));
        assert_eq!(finding.remedies[0].command, "kubectl describe service shop -n fault-net-09");
    }

    #[test]
    fn a_cloud_is_given_time() {
        assert_eq!(Scenario::captured("NET-09").judge(&CHECK), []);
    }

    #[test]
    fn an_address_or_one_set_by_hand_is_enough() {
        let address = serde_json::json!([{ "ip": "192.0.2.10" }]);
        let given = waited().set("Service", "shop", "/status/loadBalancer/ingress", address);
        assert_eq!(given.judge(&CHECK), []);
        let by_hand = waited().set("Service", "shop", "/spec/externalIPs", serde_json::json!(["192.0.2.10"]));
        assert_eq!(by_hand.judge(&CHECK), []);
        assert_eq!(waited().set("Service", "shop", "/spec/type", "NodePort").judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = waited().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
