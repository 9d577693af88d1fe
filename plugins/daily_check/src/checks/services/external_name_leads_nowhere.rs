//! A Service that stands for a name or for endpoints of its own leads nowhere.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::service_names::named_by;
use sre_core::slim::{Kind, Object, Service, StatefulSet};
use sre_core::view::View;
use std::net::IpAddr;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-67",
    title: "a Service without pods of its own leads nowhere",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::EndpointSlice), Sight::Of(Kind::StatefulSet)],
    page: PAGE,
    run: |view| view.all::<Service>().iter().filter_map(|service| judge(service, view)).collect(),
};

fn judge(service: &Service, view: &View<'_>) -> Option<Finding> {
    if !view.is_settled(&service.metadata) {
        return None;
    }
    match service.spec.type_.as_str() {
        "ExternalName" => of_name(service, view),
        _ => of_endpoints(service, view),
    }
}

/// Severity and words for a name that cannot resolve.
fn of_name(service: &Service, view: &View<'_>) -> Option<Finding> {
    let target = service.spec.external_name.as_str();
    let (severity, why) = trouble(target, view)?;
    let object = service.reference();
    let title = format!("Service {} stands for {target}, {why}", service.metadata.name);
    let finding = statement(service, severity, title).evidence(&object, "spec.externalName", target);
    Some(match named_by(target) {
        Some(named) => {
            let missing = ObjectRef::namespaced("Service", named.namespace, named.name);
            finding.evidence(&missing, "metadata.name", "not found")
        }
        None => finding,
    })
}

fn trouble(target: &str, view: &View<'_>) -> Option<(Severity, &'static str)> {
    if target.parse::<IpAddr>().is_ok() {
        return Some((Severity::Info, "which is an address: an ExternalName must be a name"));
    }
    if let Some(named) = named_by(target) {
        let is_missing =
            view.knows(Kind::Service, named.namespace) && view.get::<Service>(named.namespace, named.name).is_none();
        return is_missing.then_some((Severity::Warning, "a Service that does not exist"));
    }
    let is_single = !target.trim_end_matches('.').contains('.') && target != "localhost";
    is_single.then_some((Severity::Info, "which is no fully qualified name: aliases are not completed"))
}

/// A headless Service without a selector is only as good as the endpoints that somebody writes for it.
fn of_endpoints(service: &Service, view: &View<'_>) -> Option<Finding> {
    let (spec, metadata) = (&service.spec, &service.metadata);
    let is_headless = spec.cluster_ip == "None" && spec.selector.is_empty();
    let is_kept = metadata.controller().is_some() || governs(service, view);
    let knows = view.knows(Kind::EndpointSlice, &metadata.namespace);
    if !is_headless || is_kept || !knows || !view.slices_of(&metadata.namespace, &metadata.name).is_empty() {
        return None;
    }
    let object = service.reference();
    let title = format!("headless Service {} has no selector, and nobody gave it endpoints", metadata.name);
    let finding = statement(service, Severity::Info, title).evidence(&object, "spec.selector", "not set");
    Some(finding.evidence(&object, "EndpointSlices", "none"))
}

fn governs(service: &Service, view: &View<'_>) -> bool {
    let (namespace, name) = (&service.metadata.namespace, &service.metadata.name);
    let mut sets = view.all::<StatefulSet>().iter().filter(|set| set.metadata.namespace == *namespace);
    !view.knows(Kind::StatefulSet, namespace) || sets.any(|set| set.spec.service_name == *name)
}

fn statement(service: &Service, severity: Severity, title: String) -> Finding {
    let (name, namespace) = (&service.metadata.name, &service.metadata.namespace);
    Finding::new("GAP-67", severity, service.reference(), title)
        .since(service.metadata.creation_timestamp.at())
        .look(format!("kubectl describe service {name} -n {namespace}"))
}

const PAGE: &str = "\
A Service of type ExternalName is an alias in the DNS, and a headless Service without a selector
answers with endpoints that somebody else writes. This one cannot resolve: the alias is for a Service
that does not exist (a warning), for an address, or for a name without a domain, which is not
completed as names in a pod are; or nobody has written endpoints (info).

Looked at: spec.externalName, selector and clusterIP of Services, EndpointSlices, and the Services
that NAME.NAMESPACE.svc names. An alias for a Service that exists is not reported.

What to do: write the whole name, or make what is missing:
  kubectl patch service NAME -n NAMESPACE --type=merge -p '{\"spec\":{\"externalName\":\"db.example.com\"}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-67").later(2)
    }

    #[test]
    fn aliases_and_endpoints_that_are_not_there_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, Severity)> = findings.iter().map(|it| (it.object.name.as_str(), it.severity)).collect();
        let info = Severity::Info;
        assert_eq!(said, [("address", info), ("db", Severity::Warning), ("empty", info), ("single", info)]);
        assert_eq!(
            findings[1].title,
            "Service db stands for postgres.fault-gap-67.svc.cluster.local, a Service that does not exist"
        );
        assert_eq!(findings[1].evidence[1].object.to_string(), "Service/fault-gap-67/postgres");
        assert_eq!(findings[1].remedies[0].command, "kubectl describe service db -n fault-gap-67");
    }

    #[test]
    fn an_alias_that_resolves_is_not_meant() {
        let field = "/spec/externalName";
        let there = settled().set("Service", "db", field, "empty.fault-gap-67.svc.cluster.local");
        assert!(there.judge(&CHECK).iter().all(|finding| finding.object.name != "db"));
        let outside = settled().set("Service", "single", field, "db.example.com");
        assert!(outside.judge(&CHECK).iter().all(|finding| finding.object.name != "single"));
    }

    #[test]
    fn endpoints_by_hand_and_controllers_are_enough() {
        let told = |scenario: Scenario| scenario.judge(&CHECK).iter().any(|finding| finding.object.name == "empty");
        let slice = serde_json::json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "by-hand", "namespace": "fault-gap-67", "labels": {"kubernetes.io/service-name": "empty"}}
        });
        assert!(!told(settled().with(slice)));
        assert!(!told(settled().gap(Sight::Of(Kind::EndpointSlice), GapReason::Forbidden)));
        assert!(!told(settled().set("Service", "empty", "/spec/selector", serde_json::json!({ "app": "x" }))));
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
