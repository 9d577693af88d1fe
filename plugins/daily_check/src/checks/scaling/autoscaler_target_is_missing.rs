//! An autoscaler's target does not exist, or cannot be scaled.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-39",
    title: "an autoscaler's target does not exist",
    section: Section::Scaling,
    examines: &[
        Sight::Of(Kind::HorizontalPodAutoscaler),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("WRK-39", &["hpa-target-missing"]),
};

const PAGE: &str = "\
A HorizontalPodAutoscaler names what it scales by kind and name. That object is not there, or its
kind cannot be scaled: typically after a workload was renamed, or was moved and its autoscaler was
not.

Looked at: spec.scaleTargetRef against the Deployments, StatefulSets and ReplicaSets of the
namespace; for other kinds the condition AbleToScale (FailedGetScale).

See also: kubectl sre explain hpa-target-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_target_that_was_renamed_is_found() {
        let findings = Scenario::captured("WRK-39").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-wrk-39/web");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("hpa-target-missing")));
        assert_eq!(finding.evidence[0].value, "Deployment/web");
        assert!(finding.evidence[1].value.starts_with("FailedGetScale: "), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[0].command, "kubectl describe hpa web -n fault-wrk-39");
    }

    #[test]
    fn a_target_that_is_there_is_no_trouble() {
        let named = Scenario::captured("WRK-39").later(2).set(
            "HorizontalPodAutoscaler",
            "web",
            "/spec/scaleTargetRef/name",
            "web-v2",
        );
        assert_eq!(named.judge(&CHECK), []);
    }

    #[test]
    fn of_other_kinds_the_controller_tells() {
        let of_kind = |kind: &str| {
            Scenario::captured("WRK-39").later(2).set(
                "HorizontalPodAutoscaler",
                "web",
                "/spec/scaleTargetRef/kind",
                kind,
            )
        };
        assert_eq!(of_kind("Rollout").judge(&CHECK).len(), 1);
        let quiet =
            of_kind("Rollout").set("HorizontalPodAutoscaler", "web", "/status/conditions", serde_json::json!([]));
        assert_eq!(quiet.judge(&CHECK), []);
    }

    #[test]
    fn targets_that_could_not_be_listed_leave_it_undecided() {
        let quiet = Scenario::captured("WRK-39").later(2).set(
            "HorizontalPodAutoscaler",
            "web",
            "/status/conditions",
            serde_json::json!([]),
        );
        let findings = quiet.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
