//! Two autoscalers scale the same target.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{HorizontalPodAutoscaler, Kind, Object};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-37",
    title: "two autoscalers scale the same target",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut targets: BTreeMap<(&str, &str, &str), Vec<&HorizontalPodAutoscaler>> = BTreeMap::new();
    for autoscaler in view.all::<HorizontalPodAutoscaler>().iter().filter(|it| !view.is_going(&it.metadata)) {
        let target = &autoscaler.spec.scale_target_ref;
        targets.entry((&autoscaler.metadata.namespace, &target.kind, &target.name)).or_default().push(autoscaler);
    }
    targets.values().filter(|sharing| sharing.len() > 1).map(|sharing| finding(sharing)).collect()
}

fn finding(sharing: &[&HorizontalPodAutoscaler]) -> Finding {
    let (first, others) = (sharing[0], &sharing[1..]);
    let names: Vec<&str> = others.iter().map(|it| it.metadata.name.as_str()).collect();
    let namespace = &first.metadata.namespace;
    let target = &first.spec.scale_target_ref;
    let title = format!("{} {} is scaled by {}, too: neither scales it", target.kind, target.name, names.join(", "));
    let finding = Finding::new("GAP-37", Severity::Warning, first.reference(), title).part(names.join(","));
    let finding = sharing.iter().fold(finding, |finding, autoscaler| {
        let bounds = format!("{} to {}", autoscaler.spec.min_replicas.unwrap_or(1), autoscaler.spec.max_replicas);
        finding.evidence(&autoscaler.reference(), "spec.minReplicas to spec.maxReplicas", bounds)
    });
    finding
        .since(sharing.iter().filter_map(|it| it.metadata.creation_timestamp.at()).max())
        .look(format!("kubectl get hpa -n {namespace}"))
        .change(format!("kubectl delete hpa {} -n {namespace} --dry-run=server", names[0]))
}

const PAGE: &str = "\
Two HorizontalPodAutoscalers name the same target. The controller takes neither as long as they choose
the same pods (AmbiguousSelector); older controllers let each undo what the other did. Typically one was
renamed and the old one was left, or an event-driven autoscaler brought its own.

Looked at: spec.scaleTargetRef of the autoscalers of a namespace.

What to do: leave one, and give it all the metrics:
  kubectl get hpa -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_are_named() {
        let findings = Scenario::captured("GAP-37").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-gap-37/web");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "Deployment web is scaled by web-old, too: neither scales it");
        assert_eq!(finding.evidence[1].value, "1 to 4");
        assert_eq!(finding.remedies[1].command, "kubectl delete hpa web-old -n fault-gap-37 --dry-run=server");
    }

    #[test]
    fn another_target_is_not_the_same() {
        let name = "/spec/scaleTargetRef/name";
        assert_eq!(
            Scenario::captured("GAP-37").set("HorizontalPodAutoscaler", "web-old", name, "api").judge(&CHECK),
            []
        );
    }

    #[test]
    fn one_that_is_being_deleted_is_gone() {
        let when = "/metadata/deletionTimestamp";
        let going =
            Scenario::captured("GAP-37").set("HorizontalPodAutoscaler", "web-old", when, "2026-01-01T00:00:00Z");
        assert_eq!(going.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-37");
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
