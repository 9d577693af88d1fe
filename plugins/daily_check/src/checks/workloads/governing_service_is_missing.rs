//! A StatefulSet names a governing Service that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Service, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-11",
    title: "a StatefulSet's governing Service does not exist",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view)).collect(),
};

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    let service = Some(set.spec.service_name.as_str()).filter(|name| !name.is_empty())?;
    let namespace = set.metadata.namespace.as_str();
    let is_there = view.get::<Service>(namespace, service).is_some();
    let is_settled = !view.is_young(&set.metadata) && !view.is_going(&set.metadata);
    if is_there || !is_settled || set.spec.replicas == Some(0) || !view.knows(Kind::Service, namespace) {
        return None;
    }
    let object = set.reference();
    // Whoever looked for the others by name would not have become ready.
    let is_well = set.status.ready_replicas >= set.spec.replicas.unwrap_or(1);
    let severity = if is_well { Severity::Info } else { Severity::Critical };
    let title = format!("its governing Service {service} does not exist: its pods have no names in DNS");
    Some(
        Finding::new("WRK-11", severity, object.clone(), title)
            .part(service)
            .evidence(&object, "spec.serviceName", service)
            .since(set.metadata.creation_timestamp.at())
            .look(format!("kubectl get services -n {namespace}"))
            .look(format!("kubectl get statefulset {} -n {namespace} -o yaml", set.metadata.name)),
    )
}

const PAGE: &str = "\
The pods of a StatefulSet get their stable names in DNS (NAME-0.SERVICE.NAMESPACE.svc) from a
headless Service that the StatefulSet names. That Service does not exist, so members that look for
each other by name, as most databases do, do not find each other, although every pod may run.

It is info while every replica is ready: then nobody seems to need the names.

Looked at: spec.serviceName, and the Services of the namespace. A StatefulSet without one, or scaled
to zero, is not meant.

What to do: create the headless Service with the selector and ports of the StatefulSet;
spec.serviceName itself cannot be changed:
  kubectl get services -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_missing_governing_service_is_found() {
        let scenario = Scenario::captured("WRK-11").later(2);
        let well = scenario.clone().set("StatefulSet", "store", "/status/readyReplicas", 99).judge(&CHECK);
        assert_eq!(well.iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Info]);
        let findings = scenario.set("StatefulSet", "store", "/status/readyReplicas", 0).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-11/store");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "store-headless"));
        assert_eq!(finding.evidence[0].field, "spec.serviceName");
        assert_eq!(finding.remedies[1].command, "kubectl get statefulset store -n fault-wrk-11 -o yaml");
    }

    #[test]
    fn a_stateful_set_without_a_governing_service_is_let_be() {
        assert_eq!(
            Scenario::captured("WRK-11").later(2).set("StatefulSet", "store", "/spec/serviceName", "").judge(&CHECK),
            []
        );
    }

    #[test]
    fn a_service_that_is_there_is_no_trouble() {
        assert_eq!(Scenario::captured("WRK-10").later(2).judge(&CHECK), []);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("WRK-11").later(2).gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
