//! Pods behind a Service have no readiness probe.

use super::{NOT_OURS, Opinion, lasting, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Service};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-41",
    title: "pods behind a Service have no readiness probe",
    section: Section::Opinions,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::DaemonSet)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<ObjectRef, Opinion> = BTreeMap::new();
    for service in view.all::<Service>().iter().filter(|service| service.metadata.namespace != NOT_OURS) {
        let wanted = view.templates_behind(service).filter(|workload| workload.wanted > 0);
        let behind =
            wanted.filter(|it| matches!(it.reference.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet"));
        for workload in behind {
            let has_probe = lasting(&workload.template.spec).any(|it| it.readiness_probe.is_some());
            let has_gate = !workload.template.spec.readiness_gates.is_empty();
            if !has_probe && !has_gate {
                let name = &service.metadata.name;
                found.entry(workload.reference.clone()).or_insert_with(|| Opinion {
                    title: format!(
                        "Service {name} sends to its pods as soon as they run: they have no readiness probe"
                    ),
                    field: format!("{}.containers[].readinessProbe", workload.pod_spec_field),
                    value: "not set".to_owned(),
                    object: workload.reference,
                });
            }
        }
    }
    let opinions: Vec<Opinion> = found.into_values().collect();
    stated("POD-41", "workloads behind Services have no readiness probe", &opinions, view)
}

const PAGE: &str = "\
Without a readiness probe a pod counts as ready the moment its containers run. Its Service sends to it
while it still loads, with every rollout, and goes on when it hangs.

Looked at: the templates of workloads that a Service selects. A probe of one container is enough.

What to do: probe what the Service's clients need:
  kubectl explain deployment.spec.template.spec.containers.readinessProbe";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_service_is_named() {
        let findings = Scenario::captured("POD-41").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-pod-41/web");
        assert_eq!(findings[0].severity, Severity::Info);
        let title = "Service web sends to its pods as soon as they run: they have no readiness probe";
        assert_eq!(findings[0].title, title);
    }

    #[test]
    fn a_probe_of_one_container_is_enough() {
        let field = "/spec/template/spec/containers/0/readinessProbe";
        let probe = serde_json::json!({"tcpSocket": {"port": 8080}});
        assert_eq!(Scenario::captured("POD-41").set("Deployment", "web", field, probe).judge(&CHECK), []);
    }

    #[test]
    fn pods_that_no_service_selects_need_none() {
        assert_eq!(Scenario::captured("POD-41").without("Service", "").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-41");
        let findings = scenario.gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
