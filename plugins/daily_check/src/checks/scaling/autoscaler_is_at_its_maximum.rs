//! An autoscaler wants more pods than its maximum allows.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::ControllerCondition;
use sre_core::slim::{HorizontalPodAutoscaler, Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-36",
    title: "an autoscaler is at its maximum and wants more",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.all::<HorizontalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// A peak passes.
const PEAK_MINUTES: i64 = 15;

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let limited = condition_of(&autoscaler.status.conditions, "ScalingLimited");
    let limited = limited.filter(|it| it.status == "True" && it.reason == "TooManyReplicas")?;
    let (least, most) = (autoscaler.spec.min_replicas.unwrap_or(1), autoscaler.spec.max_replicas);
    let is_full = autoscaler.status.current_replicas >= most && least < most;
    let lasts = view.is_older_than_minutes(limited.last_transition_time.at(), PEAK_MINUTES);
    (is_full && lasts && !view.is_going(&autoscaler.metadata)).then(|| finding(autoscaler, limited, most))
}

fn finding(autoscaler: &HorizontalPodAutoscaler, limited: &ControllerCondition, most: i32) -> Finding {
    let object = autoscaler.reference();
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let title = format!("it has scaled to its maximum of {most}, and its metric asks for more");
    Finding::new("WRK-36", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "spec.maxReplicas", most.to_string())
        .evidence(&object, "status.currentReplicas", autoscaler.status.current_replicas.to_string())
        .evidence(&object, "status.conditions[ScalingLimited].message", limited.message.trim())
        .since(limited.last_transition_time.at())
        .look(format!("kubectl describe hpa {name} -n {namespace}"))
        .change(format!(
            "kubectl patch hpa {name} -n {namespace} --type=merge -p '{{\"spec\":{{\"maxReplicas\":{}}}}}' --dry-run=server",
            most.saturating_add((most / 2).max(1))
        ))
}

const PAGE: &str = "\
For a quarter of an hour an autoscaler has wanted more pods than maxReplicas, and as many run as it
allows: the metric stays above its target, and the next rise of the load meets no reserve.

Looked at: the condition ScalingLimited (TooManyReplicas), since when, and the number of pods. Not
meant: a maximum that is equal to the minimum, which is a choice, and peaks that pass.

Follows from something else: pods that crash or cannot be placed leave the work to the others.

What to do: see whether the nodes have room, and raise the maximum; or find what has become slow:
  kubectl describe hpa NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(finding.remedies[1].command.contains("\"maxReplicas\":4"), "{:?}", finding.remedies);
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
