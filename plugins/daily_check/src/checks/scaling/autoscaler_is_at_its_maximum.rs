//! An autoscaler wants more pods than its maximum allows.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-36",
    title: "an autoscaler is at its maximum and wants more",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("WRK-36", &["hpa-at-max"]),
};

const PAGE: &str = "\
For a quarter of an hour an autoscaler has wanted more pods than maxReplicas, and as many run as it
allows: the metric stays above its target, and the next rise of the load meets no reserve.

Looked at: the condition ScalingLimited (TooManyReplicas), since when, and the number of pods. Not
meant: a maximum that is equal to the minimum, which is a choice, and peaks that pass.

See also: kubectl sre explain hpa-at-max";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn later() -> Scenario {
        Scenario::captured("WRK-36").later(16)
    }

    #[test]
    fn a_maximum_that_is_too_low_is_told() {
        let findings = later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-wrk-36/web");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "it has scaled to its maximum of 3, and its metric asks for more");
        assert!(finding.remedies[1].command.contains("--max 4 "), "{:?}", finding.remedies);
    }

    #[test]
    fn a_peak_passes() {
        assert_eq!(Scenario::captured("WRK-36").later(5).judge(&CHECK), []);
    }

    #[test]
    fn a_minimum_that_is_the_maximum_is_a_choice() {
        assert_eq!(later().set("HorizontalPodAutoscaler", "web", "/spec/minReplicas", 3).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-36").later(16);
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
