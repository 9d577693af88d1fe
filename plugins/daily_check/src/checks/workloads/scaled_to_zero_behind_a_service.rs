//! A workload is scaled to zero, and a Service or an Ingress still sends to it.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-06",
    title: "a Service or an Ingress sends to a workload that is scaled to zero",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[Sight::Of(Kind::Ingress), Sight::Of(Kind::HorizontalPodAutoscaler), Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("WRK-06", &["scaled-to-zero"]),
};

const PAGE: &str = "\
A Deployment or StatefulSet is scaled to zero, and the Service that selects its pods selects no others:
whoever calls it gets no answer. When an Ingress sends to that Service, users get an error page, and it
is a warning; otherwise it is information, for it may be meant so.

Looked at: spec.replicas, the selectors of the Services of the namespace, the backends of the Ingresses.
Not meant: workloads that an event-driven autoscaler wakes, and Services that have other workloads.

See also: kubectl sre explain scaled-to-zero";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("WRK-06").later(2)
    }

    #[test]
    fn an_ingress_makes_it_a_warning() {
        let findings = settled().judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.severity)).collect();
        assert_eq!(all, [("api", Severity::Info), ("web", Severity::Warning)]);
        assert_eq!(findings[0].title, "it is scaled to zero, and Service api has nobody else behind it");
        assert_eq!(findings[1].title, "it is scaled to zero, and Ingress shop sends to it by Service web");
        assert_eq!(
            findings[1].remedies[1].command,
            "kubectl sre scale deployment/web --replicas 1 -n fault-wrk-06 --dry-run"
        );
    }

    #[test]
    fn a_workload_that_wants_pods_is_not_meant() {
        let up = settled().set("Deployment", "web", "/spec/replicas", 1);
        assert_eq!(up.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_workload_that_no_service_selects_is_at_rest() {
        assert_eq!(settled().without("Service", "").judge(&CHECK), []);
    }

    #[test]
    fn an_event_driven_autoscaler_wakes_its_target() {
        let scaled = settled().with(serde_json::json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "keda-hpa-web", "namespace": "fault-wrk-06"},
            "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}
        }));
        assert_eq!(scaled.judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-06").later(2);
        let findings = scenario.gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
