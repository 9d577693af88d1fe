//! An autoscaler gets no values for its metrics.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-37",
    title: "an autoscaler cannot read its metrics",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::APIService), Sight::Of(Kind::Deployment), Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("WRK-37", &["hpa-metrics-unavailable"]),
};

const PAGE: &str = "\
An autoscaler has read no value of its metrics for five minutes. It leaves the number of pods as it is:
more load is not met, and after a night of little load too many pods stay.

It is a symptom: a metrics API that is down (CTL-05), pods without requests (WRK-40) or pods that are
not ready come first and explain it.

Looked at: the condition ScalingActive and its reason. Not meant: targets that are scaled to zero, and
new pods, which have no metrics at first.

See also: kubectl sre explain hpa-metrics-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_reason_is_told() {
        let findings = Scenario::captured("WRK-37").later(6).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-wrk-37/worker");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "it gets no values for its metrics (FailedGetExternalMetric): it scales nothing");
        assert!(finding.evidence[0].value.contains("queue_length"), "{:?}", finding.evidence);
        assert_eq!(finding.evidence[1].value, "External");
    }

    #[test]
    fn metrics_come_a_little_after_the_pods() {
        assert_eq!(Scenario::captured("WRK-37").later(2).judge(&CHECK), []);
    }

    #[test]
    fn a_target_that_is_scaled_to_zero_needs_no_metrics() {
        let scenario = Scenario::captured("WRK-37").later(6);
        let conditions = scenario.field("HorizontalPodAutoscaler", "worker", "/status/conditions").as_array().unwrap();
        let place = conditions.iter().position(|it| it["type"] == "ScalingActive").unwrap();
        let field = format!("/status/conditions/{place}/reason");
        let off = scenario.set("HorizontalPodAutoscaler", "worker", &field, "ScalingDisabled");
        assert_eq!(off.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-37").later(6);
        let findings = scenario.gap(Sight::Of(Kind::HorizontalPodAutoscaler), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(
            findings[0].title.contains("HorizontalPodAutoscaler was not seen whole (forbidden)"),
            "{}",
            findings[0].title
        );
    }
}
